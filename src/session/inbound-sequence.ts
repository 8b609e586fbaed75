/** Counts what arrives in a session with stateful reconnect, drops what came before, and keeps what cannot be taken yet (HUB_PROTOCOL §9, "Receiver"). */
import { Fifo } from "../common/fifo.js";
import { LimitError, ProtocolError } from "../errors/call-errors.js";
import type { HubMessage } from "../protocol/messages.js";

/** What a peer may send, in UTF-16 units or bytes, while nothing is taken. It should stop far earlier, when its own buffer is full. */
const MAXIMUM_HELD_SIZE = 4 * 1024 * 1024;

/** What is acknowledged although it is only kept: peers give up when they hear nothing for five seconds, and a hub method may take longer. */
const ACKNOWLEDGED_HELD_SIZE = 1024 * 1024;

interface Held {
  readonly message: HubMessage;
  readonly isTracked: boolean;
  /** Of the chunk that it was the last of; the others in there have none. */
  size: number;
}

/** The inbound half of {@link Continuity}. */
export class InboundSequence {
  readonly #deliver: (message: HubMessage) => void;
  readonly #held = new Fifo<Held>();
  #newestHeld: Held | undefined; // there as long as anything is held
  #holds = 0;
  #heldSize = 0;
  #next = 1;
  #highest = 0;
  #processed = 0;

  constructor(deliver: (message: HubMessage) => void) {
    this.#deliver = deliver;
  }

  /** Id of the newest message that arrived. */
  get newest(): number {
    return this.#highest;
  }

  /** Id of the newest message to acknowledge: what is kept will be handed over, but a peer that sends too much of it has to wait. */
  get acknowledgeable(): number {
    return this.#heldSize < ACKNOWLEDGED_HELD_SIZE ? this.#highest : this.#processed;
  }

  /** A message arrived: hands it over, now or on {@link release}, unless it came before. */
  take(message: HubMessage, isTracked: boolean): void {
    if (isTracked && !this.#isNew()) return;
    if (this.#holds > 0 || this.#held.size > 0) this.#held.push((this.#newestHeld = { message, isTracked, size: 0 }));
    else this.#hand(message, isTracked);
  }

  /** A tracked message arrived that nobody is to get. @returns whether it did not come before. */
  count(): boolean {
    const isNew = this.#isNew();
    if (isNew) this.#processed++;
    return isNew;
  }

  /** The peer says which id comes next. @throws ProtocolError when messages in front of it are missing. */
  continueWith(id: number): void {
    // Not what came last: that may have been a message again, over a connection that broke before the newest one came again too.
    const expected = this.#highest + 1;
    if (id > expected) {
      throw new ProtocolError(`Message ${expected} is missing.`);
    }
    this.#next = id;
  }

  /** Stops handing over. */
  hold(): void {
    this.#holds++;
  }

  /** Hands over what waits, unless somebody else holds it back too. */
  release(): void {
    this.#holds--;
    while (this.#holds === 0) {
      const held = this.#held.shift();
      if (held === undefined) break;
      this.#heldSize -= held.size;
      this.#hand(held.message, held.isTracked);
    }
    if (this.#held.size === 0) this.#newestHeld = undefined;
  }

  /** This much has arrived. @throws LimitError when it cannot be kept. */
  noteSize(size: number): void {
    if (this.#newestHeld === undefined) return;
    this.#newestHeld.size += size;
    this.#heldSize += size;
    if (this.#heldSize > MAXIMUM_HELD_SIZE) {
      throw new LimitError("maximumWaitingSize", "Too much arrives.");
    }
  }

  /** The session is over. */
  end(): void {
    this.#held.takeAll();
  }

  #isNew(): boolean {
    const id = this.#next++;
    if (id <= this.#highest) return false;
    this.#highest = id;
    return true;
  }

  #hand(message: HubMessage, isTracked: boolean): void {
    if (isTracked) this.#processed++;
    this.#deliver(message);
  }
}

/** The server's end of stateful reconnect: keeps what the hub cannot take yet, and still reads the acknowledgements behind it (HUB_PROTOCOL §9). */
import { Fifo } from "../common/fifo.js";
import { LimitError } from "../errors/call-errors.js";
import { isTracked, MessageType, type HubMessage } from "../protocol/messages.js";
import type { ChannelReceiver } from "../session/message-channel.js";
import { ResumableChannel } from "../session/resumable-channel.js";
import type { SessionOptions } from "../session/session-options.js";

/** What a client may send, in UTF-16 units or bytes, while nothing is taken. It should stop far earlier, when its own buffer is full. */
const MAXIMUM_HELD_SIZE = 4 * 1024 * 1024;

/** What is acknowledged although it is only kept: clients give up when they hear nothing for five seconds, and a hub method may take longer. */
const ACKNOWLEDGED_HELD_SIZE = 1024 * 1024;

/** What such a channel goes by. */
export interface HeldOptions {
  /** See {@link ResumableChannel}. */
  readonly bufferSize: number;
  /** Likewise. */
  readonly isExact: boolean;
  /** The connection broke. @returns whether the client may come back. */
  onDetached(error: Error): boolean;
}

interface Held {
  readonly message: HubMessage;
  /** Of the chunk that it was the last of; the others in there have none. */
  size: number;
}

/** A {@link ResumableChannel} that can be told to hand nothing over for a while. */
export class HeldChannel extends ResumableChannel {
  readonly #held = new Fifo<Held>();
  #newestHeld: Held | undefined; // there as long as anything is held
  #heldTracked = 0;
  #heldSize = 0;
  #holds = 0;
  readonly #options: HeldOptions;

  constructor(session: SessionOptions, receiver: ChannelReceiver, options: HeldOptions) {
    super(session, receiver, options.bufferSize, options.isExact);
    this.#options = options;
  }

  /** Keeps what arrives from now on; what is about counting is read all the same. */
  hold(): void {
    this.#holds++;
  }

  /** Hands over what was kept, unless somebody else holds it back too. */
  release(): void {
    this.#holds--;
    while (this.#holds === 0) {
      const held = this.#held.shift();
      if (held === undefined) break;
      this.#heldSize -= held.size;
      this.#count(held.message, -1);
      super.take(held.message);
    }
    if (this.#held.size === 0) this.#newestHeld = undefined;
  }

  // What arrives may be more than can be kept.
  protected override onChunk(size: number): void {
    if (this.#newestHeld !== undefined) {
      this.#newestHeld.size += size;
      this.#heldSize += size;
      if (this.#heldSize > MAXIMUM_HELD_SIZE) throw new LimitError("maximumWaitingSize", "Too much arrives.");
    }
    super.onChunk(size);
  }

  /** Forgets what was kept, too. */
  override end(reason: () => Error): void {
    super.end(reason);
    this.#held.takeAll();
  }

  protected override onDetached(error: Error): boolean {
    return this.#options.onDetached(error);
  }

  protected override take(message: HubMessage): void {
    // Who leaves acknowledges nothing more; what is kept in front of the Close must not wait for that.
    if (message.type === MessageType.Close) this.sent.waive();
    if (this.#holds === 0 && this.#held.size === 0) return super.take(message);
    this.#held.push((this.#newestHeld = { message, size: 0 }));
    this.#count(message, 1);
  }

  /** What is kept will be handed over, but a client that sends too much of it has to wait. */
  protected override get acknowledgeable(): number {
    return this.#heldSize < ACKNOWLEDGED_HELD_SIZE ? this.newest : this.newest - this.#heldTracked;
  }

  #count({ type }: HubMessage, by: 1 | -1): void {
    if (isTracked(type)) this.#heldTracked += by;
    if (this.peer && type === MessageType.CancelInvocation) this.peer.waitingEnds += by;
  }
}

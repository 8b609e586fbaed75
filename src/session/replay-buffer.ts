/** Remembers what was sent until the peer has acknowledged it (HUB_PROTOCOL §9, "Sender"); only sessions with stateful reconnect have one. */
import { Deferred, ignoreRejection } from "../common/deferred.js";
import { Fifo } from "../common/fifo.js";
import { LimitError } from "../errors/call-errors.js";
import type { Encoded } from "../protocol/hub-protocol.js";
import { WRITTEN } from "./message-writer.js";

/** What may wait for acknowledgement however much applications send without looking (UTF-16 units or bytes). */
const MAXIMUM_SIZE = 16 * 1024 * 1024;

/** Encoded messages with their ids, which are only counted: the first message after the handshake is 1. */
export class ReplayBuffer {
  #limit: number;
  readonly #messages = new Fifo<Encoded>();
  #acknowledged = 0;
  #size = 0;
  #room: Deferred<void> | undefined;

  /** @param limit Size (UTF-16 units or bytes) from which on writers have to wait. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Id of the newest message that the peer has acknowledged; 0 before the first. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Id of the newest message. */
  get newest(): number {
    return this.#acknowledged + this.#messages.size;
  }

  /** What would have to be sent again if the connection broke now, in UTF-16 units or bytes. */
  get size(): number {
    return this.#size;
  }

  /** Whether writers have to wait. */
  get isFull(): boolean {
    return this.#size >= this.#limit;
  }

  /** @throws LimitError when applications went on writing for far too long without waiting. */
  assertRoom(): void {
    if (this.#size > MAXIMUM_SIZE) {
      throw new LimitError("maximumWaitingSize", "Too much is not acknowledged.");
    }
  }

  /** Remembers a message. @returns {@link WRITTEN}, or a promise for room for more; the message itself is not held back. */
  add(data: Encoded): Promise<void> {
    this.#messages.push(data);
    this.#size += data.length;
    return this.whenRoom();
  }

  /** @returns {@link WRITTEN}, or a promise for room. */
  whenRoom(): Promise<void> {
    if (!this.isFull) return WRITTEN;
    if (this.#room === undefined) {
      this.#room = new Deferred();
      ignoreRejection(this.#room.promise); // shared by writers of whom not all look
    }
    return this.#room.promise;
  }

  /** Forgets everything up to this id. Ids that were acknowledged before, or never sent, mean nothing more. */
  acknowledge(id: number): void {
    while (this.#acknowledged < id && this.#messages.size > 0) {
      this.#size -= this.#messages.shift()?.length ?? 0;
      this.#acknowledged++;
    }
    if (this.isFull) return;
    this.#room?.resolve();
    this.#room = undefined;
  }

  /** Nobody waits for acknowledgements any more. */
  waive(): void {
    this.#limit = Infinity;
    this.acknowledge(0);
  }

  /** Counts messages of somebody else's in front of those that are remembered. */
  skip(count: number): void {
    this.#acknowledged += count;
  }

  /** Everything that has to be sent again. */
  get unacknowledged(): Iterable<Encoded> {
    return this.#messages;
  }

  /** The session is over: whoever waits for room learns why. @param reason Makes the error. */
  end(reason: () => Error): void {
    this.#messages.takeAll();
    this.#room?.reject(reason());
    this.#room = undefined;
  }
}

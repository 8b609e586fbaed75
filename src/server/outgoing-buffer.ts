/** What is written to a Long Polling client and waits for its next poll. */
import { Deferred, ignoreRejection } from "../common/deferred.js";
import type { Encoded } from "../protocol/hub-protocol.js";

/** Keeps chunks until somebody takes them all. Beyond its size whoever writes has to wait. */
export class OutgoingBuffer {
  readonly #maximumSize: number;
  #chunks: Encoded[] = [];
  #size = 0;
  #room: Deferred<void> | undefined;

  /** @param maximumSize Of all chunks together, in UTF-16 units or bytes. */
  constructor(maximumSize: number) {
    this.#maximumSize = maximumSize;
  }

  /** Whether there is nothing to take. */
  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Adds a chunk. */
  push(chunk: Encoded): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /** Takes everything. Whoever waits for room goes on. */
  takeAll(): Encoded {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#size = 0;
    this.#room?.resolve();
    this.#room = undefined;
    const [first = ""] = chunks;
    return chunks.length <= 1 ? first : joined(chunks);
  }

  /** @returns nothing when there is room, else a promise that fulfils when there is. */
  whenRoom(): Promise<void> | undefined {
    if (this.#size <= this.#maximumSize) return undefined;
    return (this.#room ??= new Deferred()).promise;
  }

  /** Nobody will take anything any more. */
  drop(error: Error): void {
    this.#chunks = [];
    if (this.#room === undefined) return;
    ignoreRejection(this.#room.promise);
    this.#room.reject(error);
  }
}

function joined(chunks: readonly Encoded[]): Encoded {
  if (chunks.every((chunk) => typeof chunk === "string")) return chunks.join("");
  return Buffer.concat(chunks.map((chunk) => (typeof chunk === "string" ? Buffer.from(chunk) : chunk)));
}

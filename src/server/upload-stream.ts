/** A stream that a client uploads, as the hub method reads it: buffers a few items, then pauses the client's connection. */
import { HubError } from "../errors/call-errors.js";
import type { CompletionMessage } from "../protocol/messages.js";
import type { Receiver } from "../session/invocation-table.js";
import { ItemQueue } from "../session/item-queue.js";
import type { ReadGate } from "./read-gate.js";

/** What an upload needs of its connection. */
export interface UploadStreamOptions {
  /** Items that may wait. */
  readonly capacity: number;
  readonly gate: ReadGate;
  /** Nobody reads any more; the upload is to be closed. */
  readonly onAbandoned: () => void;
}

/** The receiving end of one upload. */
export class UploadStream implements Receiver {
  /** What the hub method gets. */
  readonly items: ItemQueue<unknown>;
  #capacity: number;
  readonly #gate: ReadGate;
  #isFull = false;

  constructor({ capacity, gate, onAbandoned }: UploadStreamOptions) {
    this.#capacity = capacity;
    this.#gate = gate;
    this.items = new ItemQueue({ onTaken: () => this.#update(this.items.size), onAbandoned });
  }

  onItem(item: unknown): void {
    this.items.push(item);
    this.#update(this.items.size);
  }

  onCompletion(message: CompletionMessage): void {
    this.#end(message.error == null ? undefined : new HubError(message.error));
  }

  onFailed(error: Error): void {
    this.#end(error);
  }

  /** The call is over: nobody reads what is left. */
  discard(): void {
    void this.items.return();
    this.#update(0);
  }

  // What is left in the buffer is no reason to wait any more: nothing is added to it.
  #end(error: Error | undefined): void {
    this.#capacity = Infinity;
    this.items.end(error);
    this.#update(0);
  }

  #update(size: number): void {
    const isFull = size >= this.#capacity;
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    if (isFull) this.#gate.hold();
    else this.#gate.release();
  }
}

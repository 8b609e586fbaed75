/** Lets pushed items be pulled with `for await`: streams that arrive at either end are read through it. */
import { Deferred } from "../common/deferred.js";
import { Fifo } from "../common/fifo.js";

/** Told about the reader's side of an {@link ItemQueue}. */
export interface ItemQueueReader {
  /** The reader took an item; room may have become free. */
  onTaken?(): void;
  /** The reader left the loop early; nothing more will be read. */
  onAbandoned?(): void;
}

/** A queue with one writer that pushes and one reader that iterates; several reads at once get an item each. */
export class ItemQueue<T> implements AsyncIterableIterator<T> {
  readonly #reader: ItemQueueReader;
  readonly #items = new Fifo<T>();
  #waiting: Deferred<IteratorResult<T, undefined>>[] = [];
  #end: { readonly error: Error | undefined } | undefined;

  constructor(reader: ItemQueueReader = {}) {
    this.#reader = reader;
  }

  /** Number of items that were pushed and not yet read. */
  get size(): number {
    return this.#items.size;
  }

  /** Adds an item; after the end it is ignored. */
  push(item: T): void {
    if (this.#end !== undefined) return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#items.push(item);
    else waiting.resolve({ done: false, value: item });
  }

  /** Drops the oldest item that was not read yet. */
  shift(): void {
    this.#items.shift();
  }

  /** Ends the queue behind what it holds; with an error, the reader's loop throws it there. The first end wins. */
  end(error?: Error): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    const waiting = this.#waiting;
    this.#waiting = [];
    // In the order in which they asked: the first gets the error, if there is one.
    for (const reader of waiting) reader.resolve(this.next());
  }

  /** Ends the queue and forgets what it holds. */
  abort(error: Error): void {
    this.#items.takeAll();
    this.end(error);
  }

  /** Reads the next item, or waits for it. */
  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#items.size > 0) {
      const value = this.#items.shift() as T; // the length was just looked at
      this.#reader.onTaken?.();
      return Promise.resolve({ done: false, value });
    }
    if (this.#end !== undefined) {
      return this.#end.error === undefined
        ? Promise.resolve({ done: true, value: undefined })
        : this.#failOnce(this.#end.error);
    }
    const reader = new Deferred<IteratorResult<T, undefined>>();
    this.#waiting.push(reader);
    return reader.promise;
  }

  /** The reader leaves the loop. */
  return(): Promise<IteratorResult<T, undefined>> {
    const wasOpen = this.#end === undefined;
    this.#items.takeAll();
    this.end();
    this.#end = { error: undefined }; // whoever left wants no error either
    if (wasOpen) this.#reader.onAbandoned?.();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** The queue is its own iterator. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  // Like a generator: throws where the stream failed, and is simply done after that.
  #failOnce(error: Error): Promise<never> {
    this.#end = { error: undefined };
    return Promise.reject(error);
  }
}

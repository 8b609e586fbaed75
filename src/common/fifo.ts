/** A queue whose ends cost the same however long it is; `Array.shift` moves everything behind it. */

/** First in, first out. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  /** Number of items. */
  get size(): number {
    return this.#items.length - this.#head;
  }

  /** The oldest item, if there is one. */
  get first(): T | undefined {
    return this.#items[this.#head];
  }

  /** Adds an item. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** Removes and returns the oldest item, if there is one. */
  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (this.size > 0) this.#head++;
    // What was taken is let go of in large pieces, so that each item is moved about once.
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** The items, oldest first. */
  *[Symbol.iterator](): Iterator<T> {
    for (let index = this.#head; index < this.#items.length; index++) yield this.#items[index] as T; // inside the bounds
  }

  /** Removes and returns everything. */
  takeAll(): T[] {
    const items = this.#items.slice(this.#head);
    this.#items = [];
    this.#head = 0;
    return items;
  }
}

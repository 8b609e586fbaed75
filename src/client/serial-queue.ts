/** Lets asynchronous work wait for the work before it; used for handlers whose order is to be kept (`withSerialHandlers`). */
import { Fifo } from "../common/fifo.js";

type Work = () => Promise<unknown>;

/** One thing after the other, in the order in which they came. */
export class SerialQueue {
  /** How much may wait. */
  readonly capacity: number;
  readonly #waiting = new Fifo<Work>();
  #isBusy = false;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Does the work when its turn comes: now, if nothing waits. The work must not reject. @returns whether there was room for it. */
  push(work: Work): boolean {
    if (this.#waiting.size >= this.capacity) return false;
    this.#waiting.push(work);
    if (!this.#isBusy) void this.#drain();
    return true;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting.takeAll();
  }

  async #drain(): Promise<void> {
    this.#isBusy = true;
    for (let work = this.#waiting.shift(); work !== undefined; work = this.#waiting.shift()) await work();
    this.#isBusy = false;
  }
}

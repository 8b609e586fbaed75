/** Lets asynchronous work wait for the work before it; used for handlers whose order is to be kept (`withSerialHandlers`). */
import { Fifo } from "../common/fifo.js";
import { LimitError } from "../errors/call-errors.js";

type Work = () => Promise<unknown>;

/** One thing after the other, in the order in which they came. */
export class SerialQueue {
  readonly #capacity: number;
  readonly #waiting = new Fifo<Work>();
  #isBusy = false;

  /** @param capacity How much may wait. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Does the work when its turn comes: now, if nothing waits. The work must not reject. @returns an error when there is no room for it. */
  push(work: Work): LimitError | undefined {
    if (this.#waiting.size >= this.#capacity) {
      return new LimitError("serialHandlers", `More than ${this.#capacity} messages wait for their handlers.`);
    }
    this.#waiting.push(work);
    if (!this.#isBusy) void this.#drain();
    return undefined;
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

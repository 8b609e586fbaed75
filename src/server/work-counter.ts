/** Counts what is going on in a server, so that closing it can wait for the end of that. */
import { Deferred } from "../common/deferred.js";

/** Whatever enters leaves, once. */
export class WorkCounter {
  #count = 0;
  #idle: Deferred<void> | undefined;

  /** Something begins. */
  enter(): void {
    this.#count++;
  }

  /** It is over. */
  leave(): void {
    if (--this.#count > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  /** Fulfils when nothing is going on. */
  whenIdle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return (this.#idle ??= new Deferred()).promise;
  }
}

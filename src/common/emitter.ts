/** A list of listeners for one kind of event; one listener's failure never reaches the next. */
import { isThenable } from "./deferred.js";
import { disposer, type Disposer } from "./disposer.js";

/** Many emitters never get a listener. */
const NONE: readonly never[] = [];

/** Calls its listeners in the order of their registration. Adding or removing during an emit affects only later emits. */
export class Emitter<Args extends readonly unknown[]> {
  readonly #onError: (thrown: unknown) => void;
  #listeners: readonly ((...args: Args) => unknown)[] = NONE;

  /** @param onError Told what a listener threw, or what the promise it returned rejected with. */
  constructor(onError: (thrown: unknown) => void) {
    this.#onError = onError;
  }

  /** Adds a listener; the disposer removes just this registration. */
  add(listener: (...args: Args) => unknown): Disposer {
    // A wrapper of its own makes two registrations of the same function two entries.
    const entry = (...args: Args) => listener(...args);
    this.#listeners = [...this.#listeners, entry];
    return disposer(() => {
      this.#listeners = this.#listeners.filter((other) => other !== entry);
    });
  }

  /** Calls every listener with these arguments. Never throws. */
  emit(...args: Args): void {
    for (const listener of this.#listeners) {
      try {
        const returned = listener(...args);
        if (isThenable(returned)) returned.then(undefined, this.#onError);
      } catch (thrown) {
        this.#onError(thrown);
      }
    }
  }
}

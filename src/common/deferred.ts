/** A promise whose outcome is decided from outside; used wherever an answer arrives as an event. */

/** A promise together with the functions that settle it. Settling twice is harmless: the first wins. */
export class Deferred<T> {
  /** Settles as {@link resolve} or {@link reject} say. */
  readonly promise: Promise<T>;
  /** Fulfils the promise. */
  resolve!: (value: T | PromiseLike<T>) => void;
  /** Rejects the promise. */
  reject!: (error: Error) => void;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** Marks a promise as looked after elsewhere, so that its rejection never counts as unhandled. */
export function ignoreRejection(promise: PromiseLike<unknown>): void {
  promise.then(undefined, () => undefined);
}

/** Whether a value can be awaited. Asked before promises are touched, because the plain path is far cheaper. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** What every registration returns: call it, or let `using` call it, to undo the registration. */

/** Undoes a registration. Calling it again does nothing. Works with `using` where the runtime has `Symbol.dispose`. */
export interface Disposer {
  (): void;
  /** The same as calling it. */
  [Symbol.dispose](): void;
}

/** Makes a {@link Disposer} of a function, which is called once at most. */
export function disposer(undo: () => void): Disposer {
  let done = false;
  const dispose = (): void => {
    if (done) return;
    done = true;
    undo();
  };
  // Where a runtime lacks the symbol, the second member lands under a name that nobody reads.
  return Object.assign(dispose, { [Symbol.dispose]: dispose });
}

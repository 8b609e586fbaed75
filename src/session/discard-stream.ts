/** Ends a stream that nobody is going to read: servers do so with those that hub methods return to nobody, tracing passes it on. */
import { isAsyncIterable, isSubscribable, iterate, type StreamSource } from "./stream-source.js";

/**
 * Lets a source that was not begun clean up after itself. What can be disposed of is; what can be iterated over is, without an item;
 * what can only be subscribed to is left as it is, because subscribing is what begins it.
 */
export function discardStream(source: StreamSource<unknown> & Partial<Disposable>): void {
  try {
    if (Symbol.dispose in source) return source[Symbol.dispose]?.();
    if (isSubscribable(source) && !isAsyncIterable(source)) return;
    iterate(source)
      .return?.()
      .then(undefined, () => undefined);
  } catch {
    // It was the application's, and nobody wants it.
  }
}

/** Ends a stream that a hub method returned although nobody reads it; the dispatcher uses it. */
import { isSubscribable, iterate, type StreamSource } from "../session/stream-source.js";

/** Lets a source that was not begun clean up after itself. */
export function discardStream(source: StreamSource<unknown>): void {
  if (isSubscribable(source)) return;
  try {
    iterate(source)
      .return?.()
      .then(undefined, () => undefined);
  } catch {
    // It was the application's, and nobody wants it.
  }
}

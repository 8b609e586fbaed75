/** A session of which something of every kind waits for the peer; for the tests of how sessions end. */
import type { SessionPair } from "../../support/session-pair.js";

/** One thing of each kind that waits for the peer. */
export function waitOn({ near }: SessionPair) {
  const events: unknown[] = [];
  const dispose = jest.fn();
  const call = near.session.invoke("A", [{ subscribe: () => ({ dispose }) }]);
  near.stream("B", []).subscribe({
    next: (item) => void events.push(item),
    error: (error) => void events.push(error),
    complete: () => void events.push("complete"),
  });
  near.session.openStream("up", {
    onItem: (item) => void events.push(item),
    onCompletion: () => void events.push("completed"),
    onFailed: (error) => void events.push(error),
  });
  const outcome = call.promise.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  return { events, dispose, outcome };
}

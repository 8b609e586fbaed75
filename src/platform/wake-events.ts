/** The events by which browsers tell that the network is back, or that a page goes on which stood still; wakes what waits to reconnect. */
import type { WakeSource } from "./platform.js";

type Listening = Partial<Pick<EventTarget, "addEventListener" | "removeEventListener">>;

/** A worker has no document, other runtimes have none of them. */
const scope: Listening & {
  readonly document?: Listening & { readonly visibilityState: string };
  readonly navigator?: { readonly onLine?: boolean };
} = globalThis;

/** {@link WakeSource} of whatever there is. */
export const wakeSource: WakeSource = {
  get isOffline() {
    return scope.navigator?.onLine === false;
  },
  listen(callback) {
    const onEvent = ({ type }: Event): void => {
      const isHidden = type === "visibilitychange" && scope.document?.visibilityState === "hidden";
      if (!isHidden && !wakeSource.isOffline) callback();
    };
    const events: [Listening | undefined, string][] = [
      [scope, "online"],
      [scope, "pageshow"],
      [scope.document, "visibilitychange"],
      [scope.document, "resume"],
    ];
    for (const [target, name] of events) target?.addEventListener?.(name, onEvent);
    return () => {
      for (const [target, name] of events) target?.removeEventListener?.(name, onEvent);
    };
  },
};

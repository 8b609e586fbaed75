// React hooks for a hub connection: its state, the hub's calls, the hub's streams. A file to copy; React 18 or later.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { HubConnectionState, type HubConnection, type Subscription } from "hubwire";

type ArgumentsOf<Method> = Method extends (...args: infer Args) => unknown ? Args : unknown[];
type ItemOf<Method> = Method extends (...args: never[]) => AsyncIterable<infer Item> ? Item : unknown;
type HubStream<Item> = { readonly item?: Item; readonly error?: Error; readonly isDone?: true };

/** The state of the connection. */
export function useHubConnectionState<Server, Client>(connection: HubConnection<Server, Client>): HubConnectionState {
  const subscribe = useCallback((notify: () => void) => connection.onStateChange(notify), [connection]);
  const read = () => connection.state;
  return useSyncExternalStore(subscribe, read, read);
}

/** Handles a call of the hub while the component is mounted. What it returns is the answer when the hub wants one. */
export function useHubEvent<Server, Client, Name extends keyof Client & string>(
  connection: HubConnection<Server, Client>,
  name: Name,
  handler: (...args: ArgumentsOf<Client[Name]>) => unknown,
): void {
  const untyped: HubConnection = connection;
  const latest = useRef(handler);
  useLayoutEffect(() => void (latest.current = handler));
  useEffect(() => untyped.on(name, (...args: ArgumentsOf<Client[Name]>) => latest.current(...args)), [untyped, name]);
}

/** The latest item of a stream that runs while the component is mounted, and anew on each new connection. */
export function useHubStream<Server, Client, Name extends keyof Server & string>(
  connection: HubConnection<Server, Client>,
  method: Name,
  ...args: ArgumentsOf<Server[Name]>
): HubStream<ItemOf<Server[Name]>> {
  const key = JSON.stringify(args); // the arguments are equal when they look equal on the wire
  const { subscribe, read } = useMemo(
    () => streamStore<ItemOf<Server[Name]>>(connection, method, JSON.parse(key) as unknown[]),
    [connection, method, key],
  );
  return useSyncExternalStore(subscribe, read, read);
}

function streamStore<Item>(connection: HubConnection, method: string, args: unknown[]) {
  let current: HubStream<Item> = {};
  const subscribe = (notify: () => void) => {
    let call: Subscription | undefined;
    let isOver = false;
    const show = (next: HubStream<Item>) => {
      current = next;
      notify();
    };
    const follow = () => {
      if (connection.state !== HubConnectionState.Connected)
        call = undefined; // it ended with the connection
      else if (!isOver && !current.isDone)
        call ??= connection.stream<Item>(method, ...args).subscribe({
          next: (item) => show({ item }),
          error: (error: Error) => show({ ...current, error }),
          complete: () => show({ ...current, isDone: true }),
        });
    };
    const unfollow = connection.onStateChange(follow);
    queueMicrotask(follow); // StrictMode unsubscribes and subscribes again before this, so the hub sees one call
    return () => {
      isOver = true;
      unfollow();
      call?.dispose();
    };
  };
  return { subscribe, read: () => current };
}

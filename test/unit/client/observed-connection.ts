/** A connection to a hub in memory, with everything that it tells the application written down; for tests of its life. */
import type { HubConnection } from "../../../src/client/hub-connection.js";
import type { AutomaticReconnectOptions } from "../../../src/client/automatic-reconnect.js";
import type { AsyncRetryPolicy } from "../../../src/client/retry-policy.js";
import { HubConnectionState, type StateChange } from "../../../src/client/states.js";
import { MemoryHub } from "./memory-hub.js";

/** Never settles. */
export const never = (): Promise<never> => new Promise(() => undefined);

/** What `withAutomaticReconnect` takes. */
export type Reconnect = number[] | AsyncRetryPolicy | AutomaticReconnectOptions;

/** What {@link observedConnection} makes. */
export interface ObservedConnection {
  readonly hub: MemoryHub;
  readonly connection: HubConnection;
  /** Every call of onclose, onreconnecting and onreconnected: its kind and argument. */
  readonly told: [kind: string, argument: unknown][];
  readonly changes: StateChange[];
  /** The states that were entered. */
  path(): HubConnectionState[];
}

/**
 * Makes a connection with a connectTimeout of 1 s and a handshake timeout of 0.5 s.
 * @param reconnect How it reconnects; `null` for not at all.
 */
export function observedConnection(reconnect: Reconnect | null = [0, 100]): ObservedConnection {
  const hub = new MemoryHub();
  const builder = hub.builder({ connectTimeout: 1_000 }).withHandshakeTimeout(500);
  if (reconnect !== null) builder.withAutomaticReconnect(reconnect);
  const connection = builder.build();
  const told: [string, unknown][] = [];
  const changes: StateChange[] = [];
  connection.onStateChange((change) => changes.push(change));
  connection.onclose((error) => told.push(["closed", error]));
  connection.onreconnecting((error) => told.push(["reconnecting", error]));
  connection.onreconnected((id) => told.push(["reconnected", id]));
  return { hub, connection, told, changes, path: () => changes.map(({ current }) => current) };
}

/** The same, started. */
export async function startedConnection(reconnect?: Reconnect | null): Promise<ObservedConnection> {
  const observed = observedConnection(reconnect);
  await observed.connection.start();
  return observed;
}

/** Fails unless the connection is Disconnected and has neither timers nor sockets. */
export function expectNothingLeft({ hub, connection }: Pick<ObservedConnection, "hub" | "connection">): void {
  expect(connection.state).toBe(HubConnectionState.Disconnected);
  expect(hub.clock.pendingTimers).toBe(0);
  expect(hub.wakeSource.listeners).toBe(0);
  expect(hub.sockets.filter((socket) => socket.isOpen)).toEqual([]);
}

/** Makes every attempt from now on fail. @returns when they were made, in milliseconds from now. */
export function failAttempts(
  { hub }: Pick<ObservedConnection, "hub">,
  error: () => unknown = () => new Error("no network"),
): number[] {
  const attempts: number[] = [];
  const since = hub.clock.now();
  hub.negotiate = () => {
    attempts.push(hub.clock.now() - since);
    return Promise.reject(error());
  };
  return attempts;
}

/** Loses a connection whose attempts then fail, and stops it later. @returns when it tried. */
export async function attemptsOf(options: Reconnect | undefined, ms: number, error?: () => unknown): Promise<number[]> {
  const set = await startedConnection(options);
  const attempts = failAttempts(set, error);
  set.hub.socket.drop();
  await set.hub.clock.advanceAsync(ms);
  await set.connection.stop();
  await set.hub.clock.settle();
  expectNothingLeft(set);
  return attempts;
}

/** A connection to a hub in memory whose calls wait for it, and what the tests of that look at. */
import type { AutomaticReconnectOptions } from "../../../src/client/automatic-reconnect.js";
import type { WaitingCallsOptions } from "../../../src/client/waiting-calls.js";
import { MessageType, type HubMessage } from "../../../src/protocol/messages.js";
import { MemoryHub } from "./memory-hub.js";

/** A connection whose calls wait. */
export function build(options?: WaitingCallsOptions, reconnect: number[] | AutomaticReconnectOptions = [1_000]) {
  const hub = new MemoryHub();
  const connection = hub.builder().withAutomaticReconnect(reconnect).withWaitingCalls(options).build();
  return { hub, connection };
}

/** A connection that is Reconnecting. */
export async function lost(options?: WaitingCallsOptions, reconnect?: number[] | AutomaticReconnectOptions) {
  const set = build(options, reconnect);
  await set.connection.start();
  set.hub.socket.drop();
  expect(set.connection.state).toBe("Reconnecting");
  return set;
}

/** What a promise rejects with. */
export const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no error",
    (error: unknown) => error,
  );

/** The names of the methods that are called, types of other messages. */
export const targets = (messages: readonly HubMessage[]) =>
  messages.map((message) => ("target" in message ? message.target : message.type));

/** The answer to a call. */
export const complete = (invocationId: string, result: unknown): HubMessage => ({
  type: MessageType.Completion,
  invocationId,
  result,
});

/** Everything but the clock's own; the keep-alive of a live connection is one. */
export const timersOf = ({ hub, connection }: ReturnType<typeof build>) =>
  hub.clock.pendingTimers - (connection.state === "Connected" ? 1 : 0);

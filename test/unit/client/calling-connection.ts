/** A started connection for calls that can be cancelled; fails a test behind which something of its calls is left. */
import { getEventListeners } from "node:events";
import { MessageType } from "../../../src/protocol/messages.js";
import { startedConnection, type ObservedConnection } from "./observed-connection.js";

/** How many listen for an abort. */
export const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

/** All items of a stream, then `"end"` or what it failed with. */
export async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const seen: unknown[] = [];
  try {
    for await (const item of stream) seen.push(item);
    seen.push("end");
  } catch (thrown) {
    seen.push(thrown);
  }
  return seen;
}

/** The connection of the current test. */
export let observed: ObservedConnection;
/** One for its signals. */
export let controller: AbortController;

beforeEach(async () => {
  observed = await startedConnection(null);
  controller = new AbortController();
});

afterEach(async () => {
  await observed.connection.stop();
  expect(listeners(controller.signal)).toBe(0);
  expect(observed.hub.clock.pendingTimers).toBe(0);
});

/** What the hub is told about a call that was cancelled. */
export const cancel = (invocationId: string) => ({ type: MessageType.CancelInvocation, invocationId });

/** What has to be true of a connection that was held at some step: everything settles in time, and it can be used afterwards. */
import type { GatedHub } from "./gated-hub.js";

/** What `stop()` and a start that is given up may take. */
export const STOP_MS = 5_000;
/** Longer than anything else takes on a busy machine. */
const BOUND_MS = 15_000;

/** How a start ends that was given up. */
export const ABORTED = [false, expect.objectContaining({ name: "AbortError", code: "aborted" })];
/** How a start ends that comes at the wrong moment. */
export const NOT_NOW = [false, expect.objectContaining({ name: "InvalidStateError" })];

/** Fails when a promise takes longer than it may. */
export async function inTime<T>(promise: Promise<T>, boundMs = BOUND_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not settled after ${boundMs} ms`)), boundMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The connection is over, its network connections too, and it can be started again. */
export async function expectUsable(hub: GatedHub): Promise<void> {
  const { connection } = hub;
  expect(connection.state).toBe("Disconnected");
  await inTime(hub.untilUnused());
  hub.release();
  void hub.follow({});
  await inTime(connection.start());
  await expect(inTime(connection.invoke("Add", 1, 1))).resolves.toBe(2);
  await inTime(hub.stop());
}

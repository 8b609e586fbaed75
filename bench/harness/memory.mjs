// Looking at the memory of this process. Used by the rows about idle connections, and wherever a clock is started.
import { setTimeout as delay } from "node:timers/promises";

/** Does nothing when node runs without --expose-gc. */
export function collectGarbage() {
  globalThis.gc?.();
}

/** Memory after everything that is no longer used has gone. */
export async function settledMemory() {
  for (let pass = 0; pass < 5; pass++) {
    collectGarbage();
    await delay(50);
  }
  return process.memoryUsage();
}

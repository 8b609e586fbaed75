/** Time in Node; used by the client's platform and by the hub server. */
import { MAX_DELAY_MS, systemTime, type Clock } from "../../common/clock.js";

let waiting: (() => void)[] = [];

/** {@link Clock} on Node's timers. */
export const nodeClock: Clock = { ...systemTime, afterTurn };

// One immediate for everybody: a server that sends to a thousand clients in one turn would need as many.
function afterTurn(callback: () => void): void {
  if (waiting.push(callback) === 1) setImmediate(runAll);
}

function runAll(): void {
  const callbacks = waiting;
  waiting = [];
  for (const callback of callbacks) callback();
}

/** The same, but its timers do not keep the process alive: for work that only matters as long as something else does. */
export const backgroundClock: Clock = {
  ...nodeClock,
  setTimeout: (callback, ms) => setTimeout(callback, Math.min(ms, MAX_DELAY_MS)).unref(),
};

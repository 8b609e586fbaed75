// What a row gets for one round: the server's address, the clock and the checks. Runs in the client process.
import { isDeepStrictEqual } from "node:util";

export class RoundContext {
  /** Address of the hub. */
  url;

  /** @param {string} url */
  constructor(url) {
    this.url = url;
  }

  /**
   * Time of `operations` done together, per operation. Garbage of what went before is not on the bill.
   * @param {number} operations
   * @param {() => Promise<unknown>} work
   * @returns {Promise<import("../types.mjs").Sample>}
   */
  async measure(operations, work) {
    collectGarbage();
    const cpuBefore = process.cpuUsage();
    const started = performance.now();
    await work();
    const elapsedMs = performance.now() - started;
    return { value: (elapsedMs * 1000) / operations, cpu: cpuSince(cpuBefore) / operations };
  }

  /**
   * Median time of one operation, done one after another.
   * @param {number} operations
   * @param {(index: number) => Promise<unknown>} operation
   * @returns {Promise<import("../types.mjs").Sample>}
   */
  async measureMedian(operations, operation) {
    const times = new Float64Array(operations);
    collectGarbage();
    const cpuBefore = process.cpuUsage();
    for (let index = 0; index < operations; index++) {
      const started = performance.now();
      await operation(index);
      times[index] = performance.now() - started;
    }
    const cpu = cpuSince(cpuBefore) / operations;
    return { value: times.sort()[operations >> 1] * 1000, cpu };
  }

  /**
   * Fails the run unless what arrived is what was sent.
   * @param {unknown} actual
   * @param {unknown} expected
   * @param {string} what
   */
  check(actual, expected, what) {
    if (isDeepStrictEqual(actual, expected)) return;
    throw new Error(
      `${what}: ${JSON.stringify(actual)?.slice(0, 300)} instead of ${JSON.stringify(expected)?.slice(0, 300)}`,
    );
  }
}

/** Does nothing when node runs without --expose-gc. */
export function collectGarbage() {
  globalThis.gc?.();
}

/** @param {NodeJS.CpuUsage} before */
function cpuSince(before) {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

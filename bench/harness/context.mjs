// What a row gets for its rounds: the server's address, the clock and the checks. Runs in the client process.
import { isDeepStrictEqual } from "node:util";
import { collectGarbage } from "./memory.mjs";

export class RoundContext {
  /** Address of the hub. */
  url;
  /** @type {Promise<any> | undefined} */
  #prepared;

  /** @param {string} url */
  constructor(url) {
    this.url = url;
  }

  /**
   * What the rounds of one process share: usually a connection that stays open, as a program would keep it. Code that
   * was compiled for the handlers of a connection is thrown away when that connection is.
   * @template T
   * @param {() => Promise<T>} make
   * @returns {Promise<T>}
   */
  once(make) {
    return (this.#prepared ??= make());
  }

  /**
   * Opens a connection once and keeps it.
   * @param {import("../types.mjs").Peer} peer
   * @param {import("../types.mjs").How} [how]
   */
  connected(peer, how) {
    return this.once(() => connect(peer, this.url, how));
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
    assertSame(actual, expected, what);
  }
}

/**
 * @param {unknown} actual
 * @param {unknown} expected
 * @param {string} what
 */
export function assertSame(actual, expected, what) {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(
    `${what}: ${JSON.stringify(actual)?.slice(0, 300)} instead of ${JSON.stringify(expected)?.slice(0, 300)}`,
  );
}

/** A client cannot connect in the way that a row asks for: that is no fault of the run. */
export class NotAvailable extends Error {}

/**
 * @param {import("../types.mjs").Peer} peer
 * @param {string} url
 * @param {import("../types.mjs").How} [how]
 */
export async function connect(peer, url, how) {
  return await started(peer.create(url, how), how);
}

/**
 * @param {import("../types.mjs").BenchConnection} connection
 * @param {import("../types.mjs").How} [how]
 */
export async function started(connection, how) {
  try {
    await connection.start();
  } catch (error) {
    if (how?.transport === undefined) throw error;
    throw new NotAvailable(`${how.transport}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return connection;
}

/** @param {NodeJS.CpuUsage} before */
function cpuSince(before) {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

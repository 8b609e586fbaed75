// What a server row gets for its rounds: the server under test, which it may ask what it has used, and the checks.
import { assertSame } from "../harness/context.mjs";
import { LoadSocket } from "./socket.mjs";

export class LoadContext {
  /** Address of the hub. */
  url;
  #server;
  /** @type {Promise<any> | undefined} */
  #prepared;

  /**
   * @param {string} url
   * @param {import("../harness/child.mjs").Child} server
   */
  constructor(url, server) {
    this.url = url;
    this.#server = server;
  }

  /**
   * What the rounds of one process share.
   * @template T
   * @param {() => Promise<T>} make
   * @returns {Promise<T>}
   */
  once(make) {
    return (this.#prepared ??= make());
  }

  /**
   * Opens connections once and keeps them.
   * @param {number} count
   * @param {(sockets: LoadSocket[]) => Promise<unknown>} [prepare]
   */
  connected(count, prepare) {
    return this.once(async () => {
      const sockets = await this.open(count);
      await prepare?.(sockets);
      return sockets;
    });
  }

  /** @param {number} count */
  async open(count) {
    /** @type {LoadSocket[]} */
    const sockets = [];
    const atOnce = 20;
    while (sockets.length < count) {
      const group = Array.from({ length: Math.min(atOnce, count - sockets.length) }, () => LoadSocket.open(this.url));
      sockets.push(...(await Promise.all(group)));
    }
    return sockets;
  }

  /**
   * Processor time of the server for `operations` done together, per operation. Garbage of what went before is not on the bill.
   * @param {number} operations
   * @param {() => Promise<unknown>} work
   * @returns {Promise<import("../types.mjs").Sample>}
   */
  async measure(operations, work) {
    await this.#server.request({ ask: "begin" });
    await work();
    const { cpu } = await this.#server.request({ ask: "end" });
    return { value: cpu / operations };
  }

  /** Memory of the server, once everything that is no longer used has gone. @returns {Promise<NodeJS.MemoryUsage>} */
  memory() {
    return this.#server.request({ ask: "memory" });
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

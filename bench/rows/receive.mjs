// Calls from the server to handlers: bursts of small messages, alone in their frames or many to a frame, and larger ones.
import { started } from "../harness/context.mjs";
import { burstCycle, payloads } from "../payloads.mjs";

/** Counts and checks what the handler gets. */
class Arrivals {
  received = 0;
  inOrder = true;
  /** @type {unknown} */
  content;
  #cycle;
  #awaited = 0;
  /** @type {() => void} */
  #done = () => undefined;

  /** @param {number} cycle */
  constructor(cycle) {
    this.#cycle = cycle;
  }

  /**
   * @param {number} index
   * @param {unknown} content
   */
  take(index, content) {
    if (index !== this.received % this.#cycle) this.inOrder = false;
    this.content = content;
    if (++this.received === this.#awaited) this.#done();
  }

  /**
   * Starts a round.
   * @param {number} count
   * @returns {Promise<void>}
   */
  wait(count) {
    this.received = 0;
    this.inOrder = true;
    this.#awaited = count;
    return new Promise((resolve) => (this.#done = resolve));
  }
}

/**
 * @param {import("../types.mjs").Peer} peer
 * @param {string} url
 * @param {import("../types.mjs").How | undefined} how
 * @param {number} cycle
 */
async function listen(peer, url, how, cycle) {
  const arrivals = new Arrivals(cycle);
  const connection = peer.create(url, how);
  connection.on("Tick", (index, content) => arrivals.take(index, content));
  await started(connection, how);
  return { connection, arrivals };
}

/** Libraries have different views of the same bytes. @param {unknown} content */
function comparable(content) {
  return content instanceof Uint8Array ? new Uint8Array(content) : content;
}

/**
 * @param {string} name
 * @param {number} target
 * @param {{ payload: string, count: number, perFrame: number, rounds?: number }} burst
 * @param {import("../types.mjs").How} [how]
 * @returns {import("../types.mjs").Row}
 */
function receiveRow(name, target, { payload, count, perFrame, rounds }, how) {
  return {
    name,
    target,
    unit: "µs",
    rounds,
    async run(peer, ctx) {
      const { cycle, args } = payloads[payload];
      const { connection, arrivals } = await ctx.once(() => listen(peer, ctx.url, how, cycle));
      const sample = await ctx.measure(count, async () => {
        const all = arrivals.wait(count);
        await connection.send("Burst", payload, count, perFrame);
        await all;
      });
      ctx.check(
        { received: arrivals.received, inOrder: arrivals.inOrder },
        { received: count, inOrder: true },
        "messages",
      );
      ctx.check(comparable(arrivals.content), args(cycle - 1)[1], "content of the last message");
      return sample;
    },
  };
}

/** @type {import("../types.mjs").How} */
const messagePack = { encoding: "messagepack" };
/** @type {import("../types.mjs").How} */
const events = { transport: "ServerSentEvents" };

/** @type {import("../types.mjs").Row[]} */
export const receiveRows = [
  receiveRow("on, small, 1 per frame", 1.08, { payload: "small", count: 48 * burstCycle, perFrame: 1 }),
  receiveRow("on, small, 64 per frame", 1.05, { payload: "small", count: 80 * burstCycle, perFrame: 64 }),
  receiveRow("on, 1.1 KB", 1.05, { payload: "medium", count: 6400, perFrame: 1 }),
  receiveRow("on, 1 MB", 1.05, { payload: "large", count: 8, perFrame: 1 }),
];

/** @type {import("../types.mjs").Row[]} */
export const eventRows = [
  // Few rounds of few messages: the official client needs a hundred times as long.
  receiveRow("SSE: on, small", 1.3, { payload: "small", count: 16 * burstCycle, perFrame: 1, rounds: 12 }, events),
  receiveRow("SSE: on, 1.1 KB", 1.3, { payload: "medium", count: 2560, perFrame: 1, rounds: 16 }, events),
];

/** @type {import("../types.mjs").Row[]} */
export const messagePackReceiveRows = [
  receiveRow(
    "MessagePack: on, small, 1 per frame",
    1.1,
    { payload: "small", count: 48 * burstCycle, perFrame: 1 },
    messagePack,
  ),
  receiveRow(
    "MessagePack: on, small, 64 per frame",
    1.08,
    { payload: "small", count: 80 * burstCycle, perFrame: 64 },
    messagePack,
  ),
  receiveRow("MessagePack: on, 64 KB binary", 1.2, { payload: "binary", count: 640, perFrame: 1 }, messagePack),
];

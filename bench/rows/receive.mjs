// Calls from the server to handlers: bursts of small messages, alone in their frames or many to a frame, and larger ones.
import { burstCycle, payloads } from "../payloads.mjs";

/**
 * @param {string} name
 * @param {number} target
 * @param {{ payload: string, count: number, perFrame: number }} burst
 * @returns {import("../types.mjs").Row}
 */
function receiveRow(name, target, { payload, count, perFrame }) {
  return {
    name,
    target,
    unit: "µs",
    async run(peer, ctx) {
      const { cycle, args } = payloads[payload];
      const connection = peer.create(ctx.url);
      let received = 0;
      let inOrder = true;
      let last;
      /** @type {() => void} */
      let done = () => undefined;
      connection.on("Tick", (index, content) => {
        if (index !== received % cycle) inOrder = false;
        last = content;
        if (++received === count) done();
      });
      await connection.start();
      const sample = await ctx.measure(count, async () => {
        const all = /** @type {Promise<void>} */ (new Promise((resolve) => (done = resolve)));
        await connection.send("Burst", payload, count, perFrame);
        await all;
      });
      ctx.check({ received, inOrder }, { received: count, inOrder: true }, "messages");
      ctx.check(last, args(cycle - 1)[1], "content of the last message");
      await connection.stop();
      return sample;
    },
  };
}

/** @type {import("../types.mjs").Row[]} */
export const receiveRows = [
  receiveRow("on, small, 1 per frame", 1.08, { payload: "small", count: 48 * burstCycle, perFrame: 1 }),
  receiveRow("on, small, 64 per frame", 1.05, { payload: "small", count: 80 * burstCycle, perFrame: 64 }),
  receiveRow("on, 1.1 KB", 1.05, { payload: "medium", count: 6400, perFrame: 1 }),
  receiveRow("on, 1 MB", 1.05, { payload: "large", count: 8, perFrame: 1 }),
];

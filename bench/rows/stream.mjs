// A stream from the server: bursts of small items, alone in their frames or many to a frame.
import { burstCycle } from "../payloads.mjs";

/**
 * @param {string} name
 * @param {number} target
 * @param {number} count items of a round
 * @param {number} perFrame
 * @param {import("../types.mjs").How} [how]
 * @returns {import("../types.mjs").Row}
 */
function streamRow(name, target, count, perFrame, how) {
  return {
    name,
    target,
    unit: "µs",
    async run(peer, ctx) {
      const connection = await ctx.connected(peer, how);
      let received = 0;
      let inOrder = true;
      const sample = await ctx.measure(
        count,
        () =>
          /** @type {Promise<void>} */ (
            new Promise((resolve, reject) => {
              connection.stream("Stream", "small", count, perFrame).subscribe({
                next(item) {
                  if (item !== received++ % burstCycle) inOrder = false;
                },
                error: reject,
                complete: resolve,
              });
            })
          ),
      );
      ctx.check({ received, inOrder }, { received: count, inOrder: true }, "items");
      return sample;
    },
  };
}

/** @type {import("../types.mjs").Row[]} */
export const streamRows = [
  streamRow("stream item down, 1 per frame", 1.08, 48 * burstCycle, 1),
  streamRow("stream item down, 64 per frame", 1.05, 80 * burstCycle, 64),
];

/** @type {import("../types.mjs").Row[]} */
export const messagePackStreamRows = [
  streamRow("MessagePack: stream item down, 1 per frame", 1.1, 48 * burstCycle, 1, { encoding: "messagepack" }),
  streamRow("MessagePack: stream item down, 64 per frame", 1.1, 80 * burstCycle, 64, { encoding: "messagepack" }),
];

// Calls that are answered: one at a time (latency) and many in flight (throughput).

const text52 = "The quick brown fox jumps over 13 lazy dogs, twice.";

/**
 * @param {string} name
 * @param {number} target
 * @param {import("../types.mjs").How} [how]
 * @returns {import("../types.mjs").Row}
 */
function oneAtATime(name, target, how) {
  return {
    name,
    target,
    unit: "µs",
    async run(peer, ctx) {
      const connection = await ctx.connected(peer, how);
      const count = 500;
      let correct = 0;
      const sample = await ctx.measureMedian(count, async (index) => {
        const sent = text52 + (index % 10);
        if ((await connection.invoke("Echo", sent)) === sent) correct++;
      });
      ctx.check(correct, count, "correct answers");
      return sample;
    },
  };
}

/**
 * @param {string} name
 * @param {number} target
 * @param {import("../types.mjs").How} [how]
 * @returns {import("../types.mjs").Row}
 */
function manyInFlight(name, target, how) {
  return {
    name,
    target,
    unit: "µs",
    async run(peer, ctx) {
      const connection = await ctx.connected(peer, how);
      const count = 15_000;
      let next = 0;
      let correct = 0;
      const caller = async () => {
        while (next < count) {
          const sent = next++;
          if ((await connection.invoke("Echo", sent)) === sent) correct++;
        }
      };
      const sample = await ctx.measure(count, () => Promise.all(Array.from({ length: 256 }, caller)));
      ctx.check(correct, count, "correct answers");
      return sample;
    },
  };
}

/** @type {import("../types.mjs").Row[]} */
export const invokeRows = [
  oneAtATime("invoke, one at a time, 52 B (p50)", 1.02),
  manyInFlight("invoke, 256 in flight, small", 1.1),
];

/** @type {import("../types.mjs").Row[]} */
export const pollingRows = [oneAtATime("Long Polling: round trip (p50)", 1.3, { transport: "LongPolling" })];

/** @type {import("../types.mjs").Row[]} */
export const messagePackInvokeRows = [
  manyInFlight("MessagePack: invoke, 256 in flight, small", 1.12, { encoding: "messagepack" }),
];

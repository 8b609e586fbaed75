// Calls that are answered: one at a time (latency) and many in flight (throughput).

const text52 = "The quick brown fox jumps over 13 lazy dogs, twice.";

/** @type {import("../types.mjs").Row[]} */
export const invokeRows = [
  {
    name: "invoke, one at a time, 52 B (p50)",
    target: 1.02,
    unit: "µs",
    async run(peer, ctx) {
      const connection = await ctx.connected(peer);
      const count = 500;
      let correct = 0;
      const sample = await ctx.measureMedian(count, async (index) => {
        const sent = text52 + (index % 10);
        if ((await connection.invoke("Echo", sent)) === sent) correct++;
      });
      ctx.check(correct, count, "correct answers");
      return sample;
    },
  },
  {
    name: "invoke, 256 in flight, small",
    target: 1.1,
    unit: "µs",
    async run(peer, ctx) {
      const connection = await ctx.connected(peer);
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
  },
];

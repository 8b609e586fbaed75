// Opening and closing: negotiate, WebSocket, handshake, stop, one connection after another.

/** @type {import("../types.mjs").Row[]} */
export const connectRows = [
  {
    name: "connect (negotiate + WebSocket + handshake + stop)",
    target: 1.15,
    unit: "µs",
    async run(peer, ctx) {
      const count = 30;
      let connected = 0;
      const sample = await ctx.measure(count, async () => {
        for (let index = 0; index < count; index++) {
          const connection = peer.create(ctx.url);
          await connection.start();
          connected++;
          await connection.stop();
        }
      });
      ctx.check(connected, count, "connections");
      return sample;
    },
  },
];

// What the client sends without waiting for answers. The clock stops when the server confirms that all of it arrived;
// count, order and content are checked after that.
import { setImmediate as turn } from "node:timers/promises";

const perTurn = 256;

/**
 * @param {string} name
 * @param {number} target
 * @param {number} count messages of a round
 * @param {(connection: import("../types.mjs").BenchConnection, count: number) => Promise<void>} sendAll
 * @returns {import("../types.mjs").Row}
 */
function sendRow(name, target, count, sendAll) {
  return {
    name,
    target,
    unit: "µs",
    async run(peer, ctx) {
      const connection = await ctx.connected(peer);
      await connection.invoke("Begin");
      const sample = await ctx.measure(count, async () => {
        await sendAll(connection, count);
        await connection.invoke("Report");
      });
      const report = await connection.invoke("CheckSends");
      ctx.check(report, { count, inOrder: true, others: 0 }, "what the server received");
      return sample;
    },
  };
}

/** @type {import("../types.mjs").Row} */
const uploadRow = {
  name: "upload stream item",
  target: 1.15,
  unit: "µs",
  async run(peer, ctx) {
    const count = 100 * perTurn;
    const connection = await ctx.connected(peer);
    const sample = await ctx.measure(count, async () => {
      const upload = peer.createUpload();
      const answer = connection.invoke("Upload", upload);
      for (let index = 0; index < count;) {
        for (const end = index + perTurn; index < end; index++) upload.next(index);
        await turn();
      }
      upload.complete();
      await answer;
    });
    const report = await connection.invoke("CheckUpload");
    ctx.check(report, { count, inOrder: true, others: 0 }, "what the server received");
    return sample;
  },
};

/** @type {import("../types.mjs").Row[]} */
export const sendRows = [
  sendRow("await send(), one by one", 0.25, 20 * perTurn, async (connection, count) => {
    for (let index = 0; index < count; index++) await connection.send("Note", index);
  }),
  sendRow("send, 256 per turn, small", 1.1, 200 * perTurn, async (connection, count) => {
    for (let index = 0; index < count;) {
      let last;
      for (const end = index + perTurn; index < end; index++) last = connection.send("Note", index);
      await last;
      await turn();
    }
  }),
  uploadRow,
];

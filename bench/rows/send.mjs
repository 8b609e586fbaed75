// What the client sends without waiting for answers. The clock stops when the server confirms that all of it arrived;
// count, order and content are checked after that.
import { setImmediate as turn } from "node:timers/promises";
import { payloads } from "../payloads.mjs";

const perTurn = 256;

/** @typedef {import("../types.mjs").BenchConnection} BenchConnection */

/**
 * @typedef {object} SendPlan
 * @property {number} count messages of a round
 * @property {(connection: BenchConnection, count: number) => Promise<void>} sendAll
 * @property {string} [check] the server's method that reports what arrived
 */

/**
 * @param {string} name
 * @param {number} target
 * @param {SendPlan} plan
 * @param {import("../types.mjs").How} [how]
 * @returns {import("../types.mjs").Row}
 */
function sendRow(name, target, { count, sendAll, check = "CheckSends" }, how) {
  return {
    name,
    target,
    unit: "µs",
    async run(peer, ctx) {
      const connection = await ctx.connected(peer, how);
      await connection.invoke("Begin");
      const sample = await ctx.measure(count, async () => {
        await sendAll(connection, count);
        await connection.invoke("Report");
      });
      const report = await connection.invoke(check);
      ctx.check(report, { count, inOrder: true, others: 0 }, "what the server received");
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
function uploadRow(name, target, how) {
  return {
    name,
    target,
    unit: "µs",
    async run(peer, ctx) {
      const count = 100 * perTurn;
      const connection = await ctx.connected(peer, how);
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
}

/** @type {SendPlan} */
const oneByOne = {
  count: 20 * perTurn,
  async sendAll(connection, count) {
    for (let index = 0; index < count; index++) await connection.send("Note", index);
  },
};

/** @type {SendPlan} */
const inTurns = {
  count: 200 * perTurn,
  async sendAll(connection, count) {
    for (let index = 0; index < count;) {
      let last;
      for (const end = index + perTurn; index < end; index++) last = connection.send("Note", index);
      await last;
      await turn();
    }
  },
};

const blocks = payloads.binary.cycle;

/** One 64 KB message to a turn. @type {SendPlan} */
const binary = {
  count: 60 * blocks,
  check: "CheckBinarySends",
  async sendAll(connection, count) {
    const contents = Array.from({ length: blocks }, (_, index) => payloads.binary.args(index)[1]);
    for (let index = 0; index < count; index++) {
      await connection.send("Note", index, contents[index % blocks]);
      await turn();
    }
  },
};

/** @type {import("../types.mjs").How} */
const messagePack = { encoding: "messagepack" };

/** @type {import("../types.mjs").Row[]} */
export const sendRows = [
  sendRow("await send(), one by one", 0.25, oneByOne),
  sendRow("send, 256 per turn, small", 1.1, inTurns),
  uploadRow("upload stream item", 1.15),
];

/** @type {import("../types.mjs").Row[]} */
export const messagePackSendRows = [
  sendRow("MessagePack: send, 256 per turn, small", 1.12, inTurns, messagePack),
  uploadRow("MessagePack: upload stream item", 1.15, messagePack),
  sendRow("MessagePack: send, 64 KB binary", 1.2, binary, messagePack),
];

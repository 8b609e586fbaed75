// A server whose clients come and go, and what one that stays costs in memory.
import { Agent, request } from "node:http";
import { LoadSocket } from "../load/socket.mjs";

const agent = new Agent({ keepAlive: true });

/**
 * @param {string} url
 * @returns {Promise<string>} the token
 */
function negotiate(url) {
  return new Promise((resolve, reject) => {
    request(`${url}/negotiate?negotiateVersion=1`, { method: "POST", agent }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => resolve(JSON.parse(body).connectionToken));
    })
      .on("error", reject)
      .end();
  });
}

/**
 * @param {string} name
 * @param {(url: string) => Promise<string | undefined>} findToken
 * @returns {import("../types.mjs").ServerRow}
 */
function connectRow(name, findToken) {
  return {
    name,
    target: 1.15,
    unit: "µs",
    async run(ctx) {
      const count = 160;
      const atOnce = 16;
      let opened = 0;
      let closed = 0;
      const comeAndGo = async () => {
        while (opened < count) {
          opened++;
          const socket = await LoadSocket.open(ctx.url, await findToken(ctx.url));
          await socket.close();
          closed++;
        }
      };
      const sample = await ctx.measure(count, () => Promise.all(Array.from({ length: atOnce }, comeAndGo)));
      ctx.check(closed, count, "connections");
      return sample;
    },
  };
}

/**
 * @param {string} name
 * @param {number} target
 * @param {"rss" | "heapUsed"} part
 * @returns {import("../types.mjs").ServerRow}
 */
function idleRow(name, target, part) {
  return {
    name,
    target,
    unit: "KiB",
    freshProcess: true,
    rounds: 6,
    async run(ctx) {
      // Code and pools are loaded by connections that are gone again, so that only the idle ones are counted.
      const first = await ctx.open(20);
      await Promise.all(first.map((socket) => socket.close()));
      const before = await ctx.memory();
      const count = 2000;
      const sockets = await ctx.open(count);
      const after = await ctx.memory();
      const answers = await Promise.all(sockets.slice(0, 10).map((socket) => socket.invoke("Echo", 7)));
      ctx.check(answers, Array(10).fill(7), "answers over idle connections");
      return { value: (after[part] - before[part]) / 1024 / count };
    },
  };
}

/** @type {import("../types.mjs").ServerRow[]} */
export const serverConnectionRows = [
  connectRow("server: connect, handshake, close, with negotiate", negotiate),
  connectRow("server: connect, handshake, close, direct", () => Promise.resolve(undefined)),
  idleRow("server: idle connection, RSS", 1.3, "rss"),
  idleRow("server: idle connection, heap", 2, "heapUsed"),
];

// What a connection that does nothing keeps in memory. Every round is a process of its own: memory once taken from the
// system is rarely given back.
import { connect } from "../harness/context.mjs";
import { settledMemory } from "../harness/memory.mjs";

const atOnce = 20;

/**
 * @param {import("../types.mjs").Peer} peer
 * @param {import("../harness/context.mjs").RoundContext} ctx
 * @param {number} count
 */
async function open(peer, ctx, count) {
  /** @type {import("../types.mjs").BenchConnection[]} */
  const connections = [];
  while (connections.length < count) {
    const group = Array.from({ length: Math.min(atOnce, count - connections.length) }, () => connect(peer, ctx.url));
    connections.push(...(await Promise.all(group)));
  }
  return connections;
}

/**
 * @param {string} name
 * @param {number} target
 * @param {"rss" | "heapUsed"} part
 * @returns {import("../types.mjs").Row}
 */
function idleRow(name, target, part) {
  return {
    name,
    target,
    unit: "KiB",
    freshProcess: true,
    rounds: 6,
    async run(peer, ctx) {
      // Code and pools are loaded by connections that are gone again, so that only the idle ones are counted.
      const first = await open(peer, ctx, atOnce);
      await Promise.all(first.map((connection) => connection.stop()));
      first.length = 0;
      const before = await settledMemory();
      const count = 2000;
      const connections = await open(peer, ctx, count);
      const after = await settledMemory();
      const answers = await Promise.all(connections.slice(0, 10).map((connection) => connection.invoke("Echo", 7)));
      ctx.check(answers, Array(10).fill(7), "answers over idle connections");
      await Promise.all(connections.map((connection) => connection.stop()));
      return { value: (after[part] - before[part]) / 1024 / count };
    },
  };
}

/** @type {import("../types.mjs").Row[]} */
export const idleRows = [
  idleRow("idle connection, RSS", 1.2, "rss"),
  idleRow("idle connection, heap", 1.4, "heapUsed"),
];

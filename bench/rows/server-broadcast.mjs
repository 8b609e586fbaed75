// A server that sends to many: one message after another, or many in one turn of its event loop. Per delivery.
import { encoded } from "../load/socket.mjs";

/** @typedef {import("../load/socket.mjs").LoadSocket} LoadSocket */

const connections = 1000;

/**
 * Asks for `count` messages to everybody, `times` times, each time when all have arrived.
 * @param {LoadSocket[]} sockets all; the first one asks
 * @param {LoadSocket[]} listeners who gets the messages
 * @param {{ method: string, count: number, times: number }} work
 */
async function broadcast(sockets, listeners, { method, count, times }) {
  const request = encoded({ type: 1, invocationId: "1", target: method, arguments: [count] });
  for (let time = 0; time < times; time++) {
    let left = listeners.length * count + 1;
    await new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      const onMessages = (/** @type {number} */ arrived) => {
        left -= arrived;
        if (left === 0) resolve();
      };
      for (const socket of sockets) socket.onMessages = onMessages;
      sockets[0].write(request);
    });
  }
}

/**
 * Whether everything came that should, in order.
 * @param {LoadSocket} socket
 * @param {number} count
 * @param {number} times
 */
function isComplete(socket, count, times) {
  const ticks = socket.takeMessages().filter(({ type }) => type === 1);
  return ticks.length === count * times && ticks.every((tick, index) => tick.arguments[0] === index % count);
}

/**
 * @param {string} name
 * @param {number} target
 * @param {{ method: string, listeners: number, count: number, times: number }} plan
 * @returns {import("../types.mjs").ServerRow}
 */
function broadcastRow(name, target, { method, listeners, count, times }) {
  return {
    name,
    target,
    unit: "µs",
    async run(ctx) {
      const sockets = await ctx.connected(connections, (all) =>
        listeners < connections ? Promise.all(all.slice(0, listeners).map((socket) => socket.invoke("Join"))) : nothing,
      );
      const listening = sockets.slice(0, listeners);
      const sample = await ctx.measure(listeners * count * times, () =>
        broadcast(sockets, listening, { method, count, times }),
      );
      const complete = listening.filter((socket) => isComplete(socket, count, times)).length;
      ctx.check(complete, listeners, "connections that got everything");
      const stray = sockets.slice(listeners).filter((socket) => socket.take().length > 0).length;
      ctx.check(stray, 0, "connections that got what was not for them");
      return sample;
    },
  };
}

const nothing = Promise.resolve();

/** @type {import("../types.mjs").ServerRow[]} */
export const serverBroadcastRows = [
  broadcastRow("server: broadcast to 1,000, one at a time", 1.05, {
    method: "Broadcast",
    listeners: connections,
    count: 1,
    times: 6,
  }),
  broadcastRow("server: broadcast to 1,000, 16 at once", 1.15, {
    method: "Broadcast",
    listeners: connections,
    count: 16,
    times: 3,
  }),
  broadcastRow("server: group of 100 in 1,000", 1.1, {
    method: "BroadcastToGroup",
    listeners: 100,
    count: 1,
    times: 40,
  }),
];

// A server that answers calls: many in flight on many connections, and one at a time.
import { isDeepStrictEqual } from "node:util";
import { encoded } from "../load/socket.mjs";
import { payloads } from "../payloads.mjs";

/** @typedef {import("../load/socket.mjs").LoadSocket} LoadSocket */

/** Calls of a payload as ready frames. */
class Calls {
  /** @type {unknown[]} */
  values;
  /** Where each call starts; twice all of them, so that any number of calls is in one piece. @type {number[]} */
  #offsets = [];
  #frames;

  /** @param {string} payload */
  constructor(payload) {
    const { cycle, args } = payloads[payload];
    this.values = Array.from({ length: cycle }, (_, index) => args(index).at(-1));
    const frames = this.values.map((value, index) =>
      encoded({ type: 1, invocationId: String(index), target: "Echo", arguments: [value] }),
    );
    let offset = 0;
    for (const frame of [...frames, ...frames]) {
      this.#offsets.push(offset);
      offset += frame.length;
    }
    this.#offsets.push(offset);
    this.#frames = Buffer.concat([...frames, ...frames]);
  }

  /**
   * @param {number} from
   * @param {number} count
   */
  frames(from, count) {
    const first = from % this.values.length;
    return this.#frames.subarray(this.#offsets[first], this.#offsets[first + count]);
  }
}

/**
 * Keeps so many calls in flight until all are answered.
 * @param {LoadSocket} socket
 * @param {Calls} calls
 * @param {number} count
 * @param {number} inFlight
 * @returns {Promise<void>}
 */
function callAll(socket, calls, count, inFlight) {
  return new Promise((resolve) => {
    let sent = Math.min(inFlight, count);
    let answered = 0;
    socket.onMessages = (arrived) => {
      answered += arrived;
      const more = Math.min(arrived, count - sent);
      if (more > 0) socket.write(calls.frames(sent, more));
      sent += more;
      if (answered === count) resolve();
    };
    socket.write(calls.frames(0, sent));
  });
}

/**
 * Whether every answer came, in order, with what was sent.
 * @param {LoadSocket} socket
 * @param {Calls} calls
 * @param {number} count
 */
function isComplete(socket, { values }, count) {
  const answers = socket.takeMessages();
  return (
    answers.length === count &&
    answers.every(({ type, invocationId, result }, index) => {
      const expected = index % values.length;
      return type === 3 && invocationId === String(expected) && isDeepStrictEqual(result, values[expected]);
    })
  );
}

/**
 * @param {string} name
 * @param {number} target
 * @param {{ payload: string, connections: number, inFlight: number, each: number }} load `each`: calls of a connection
 * @returns {import("../types.mjs").ServerRow}
 */
function echoRow(name, target, { payload, connections, inFlight, each }) {
  return {
    name,
    target,
    unit: "µs",
    async run(ctx) {
      const { calls, sockets } = await ctx.once(async () => ({
        calls: new Calls(payload),
        sockets: await ctx.open(connections),
      }));
      const sample = await ctx.measure(connections * each, () =>
        Promise.all(sockets.map((socket) => callAll(socket, calls, each, inFlight))),
      );
      const complete = sockets.filter((socket) => isComplete(socket, calls, each)).length;
      ctx.check(complete, connections, "connections with all answers");
      return sample;
    },
  };
}

/** @type {import("../types.mjs").ServerRow[]} */
export const serverEchoRows = [
  echoRow("server: echo, 50 connections x 16 in flight, small", 1.2, {
    payload: "small",
    connections: 50,
    inFlight: 16,
    each: 320,
  }),
  echoRow("server: echo, 50 connections x 16 in flight, 1 KB", 1.15, {
    payload: "medium",
    connections: 50,
    inFlight: 16,
    each: 128,
  }),
  echoRow("server: echo, 50 connections x 1 in flight, small", 1.1, {
    payload: "small",
    connections: 50,
    inFlight: 1,
    each: 64,
  }),
];

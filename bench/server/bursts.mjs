// Blocks of encoded messages, made once and written as often as a round needs. Used by the hub of the bench server.
import { payloads } from "../payloads.mjs";
import { encodeFrame } from "./frames.mjs";

/** @type {Map<string, Buffer>} */
const blocks = new Map();

/**
 * One whole cycle of a payload, `perFrame` messages to a WebSocket frame, encoded once and kept.
 * @param {string} payload a name in `payloads`
 * @param {number} perFrame
 * @param {(args: unknown[]) => string} encode
 */
export function burstBlock(payload, perFrame, encode) {
  const name = `${payload}/${perFrame}`;
  let block = blocks.get(name);
  if (block === undefined) {
    block = encodeBlock(payload, perFrame, encode);
    blocks.set(name, block);
  }
  return block;
}

/**
 * The same without keeping it.
 * @param {string} payload
 * @param {number} perFrame
 * @param {(args: unknown[]) => string} encode
 */
export function encodeBlock(payload, perFrame, encode) {
  const { cycle, args } = payloads[payload];
  const frames = [];
  for (let index = 0; index < cycle; index += perFrame) {
    let text = "";
    for (let next = index; next < Math.min(index + perFrame, cycle); next++) text += encode(args(next));
    frames.push(encodeFrame(text));
  }
  return Buffer.concat(frames);
}

/**
 * Writes a block `times` times, waiting whenever the socket is full, and then `end`.
 * @param {import("node:stream").Duplex} socket
 * @param {Buffer} block
 * @param {number} times
 * @param {Buffer} [end]
 * @param {() => void} [written] everything was handed over
 */
export function pour(socket, block, times, end, written) {
  let left = times;
  const write = () => {
    while (left > 0) {
      left--;
      if (!socket.write(block) && left > 0) {
        socket.once("drain", write);
        return;
      }
    }
    if (end !== undefined) socket.write(end);
    written?.();
  };
  write();
}

// Blocks of encoded messages, made once and written as often as a round needs. Used by the hub of the bench server.
import { payloads } from "../payloads.mjs";

/**
 * What a block is made for.
 * @typedef {object} BlockKind
 * @property {import("./channels.mjs").Channel} channel
 * @property {import("./encoding.mjs").Encoding} encoding
 * @property {string} payload a name in `payloads`
 * @property {number} perFrame messages to a frame
 */

/** @type {Map<string, Buffer>} */
const blocks = new Map();

/**
 * One whole cycle of a payload, encoded once and kept.
 * @param {BlockKind} kind
 * @param {(args: unknown[]) => object} message
 */
export function burstBlock(kind, message) {
  const name = `${kind.channel.name}/${kind.encoding.name}/${kind.payload}/${kind.perFrame}`;
  let block = blocks.get(name);
  if (block === undefined) {
    block = encodeBlock(kind, message);
    blocks.set(name, block);
  }
  return block;
}

/**
 * The same without keeping it.
 * @param {BlockKind} kind
 * @param {(args: unknown[]) => object} message
 */
export function encodeBlock({ channel, encoding, payload, perFrame }, message) {
  const { cycle, args } = payloads[payload];
  const frames = [];
  for (let index = 0; index < cycle; index += perFrame) {
    const messages = [];
    for (let next = index; next < Math.min(index + perFrame, cycle); next++) {
      messages.push(Buffer.from(encoding.encode(message(args(next)))));
    }
    frames.push(channel.frame(Buffer.concat(messages), encoding.frameHead));
  }
  return Buffer.concat(frames);
}

/**
 * Writes a block `times` times, waiting whenever the output is full, and then `end`.
 * @param {import("./channels.mjs").Output} output
 * @param {Buffer} block
 * @param {number} times
 * @param {Buffer} [end]
 * @param {() => void} [written] everything was handed over
 */
export function pour(output, block, times, end, written) {
  let left = times;
  const write = () => {
    while (left > 0) {
      left--;
      if (!output.write(block) && left > 0) {
        output.once("drain", write);
        return;
      }
    }
    if (end !== undefined) output.write(end);
    written?.();
  };
  write();
}

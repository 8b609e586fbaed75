// MessagePack as the bench server speaks it; bytes are handled as latin1 strings where a row depends on their speed.
import { decode, encode } from "@msgpack/msgpack";

/** @type {import("../encoding.mjs").Encoding} */
export const messagePack = {
  name: "messagepack",
  frameHead: 0x82,
  callEndMark: "\xa6Report",
  // An array of four items (a completion without a result) of type 3 without headers. Numbers of uploads are never those bytes.
  uploadEndMark: "\x94\x03\x80",

  encode(message) {
    const content = encode(toArray(message));
    return Buffer.concat([prefix(content.length), content]);
  },

  decode(frame, start, end) {
    const items = /** @type {any[]} */ (decode(frame.subarray(start, end)));
    const [type] = items;
    switch (type) {
      case 1:
      case 4:
        return { type, invocationId: items[2], target: items[3], arguments: items[4] };
      case 2:
        return { type, invocationId: items[2], item: items[3] };
      default:
        return { type, invocationId: items[2] };
    }
  },

  bounds(text, position) {
    if (position >= text.length) return undefined;
    let length = 0;
    let start = position;
    for (let shift = 0, byte = 0x80; byte > 0x7f; shift += 7) {
      byte = text.charCodeAt(start++);
      length |= (byte & 0x7f) << shift;
    }
    const end = start + length;
    return { start, end, next: end };
  },

  isEcho: (record) => record.includes("\xa4Echo\x91"),

  // A call with a short id and one argument: 95 or 96, 01, 80, id, target, 91, argument, and maybe 90 for no streams.
  echo(record) {
    const idEnd = 4 + (record.charCodeAt(3) & 0x1f);
    const argument = record.slice(idEnd + 6, record.charCodeAt(0) === 0x96 ? -1 : undefined);
    const content = `\x95\x03\x80${record.slice(3, idEnd)}\x03${argument}`;
    return String.fromCharCode(content.length) + content;
  },
};

/** @param {any} message */
function toArray(message) {
  const { type, invocationId, target, item, result } = message;
  switch (type) {
    case 1:
      return [type, {}, invocationId ?? null, target, message.arguments, []];
    case 2:
      return [type, {}, invocationId, item];
    default:
      return result === undefined ? [type, {}, invocationId, 2] : [type, {}, invocationId, 3, result];
  }
}

/** @param {number} length */
function prefix(length) {
  const bytes = [];
  let rest = length;
  for (; rest > 0x7f; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

// Server-side WebSocket frames as ready bytes: the server writes whole blocks of them, so that it costs next to nothing.

/**
 * @param {Buffer | string} payload strings are UTF-8
 * @param {0x81 | 0x82} head final text or binary frame
 * @returns {Buffer}
 */
export function encodeFrame(payload, head) {
  const bytes = Buffer.from(payload);
  const { length } = bytes;
  if (length < 126) return Buffer.concat([Buffer.from([head, length]), bytes]);
  if (length < 65_536) return Buffer.concat([Buffer.from([head, 126, length >> 8, length & 255]), bytes]);
  const header = Buffer.alloc(10);
  header[0] = head;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, bytes]);
}

/**
 * The same for a short payload that is latin1 already, without leaving strings: many of these are joined and written at once.
 * @param {string} payload
 * @param {0x81 | 0x82} head
 */
export function shortFrame(payload, head) {
  const { length } = payload;
  if (length < 126) return String.fromCharCode(head, length) + payload;
  if (length < 65_536) return String.fromCharCode(head, 126, length >> 8, length & 255) + payload;
  throw new RangeError("shortFrame is for short payloads");
}

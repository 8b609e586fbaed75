/** One form for the binary chunks that transports deliver; used wherever bytes are decoded. */

/** A view of the same bytes. */
export function toBytes(chunk: ArrayBuffer | Uint8Array): Uint8Array {
  return chunk instanceof Uint8Array ? chunk : new Uint8Array(chunk);
}

/** A decoder that refuses what is not UTF-8, and treats bytes as strings are treated: a byte order mark stays. */
export function strictUtf8(): TextDecoder {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
}

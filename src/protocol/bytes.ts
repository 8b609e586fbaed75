/** One form for the binary chunks that transports deliver; used wherever bytes are decoded. */

/** A view of the same bytes, which other views than the types allow have as well. */
export function toBytes(chunk: ArrayBuffer | Uint8Array): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  return ArrayBuffer.isView(chunk)
    ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    : new Uint8Array(chunk);
}

/** A decoder that refuses what is not UTF-8, and treats bytes as strings are treated: a byte order mark stays. */
export function strictUtf8(): TextDecoder {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
}

/** One form for the binary chunks that transports deliver; used wherever bytes are decoded. */

/** A view of the same bytes. */
export function toBytes(chunk: ArrayBuffer | Uint8Array): Uint8Array {
  return chunk instanceof Uint8Array ? chunk : new Uint8Array(chunk);
}

/** Cuts a byte stream into frames with a length in front, however it was chunked (HUB_PROTOCOL §2). Used by MessagePack. */
import { ProtocolError } from "../errors/call-errors.js";
import { tooLarge } from "./text-framing.js";

/** What is kept of a frame grows with what arrives, because the length in front may be a lie. */
const SMALLEST_BUFFER = 256;

/**
 * Incremental splitter, a base class: splitters are as many as connections, and callbacks would be objects of their own. Keeps the start
 * of a frame whose end has not arrived.
 */
export abstract class FrameSplitter {
  readonly #maximumSize: number;
  #partial: Uint8Array | undefined;
  #filled = 0;
  /** Where the content starts in the bytes whose length was read last. */
  #start = 0;

  /** @param maximumSize Largest frame in bytes, its length included. */
  constructor(maximumSize: number) {
    this.#maximumSize = maximumSize;
  }

  /**
   * Hands over every frame that this chunk completes.
   * @throws LimitError when a frame is larger than the limit, before any of it is kept.
   * @throws ProtocolError when a length is none.
   */
  split(chunk: Uint8Array): void {
    let position = this.#partial === undefined ? 0 : this.#complete(this.#partial, chunk);
    while (position < chunk.length) {
      const end = this.#readEnd(chunk, position, chunk.length);
      if (end === undefined || end > chunk.length) return this.#keep(chunk, position);
      const start = this.#start;
      position = end;
      this.onFrame(chunk, start, end);
    }
  }

  /** Gets the content of a frame: the bytes from `start` to `end`, a view of what arrived wherever that is possible. */
  protected abstract onFrame(bytes: Uint8Array, start: number, end: number): void;

  /** Whether the last chunk ended in the middle of a frame. */
  get isPartial(): boolean {
    return this.#partial !== undefined;
  }

  /** @returns where the frame ends, or `undefined` while its length is incomplete. */
  #readEnd(bytes: Uint8Array, from: number, to: number): number | undefined {
    let length = 0;
    for (let i = 0; i < 5; i++) {
      const position = from + i;
      if (position >= to) return undefined;
      const byte = bytes[position] ?? 0;
      if (i === 4 && byte > 7) break;
      length += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) {
        this.#start = position + 1;
        const end = this.#start + length;
        if (end - from <= this.#maximumSize) return end;
        throw tooLarge(this.#maximumSize);
      }
    }
    throw new ProtocolError("The length of a hub message is over 2 GB.");
  }

  #keep(chunk: Uint8Array, position: number): void {
    this.#filled = chunk.length - position;
    this.#partial = new Uint8Array(Math.max(SMALLEST_BUFFER, this.#filled));
    this.#partial.set(position === 0 ? chunk : chunk.subarray(position));
  }

  /** Goes on with a frame whose start is there already. @returns how much of the chunk was used. */
  #complete(partial: Uint8Array, chunk: Uint8Array): number {
    let used = 0;
    let end = this.#readEnd(partial, 0, this.#filled);
    while (end === undefined) {
      if (used === chunk.length) return used;
      partial[this.#filled++] = chunk[used++] ?? 0;
      end = this.#readEnd(partial, 0, this.#filled);
    }
    const start = this.#start;
    const missing = Math.min(end - this.#filled, chunk.length - used);
    const buffer = this.#withRoomFor(partial, this.#filled + missing, end);
    buffer.set(chunk.subarray(used, used + missing), this.#filled);
    this.#filled += missing;
    this.#partial = buffer;
    if (this.#filled === end) {
      this.#partial = undefined;
      this.onFrame(buffer, start, end);
    }
    return used + missing;
  }

  #withRoomFor(buffer: Uint8Array, size: number, end: number): Uint8Array {
    if (size <= buffer.length) return buffer;
    const larger = new Uint8Array(Math.min(end, Math.max(size, 2 * buffer.length)));
    larger.set(buffer.subarray(0, this.#filled));
    return larger;
  }
}

/** Finds the end of MessagePack values without decoding them, and shows that they are safe to decode. */
import { ProtocolError } from "../errors/call-errors.js";

const INVALID = 0xc1; // the one head that means nothing
const TIMESTAMP = 0xff; // the type -1

/** For each head the size of the value, its own byte included, where the head alone tells; else 0. */
const FIXED_SIZES = /* @__PURE__ */ fixedSizes();

/**
 * Walks over values. Behind the end that it returns one can rely on this: the value is complete, each of its items is really
 * there, and it is not too deep. A decoder that trusts the lengths in front of arrays takes gigabytes for a few bytes.
 */
export class ValueScanner {
  /** Set to `true` by a byte array, or an extension that may keep its bytes. */
  hasBinary = false;

  readonly #maximumDepth: number;

  /** @param maximumDepth Deepest nesting of a value. */
  constructor(maximumDepth: number) {
    this.#maximumDepth = maximumDepth;
  }

  /**
   * Walks over the value at `position`.
   * @returns where it ends.
   * @throws ProtocolError when there is none, or it goes beyond `end`.
   */
  endOf(bytes: Uint8Array, position: number, end: number): number {
    const valueEnd = this.#scanItems(bytes, position, 1, 0);
    if (valueEnd > end) throw incomplete();
    return valueEnd;
  }

  #scanItems(bytes: Uint8Array, position: number, count: number, depth: number): number {
    if (count > 0 && depth >= this.#maximumDepth) throw new ProtocolError("A hub message is nested too deeply.");
    let next = position;
    // Each item takes a byte at least, so this ends after as many rounds as there are bytes.
    for (let i = 0; i < count; i++) {
      const head = bytes[next];
      if (head === undefined) throw incomplete();
      const size = FIXED_SIZES[head];
      next = size ? next + size : this.#scan(bytes, next + 1, head, depth + 1);
    }
    return next;
  }

  /** @param position Behind the head. */
  #scan(bytes: Uint8Array, position: number, head: number, depth: number): number {
    if (head < 0x90) return this.#scanItems(bytes, position, (head & 0xf) * 2, depth);
    if (head < 0xa0) return this.#scanItems(bytes, position, head & 0xf, depth);
    if (head === INVALID) throw new ProtocolError("A hub message holds what is no MessagePack.");
    if (head >= 0xdc) {
      const size = 2 << (head & 1);
      const count = lengthAt(bytes, position, size);
      return this.#scanItems(bytes, position + size, head < 0xde ? count : count * 2, depth);
    }
    if (head >= 0xd9) return endOfBytes(bytes, position, 1 << (head - 0xd9));
    if (head >= 0xd4) return this.#endOfExtension(bytes, position, 1 << (head - 0xd4));
    if (head >= 0xc7) {
      const size = 1 << (head - 0xc7);
      return this.#endOfExtension(bytes, position + size, lengthAt(bytes, position, size));
    }
    this.hasBinary = true;
    return endOfBytes(bytes, position, 1 << (head - 0xc4));
  }

  #endOfExtension(bytes: Uint8Array, position: number, length: number): number {
    if (bytes[position] !== TIMESTAMP) this.hasBinary = true;
    return position + 1 + length;
  }
}

function fixedSizes(): Uint8Array {
  const sizes = new Uint8Array(256).fill(1);
  sizes.fill(0, 0x80, 0xa0); // short maps and arrays
  for (let head = 0xa0; head < 0xc0; head++) sizes[head] = 1 + (head & 0x1f); // short strings
  sizes[INVALID] = 0;
  sizes.fill(0, 0xc4, 0xca); // byte arrays, extensions
  sizes.set([5, 9, 2, 3, 5, 9, 2, 3, 5, 9], 0xca); // floats, unsigned and signed integers
  sizes.fill(0, 0xd4, 0xe0); // extensions, strings, arrays, maps
  return sizes;
}

/** @param size How many bytes the length in front takes. */
function endOfBytes(bytes: Uint8Array, position: number, size: number): number {
  return position + size + lengthAt(bytes, position, size);
}

function lengthAt(bytes: Uint8Array, position: number, size: number): number {
  let length = 0;
  for (let i = position; i < position + size; i++) {
    const byte = bytes[i];
    if (byte === undefined) throw incomplete();
    length = length * 256 + byte;
  }
  return length;
}

function incomplete(): ProtocolError {
  return new ProtocolError("A hub message is incomplete.");
}

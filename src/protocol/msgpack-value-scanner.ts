/** Finds the end of MessagePack values without decoding them, and shows that they are safe to decode. */
import { ProtocolError } from "../errors/call-errors.js";

const TIMESTAMP = 0xff; // the type -1

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

  #scan(bytes: Uint8Array, position: number, head: number, depth: number): number {
    const next = position + 1;
    if (head < 0x80 || head >= 0xe0) return next;
    if (head < 0x90) return this.#scanItems(bytes, next, (head & 0xf) * 2, depth);
    if (head < 0xa0) return this.#scanItems(bytes, next, head & 0xf, depth);
    if (head < 0xc0) return next + (head & 0x1f);
    return this.#scanLong(bytes, next, head, depth);
  }

  #scanItems(bytes: Uint8Array, position: number, count: number, depth: number): number {
    if (count > 0 && depth >= this.#maximumDepth) throw new ProtocolError("A hub message is nested too deeply.");
    let next = position;
    // Each item takes a byte at least, so this ends after as many rounds as there are bytes.
    for (let i = 0; i < count; i++) {
      const head = bytes[next];
      if (head === undefined) throw incomplete();
      // Small integers are met here, because lists of numbers are the values with the most items.
      next = head < 0x80 || head >= 0xe0 ? next + 1 : this.#scan(bytes, next, head, depth + 1);
    }
    return next;
  }

  #scanLong(bytes: Uint8Array, position: number, head: number, depth: number): number {
    switch (head) {
      case 0xc0: // nil
      case 0xc2: // false
      case 0xc3: // true
        return position;
      case 0xc4: // byte arrays
      case 0xc5:
      case 0xc6:
        this.hasBinary = true;
        return endOfLong(bytes, position, 1 << (head - 0xc4));
      case 0xc7: // extensions
      case 0xc8:
      case 0xc9: {
        const size = 1 << (head - 0xc7);
        return this.#endOfExtension(bytes, position + size, lengthAt(bytes, position, size));
      }
      case 0xca: // floats
        return position + 4;
      case 0xcb:
        return position + 8;
      case 0xd4: // extensions of 1, 2, 4, 8 and 16 bytes
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#endOfExtension(bytes, position, 1 << (head - 0xd4));
      case 0xd9: // strings
      case 0xda:
      case 0xdb:
        return endOfLong(bytes, position, 1 << (head - 0xd9));
      case 0xdc: // arrays
      case 0xdd:
      case 0xde: // maps
      case 0xdf: {
        const size = 2 << (head & 1);
        const count = lengthAt(bytes, position, size);
        return this.#scanItems(bytes, position + size, head < 0xde ? count : count * 2, depth);
      }
      case 0xc1:
        throw new ProtocolError("A hub message holds what is no MessagePack.");
      default: // integers
        return position + (1 << (head & 3));
    }
  }

  #endOfExtension(bytes: Uint8Array, position: number, length: number): number {
    if (bytes[position] !== TIMESTAMP) this.hasBinary = true;
    return position + 1 + length;
  }
}

function endOfLong(bytes: Uint8Array, position: number, size: number): number {
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

/** A growing buffer for the small parts of a MessagePack message; the message writer collects there what stands around the values. */

/** Up to this length a string is written faster here than by a `TextEncoder`. */
const SHORT = 40;

/** Larger than what nearly every message has around its values. */
const INITIAL_SIZE = 1024;

/** Room there always is, so that only strings have to look: more than the longest head or number. */
const SLACK = 16;

/** Writes one part behind the other. */
export class MessagePackScratch {
  /** What was written, up to {@link length}. Replaced when it grows. */
  bytes = new Uint8Array(INITIAL_SIZE);
  /** How much was written. */
  length = 0;

  readonly #utf8 = new TextEncoder();

  /** Starts anew. */
  clear(): void {
    this.length = 0;
    if (this.bytes.length > INITIAL_SIZE) this.bytes = new Uint8Array(INITIAL_SIZE);
  }

  /** The head of a message: an array of fewer than 16 items, and its type. */
  start(items: number, type: number): void {
    this.bytes[this.length++] = 0x90 | items;
    this.bytes[this.length++] = type;
    this.#reserve(0);
  }

  /** An integer that is not beyond 2^53. */
  integer(value: number): void {
    if (value >= 0 && value < 0x80) this.#number(value);
    else if (value >= 0 && value < 0x1_0000) this.#number(0xcd, value, 2);
    else if (value >= 0 && value <= 0xffff_ffff) this.#number(0xce, value, 4);
    else this.#number(value < 0 ? 0xd3 : 0xcf, value, 8);
  }

  /** A boolean. */
  boolean(value: boolean): void {
    this.#number(value ? 0xc3 : 0xc2);
  }

  /** A string, or nil. */
  optionalString(text: string | null | undefined): void {
    if (text == null) this.#number(0xc0);
    else this.string(text);
  }

  /** A string. */
  string(text: string): void {
    if (text.length <= SHORT) {
      this.#reserve(text.length);
      if (this.#ascii(text)) return;
    }
    const body = this.#utf8.encode(text);
    this.#reserve(body.length);
    this.#stringLength(body.length);
    this.bytes.set(body, this.length);
    this.length += body.length;
  }

  /** The head of an array; its items come next. */
  arrayLength(count: number): void {
    this.#count(count, 0x90, 0xdc);
  }

  /** The head of a map; its keys and values come next in turn. */
  mapLength(count: number): void {
    this.#count(count, 0x80, 0xde);
  }

  #ascii(text: string): boolean {
    const start = this.length;
    this.#stringLength(text.length);
    let position = this.length;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) {
        this.length = start;
        return false;
      }
      this.bytes[position++] = unit;
    }
    this.length = position;
    return true;
  }

  #stringLength(length: number): void {
    if (length < 32) this.#number(0xa0 | length);
    else if (length < 0x100) this.#number(0xd9, length, 1);
    else if (length < 0x1_0000) this.#number(0xda, length, 2);
    else this.#number(0xdb, length, 4);
  }

  /** @param large The head for 16 bits; the one for 32 bits follows it. */
  #count(count: number, small: number, large: number): void {
    if (count < 16) this.#number(small | count);
    else if (count < 0x1_0000) this.#number(large, count, 2);
    else this.#number(large + 1, count, 4);
    this.#reserve(0);
  }

  #number(head: number, value = 0, size = 0): void {
    this.bytes[this.length++] = head;
    // Arithmetic instead of shifts, which know 32 bits only; negative numbers come out in two's complement.
    for (let i = size - 1; i >= 0; i--) this.bytes[this.length++] = Math.floor(value / 256 ** i);
  }

  #reserve(size: number): void {
    const needed = this.length + size + 2 * SLACK;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(needed * 2);
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

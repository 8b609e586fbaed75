/** Reads the parts of a MessagePack message that belong to the hub protocol, and finds the end of values without decoding them. */
import { ProtocolError } from "../errors/call-errors.js";
import { strictUtf8 } from "./bytes.js";
import { ValueScanner } from "./msgpack-value-scanner.js";

const NIL = 0xc0;
const NO_BYTES = new Uint8Array(0);

/** Up to this length a string is read faster here than by a `TextDecoder`. */
const SHORT = 32;

/** A cursor over one message. Every method throws ProtocolError when something else stands there than what it reads. */
export class MessagePackReader {
  readonly #scanner: ValueScanner;
  readonly #utf8 = strictUtf8();
  #bytes: Uint8Array = NO_BYTES;
  #position = 0;
  #end = 0;

  /** @param maximumDepth Deepest nesting of a value. */
  constructor(maximumDepth: number) {
    this.#scanner = new ValueScanner(maximumDepth);
  }

  /** Starts with a message that goes from `start` to `end`. */
  open(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
    this.#scanner.hasBinary = false;
  }

  /** Lets go of the bytes. */
  release(): void {
    this.#bytes = NO_BYTES;
  }

  /** Where the next value starts. */
  get position(): number {
    return this.#position;
  }

  /** Whether the message was read to its end. */
  get isAtEnd(): boolean {
    return this.#position === this.#end;
  }

  /** @returns the number of items; they come next. */
  readArrayLength(): number {
    const head = this.#byte();
    if (head >= 0x90 && head <= 0x9f) return head & 0xf;
    if (head === 0xdc || head === 0xdd) return this.#unsigned(2 << (head & 1));
    return fail("an array");
  }

  /** @returns the number of entries; their keys and values come next in turn. */
  readMapLength(): number {
    const head = this.#byte();
    if (head >= 0x80 && head <= 0x8f) return head & 0xf;
    if (head === 0xde || head === 0xdf) return this.#unsigned(2 << (head & 1));
    return fail("a map");
  }

  /** @returns an integer of any size; it is inexact beyond 2^53. */
  readInteger(): number {
    const head = this.#byte();
    if (head < 0x80) return head;
    if (head >= 0xe0) return head - 0x100;
    if (head >= 0xcc && head <= 0xcf) return this.#unsigned(1 << (head & 3));
    if (head >= 0xd0 && head <= 0xd3) return this.#signed(1 << (head & 3));
    return fail("an integer");
  }

  /** @returns a string. */
  readString(): string {
    const head = this.#byte();
    let length: number;
    if (head >= 0xa0 && head <= 0xbf) length = head & 0x1f;
    else if (head >= 0xd9 && head <= 0xdb) length = this.#unsigned(1 << (head - 0xd9));
    else return fail("a string");
    const start = this.#position;
    this.#advance(length);
    return (length <= SHORT ? this.#ascii(start) : undefined) ?? this.#decode(start);
  }

  /** @returns a boolean. */
  readBoolean(): boolean {
    const head = this.#byte();
    return head === 0xc2 || head === 0xc3 ? head === 0xc3 : fail("a boolean");
  }

  /** Passes over nil if it comes next. */
  skipNil(): boolean {
    const isNil = this.#position < this.#end && this.#bytes[this.#position] === NIL;
    if (isNil) this.#position++;
    return isNil;
  }

  /** Passes over a value of any kind; what {@link ValueScanner} says of it holds then. */
  skipValue(): void {
    this.#position = this.#scanner.endOf(this.#bytes, this.#position, this.#end);
  }

  /** Whether one of the values that were skipped holds a byte array or an extension that may keep its bytes. */
  get hasBinary(): boolean {
    return this.#scanner.hasBinary;
  }

  #byte(): number {
    if (this.#position >= this.#end) throw new ProtocolError("A hub message is incomplete.");
    return this.#bytes[this.#position++] ?? 0;
  }

  #advance(length: number): void {
    if (length > this.#end - this.#position) throw new ProtocolError("A hub message is incomplete.");
    this.#position += length;
  }

  #unsigned(size: number): number {
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + this.#byte();
    return value;
  }

  #signed(size: number): number {
    let value = (this.#byte() << 24) >> 24;
    for (let i = 1; i < size; i++) value = value * 256 + this.#byte();
    return value;
  }

  #ascii(start: number): string | undefined {
    let text = "";
    for (let i = start; i < this.#position; i++) {
      const byte = this.#bytes[i] ?? 0;
      if (byte > 0x7f) return undefined;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #decode(start: number): string {
    try {
      return this.#utf8.decode(this.#bytes.subarray(start, this.#position));
    } catch (thrown) {
      throw new ProtocolError("A hub message is not UTF-8.", thrown);
    }
  }
}

function fail(what: string): never {
  throw new ProtocolError(`A hub message has something else where ${what} should be.`);
}

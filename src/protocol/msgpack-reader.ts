/** Reads MessagePack: the parts that belong to the hub protocol one by one, and whole values as the options say. */
import { LimitError, ProtocolError } from "../errors/call-errors.js";
import { DEFAULT_MAXIMUM_DEPTH, type ExtensionCodecLike, type MessagePackOptions } from "./msgpack-options.js";
import { toCamelCase } from "./property-names.js";

/** The options that bound what is read. */
type LimitName = Extract<keyof MessagePackOptions, `max${string}`>;

const NIL = 0xc0;
const NO_BYTES = new Uint8Array(0);

/** Up to this length a string is read faster here than by a `TextDecoder`. */
const SHORT = 32;

/**
 * A cursor over one message. Methods throw ProtocolError when something else stands there than what they read.
 *
 * The decoder of `@msgpack/msgpack` is not used because it trusts the lengths in front of arrays, and so takes gigabytes for a few
 * bytes. This one never takes more memory than in proportion to the bytes that are there.
 */
export class MessagePackReader {
  readonly #options: MessagePackOptions;
  readonly #extensions: ExtensionCodecLike;
  readonly #maximumDepth: number;
  readonly #usesBigInt: boolean;
  readonly #toName: ((name: string) => string) | undefined;
  // Lenient: JavaScript peers write half of a surrogate pair as it is, which must not end the connection.
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #scratch = new DataView(new ArrayBuffer(8));
  #bytes: Uint8Array = NO_BYTES;
  #position = 0;
  #end = 0;

  constructor(options: MessagePackOptions, extensions: ExtensionCodecLike) {
    this.#options = options;
    this.#extensions = extensions;
    this.#maximumDepth = options.maxDepth ?? DEFAULT_MAXIMUM_DEPTH;
    this.#usesBigInt = options.useBigInt64 ?? false;
    this.#toName = options.propertyNames === "camelCase" ? toCamelCase : undefined;
  }

  /** Starts with a message that goes from `start` to `end`. */
  open(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  /** Lets go of the bytes. */
  release(): void {
    this.#bytes = NO_BYTES;
  }

  /** Whether the message was read to its end. */
  get isAtEnd(): boolean {
    return this.#position === this.#end;
  }

  /** @returns the number of items; they come next. */
  readArrayLength(): number {
    return this.#count(0x90, 0xdc);
  }

  /** @returns the number of entries; their keys and values come next in turn. */
  readMapLength(): number {
    return this.#count(0x80, 0xde);
  }

  /** @returns an integer; it is inexact beyond 2^53. */
  readInteger(): number {
    const head = this.#byte();
    if (head < 0x80) return head;
    if (head >= 0xe0) return head - 0x100;
    return head >= 0xcc && head <= 0xd3 ? this.#integer(head) : unexpected(head);
  }

  /** @returns a string. */
  readString(): string {
    const head = this.#byte();
    if ((head & 0xe0) === 0xa0) return this.#text(head & 0x1f);
    return head >= 0xd9 && head <= 0xdb ? this.#text(this.#unsigned(1 << (head - 0xd9))) : unexpected(head);
  }

  /** @returns a boolean. */
  readBoolean(): boolean {
    const head = this.#byte();
    return (head & 0xfe) === 0xc2 ? head === 0xc3 : unexpected(head);
  }

  /** Passes over nil if it comes next. */
  skipNil(): boolean {
    const isNil = this.#position < this.#end && this.#bytes[this.#position] === NIL;
    if (isNil) this.#position++;
    return isNil;
  }

  /**
   * Reads a value of any kind. Throws what the extension codec throws, too.
   * @param depth How deep it is nested.
   * @throws LimitError that names the option.
   */
  readValue(depth = 1): unknown {
    if (depth > this.#maximumDepth) this.#exceeded("maxDepth");
    const head = this.#byte();
    if (head < 0x80) return head;
    if (head >= 0xe0) return head - 0x100;
    if (head < 0x90) return this.#object(head & 0xf, depth);
    if (head < 0xa0) return this.#array(head & 0xf, depth);
    if (head < 0xc0) return this.#limitedText(head & 0x1f);
    if (head >= 0xcc && head <= 0xd3) return this.#number(head);
    return this.#longValue(head, depth);
  }

  /** @param head From 0xc0 to 0xdf, integers left out. */
  #longValue(head: number, depth: number): unknown {
    if (head === NIL) return null;
    if (head >= 0xde) return this.#object(this.#unsigned(2 << (head & 1)), depth);
    if (head >= 0xdc) return this.#array(this.#unsigned(2 << (head & 1)), depth);
    if (head >= 0xd9) return this.#limitedText(this.#unsigned(1 << (head - 0xd9)));
    if (head >= 0xd4) return this.#extension(1 << (head - 0xd4));
    if (head === 0xcb) return this.#wide(8).getFloat64(0);
    if (head === 0xca) return this.#wide(4).getFloat32(0);
    if (head >= 0xc7) return this.#extension(this.#unsigned(1 << (head - 0xc7)));
    if (head >= 0xc4) return this.#binary(this.#unsigned(1 << (head - 0xc4)), "maxBinLength");
    if (head >= 0xc2) return head === 0xc3;
    return unexpected(head);
  }

  /** @param large The head for 16 bits; the one for 32 bits follows it. */
  #count(small: number, large: number): number {
    const head = this.#byte();
    if ((head & 0xf0) === small) return head & 0xf;
    return (head & 0xfe) === large ? this.#unsigned(2 << (head & 1)) : unexpected(head);
  }

  #number(head: number): number | bigint {
    if (!this.#usesBigInt || (head & 3) < 3) return this.#integer(head);
    return head === 0xcf ? this.#wide(8).getBigUint64(0) : this.#wide(8).getBigInt64(0);
  }

  #array(length: number, depth: number): unknown[] {
    this.#limit("maxArrayLength", length);
    const items: unknown[] = [];
    // Never allotted in advance: each item takes a byte at least, so this ends where the message does.
    for (let i = 0; i < length; i++) items.push(this.readValue(depth + 1));
    return items;
  }

  #object(length: number, depth: number): Record<string, unknown> {
    this.#limit("maxMapLength", length);
    const members: Record<string, unknown> = {};
    for (let i = 0; i < length; i++) {
      const name = this.#name();
      members[name] = this.readValue(depth + 1);
    }
    return members;
  }

  #name(): string {
    const key = this.readValue(this.#maximumDepth); // so that it cannot be nested
    if (typeof key === "string") {
      if (key === "__proto__") throw new ProtocolError("A member cannot be named __proto__.");
      return this.#toName ? this.#toName(key) : key;
    }
    if (typeof key === "object") throw new ProtocolError("A member cannot be named by an object.");
    return String(key);
  }

  #extension(length: number): unknown {
    const type = (this.#byte() << 24) >> 24;
    const data = this.#binary(length, "maxExtLength");
    const bytes = this.#bytes;
    const position = this.#position;
    const end = this.#end;
    const value = this.#extensions.decode(data, type, this.#options.context);
    this.open(bytes, position, end); // the codec may have read a message of its own meanwhile
    return value;
  }

  /** A view of what arrived; but a copy where a small array would keep a much larger chunk in memory. */
  #binary(length: number, limit: LimitName): Uint8Array {
    this.#limit(limit, length);
    const start = this.#advance(length);
    const { buffer, byteOffset } = this.#bytes;
    const view = new Uint8Array(buffer, byteOffset + start, length);
    return length * 2 < buffer.byteLength ? view.slice() : view;
  }

  #limitedText(length: number): string {
    this.#limit("maxStrLength", length);
    return this.#text(length);
  }

  #text(length: number): string {
    const start = this.#advance(length);
    return (
      (length <= SHORT ? this.#ascii(start) : undefined) ??
      this.#utf8.decode(this.#bytes.subarray(start, start + length))
    );
  }

  #ascii(start: number): string | undefined {
    const bytes = this.#bytes;
    const end = this.#position;
    let text = "";
    for (let i = start; i < end; i++) {
      const byte = bytes[i] ?? 0;
      if (byte > 0x7f) return undefined;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #byte(): number {
    return this.#bytes[this.#advance(1)] ?? 0;
  }

  /** @returns where the bytes start that it passes over. */
  #advance(length: number): number {
    const start = this.#position;
    if (length > this.#end - start) throw new ProtocolError("A hub message is incomplete.");
    this.#position = start + length;
    return start;
  }

  #integer(head: number): number {
    const size = 1 << (head & 3);
    return head < 0xd0 ? this.#unsigned(size) : this.#unsigned(size - 1, (this.#byte() << 24) >> 24);
  }

  /** @param value What stands in front of these bytes. */
  #unsigned(size: number, value = 0): number {
    const bytes = this.#bytes;
    const start = this.#advance(size);
    let result = value;
    for (let i = start; i < start + size; i++) result = result * 256 + (bytes[i] ?? 0);
    return result;
  }

  #wide(size: number): DataView {
    for (let i = 0; i < size; i++) this.#scratch.setUint8(i, this.#byte());
    return this.#scratch;
  }

  #limit(name: LimitName, length: number): void {
    if (length > (this.#options[name] ?? Infinity)) this.#exceeded(name);
  }

  #exceeded(name: LimitName): never {
    throw new LimitError(name, `A hub message exceeds the option '${name}'.`);
  }
}

function unexpected(head: number): never {
  throw new ProtocolError(`A hub message has an unexpected byte: 0x${head.toString(16)}.`);
}

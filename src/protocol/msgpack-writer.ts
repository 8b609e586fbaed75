/** Writes MessagePack into one growing buffer: the parts that belong to the hub protocol, and whole values as the options say. */
import { DEFAULT_MAXIMUM_DEPTH, type ExtensionCodecLike, type MessagePackOptions } from "./msgpack-options.js";
import { toPascalCase } from "./property-names.js";

/** What the buffer starts with unless the options say otherwise. */
const INITIAL_SIZE = 2048;

/** A larger buffer, which messages of half the size need, is let go of behind the message. */
const RETAINED_SIZE = 1024 * 1024;

/** The most bytes that the length in front of a frame takes. */
const LONGEST_PREFIX = 5;

/** What the buffer grows to at most: the length in front of a frame is 31 bits. */
const MAXIMUM_SIZE = LONGEST_PREFIX + 2 ** 31 - 1;

/** The longest head with what belongs to it. */
const LONGEST_HEAD = 9;

/** Up to this many units a string is written faster here than by a `TextEncoder`. */
const SHORT = 40;

/**
 * Writes one frame behind the other: {@link open}, the parts, {@link take}, {@link close}. A getter or an extension codec may have a frame
 * of its own written in the middle of one; that stands behind what is there, and is gone from the buffer when the outer one goes on.
 */
export class MessagePackWriter {
  readonly #options: MessagePackOptions;
  readonly #extensions: ExtensionCodecLike;
  readonly #maximumDepth: number;
  readonly #initialSize: number;
  readonly #utf8 = new TextEncoder();
  #bytes!: Uint8Array<ArrayBuffer>;
  #view!: DataView;
  #length = 0;

  constructor(options: MessagePackOptions, extensions: ExtensionCodecLike) {
    this.#options = options;
    this.#extensions = extensions;
    this.#maximumDepth = options.maxDepth ?? DEFAULT_MAXIMUM_DEPTH;
    this.#initialSize = options.initialBufferSize ?? INITIAL_SIZE;
    this.#allot(this.#initialSize);
  }

  /** Starts a frame. @returns where. */
  open(): number {
    const start = this.#length;
    this.#reserve(LONGEST_PREFIX);
    this.#length += LONGEST_PREFIX;
    return start;
  }

  /** @returns the frame that started there, its length in front, in a buffer of its own. */
  take(start: number): Uint8Array<ArrayBuffer> {
    const content = start + LONGEST_PREFIX;
    const bytes = this.#bytes;
    let size = 1;
    for (let rest = this.#length - content; rest > 0x7f; rest = Math.floor(rest / 128)) size++;
    let rest = this.#length - content;
    for (let i = content - size; i < content; i++) {
      bytes[i] = i === content - 1 ? rest : (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    return bytes.slice(content - size, this.#length);
  }

  /** Takes back everything from there on, whatever became of it. */
  close(start: number): void {
    this.#length = start;
    const retained = Math.max(RETAINED_SIZE, this.#initialSize);
    if (start === 0 && this.#bytes.length > retained) this.#allot(this.#initialSize);
  }

  /** The head of an array; its items come next. */
  arrayLength(count: number): void {
    this.#count(count, 0x90, 0xdc);
  }

  /** The head of a map; its keys and values come next in turn. */
  mapLength(count: number): void {
    this.#count(count, 0x80, 0xde);
  }

  /** A string, or nil. */
  optionalString(text: string | null | undefined): void {
    if (text == null) this.#head(0xc0);
    else this.string(text);
  }

  /** A boolean. */
  boolean(value: boolean): void {
    this.#head(value ? 0xc3 : 0xc2);
  }

  /** An integer that is not beyond 2^53, in the shortest form. */
  integer(value: number): void {
    if (value >= 0) {
      if (value < 0x80) this.#head(value);
      else if (value <= 0xffff_ffff) this.#sized(0xcc, value);
      else this.#long(0xcf, value);
    } else if (value >= -0x20) this.#head(value);
    else if (value >= -0x80) this.#number(0xd0, value, 1);
    else if (value >= -0x8000) this.#number(0xd1, value, 2);
    else if (value >= -0x8000_0000) this.#number(0xd2, value, 4);
    else this.#long(0xd3, value);
  }

  /** A string. */
  string(text: string): void {
    if (text.length <= SHORT && this.#shortString(text)) return;
    const body = this.#utf8.encode(text);
    if (body.length < 32) this.#head(0xa0 | body.length);
    else this.#sized(0xd9, body.length);
    this.#append(body);
  }

  /**
   * A value of any kind. Throws what the extension codec or a getter throws, too.
   * @param depth How deep it is nested.
   */
  value(value: unknown, depth = 1): void {
    if (depth > this.#maximumDepth) throw new RangeError(`the value is nested more than ${this.#maximumDepth} deep.`);
    if (typeof value === "string") this.string(value);
    else if (typeof value === "number") this.#anyNumber(value);
    else if (value == null) this.#head(0xc0);
    else if (typeof value === "boolean") this.boolean(value);
    else if (typeof value === "bigint" && this.#options.useBigInt64) this.#bigInt(value);
    else this.#object(value, depth);
  }

  #anyNumber(value: number): void {
    const { forceIntegerToFloat, forceFloat32 } = this.#options;
    if (!forceIntegerToFloat && Number.isSafeInteger(value)) return this.integer(value);
    this.#head(forceFloat32 ? 0xca : 0xcb);
    if (forceFloat32) this.#view.setFloat32(this.#length, value);
    else this.#view.setFloat64(this.#length, value);
    this.#length += forceFloat32 ? 4 : 8;
  }

  #bigInt(value: bigint): void {
    const isNegative = value < 0;
    if (value !== (isNegative ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value))) {
      throw new RangeError("The BigInt does not fit into 64 bits.");
    }
    this.#head(isNegative ? 0xd3 : 0xcf);
    this.#view.setBigInt64(this.#length, value);
    this.#length += 8;
  }

  #object(value: object | bigint | symbol, depth: number): void {
    const extension = this.#extensions.tryToEncode(value, this.#options.context);
    if (extension != null) this.#extension(extension.type, extension.data);
    else if (Array.isArray(value)) {
      const { length } = value;
      this.arrayLength(length);
      for (let i = 0; i < length; i++) this.value(value[i], depth + 1);
    } else if (ArrayBuffer.isView(value)) {
      this.#sized(0xc4, value.byteLength);
      this.#append(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else if (typeof value === "object") this.#members(value as Readonly<Record<string, unknown>>, depth);
    else throw new TypeError(`a ${typeof value} has no value.`);
  }

  #members(given: Readonly<Record<string, unknown>>, depth: number): void {
    const { propertyNames, sortKeys, ignoreUndefined } = this.#options;
    const object = propertyNames === "camelCase" ? withPascalCase(given) : given;
    let names = Object.keys(object);
    if (sortKeys) names.sort();
    if (ignoreUndefined) names = names.filter((name) => object[name] !== undefined);
    this.mapLength(names.length);
    for (const name of names) {
      this.string(name);
      this.value(object[name], depth + 1);
    }
  }

  #extension(type: number, given: Uint8Array | ((position: number) => Uint8Array)): void {
    const isLate = typeof given === "function";
    const data = isLate ? given(this.#length + 6) : given;
    const { length } = data;
    // Who asked for the position was told one behind the longest head.
    if (isLate) this.#number(0xc9, length, 4);
    else if (length <= 16 && [1, 2, 4, 8, 16].includes(length)) this.#head(0xd4 + Math.log2(length));
    else this.#sized(0xc7, length);
    this.#head(type);
    this.#append(data);
  }

  /** @returns `false` where nothing was written: for more bytes than the head has room for, and for characters of two units. */
  #shortString(text: string): boolean {
    this.#reserve(LONGEST_HEAD + 3 * text.length); // the head, written last, must find room where it is
    const bytes = this.#bytes;
    const headLength = text.length < 32 ? 1 : 2;
    const start = this.#length + headLength;
    let position = start;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) bytes[position++] = unit;
      else if (unit < 0x800) {
        bytes[position++] = 0xc0 | (unit >> 6);
        bytes[position++] = 0x80 | (unit & 0x3f);
      } else if (unit >= 0xd800 && unit <= 0xdfff) return false;
      else {
        bytes[position++] = 0xe0 | (unit >> 12);
        bytes[position++] = 0x80 | ((unit >> 6) & 0x3f);
        bytes[position++] = 0x80 | (unit & 0x3f);
      }
    }
    const length = position - start;
    if (headLength === 1 && length > 31) return false;
    if (headLength === 1) this.#head(0xa0 | length);
    else this.#number(0xd9, length, 1);
    this.#length = position;
    return true;
  }

  /** @param large The head for 16 bits; the one for 32 bits follows it. */
  #count(count: number, small: number, large: number): void {
    if (count < 16) this.#head(small | count);
    else if (count < 0x1_0000) this.#number(large, count, 2);
    else this.#number(large + 1, count, 4);
  }

  /** A length or number of up to 32 bits. @param head The head for 8 bits; those for 16 and 32 bits follow it. */
  #sized(head: number, value: number): void {
    if (value < 0x100) this.#number(head, value, 1);
    else if (value < 0x1_0000) this.#number(head + 1, value, 2);
    else this.#number(head + 2, value, 4);
  }

  #long(head: number, value: number): void {
    this.#head(head);
    this.#view.setInt32(this.#length, Math.floor(value / 2 ** 32));
    this.#view.setUint32(this.#length + 4, value);
    this.#length += 8;
  }

  #number(head: number, value: number, size: 1 | 2 | 4): void {
    this.#head(head);
    const bytes = this.#bytes;
    for (let shift = 8 * (size - 1); shift >= 0; shift -= 8) bytes[this.#length++] = value >> shift;
  }

  /** One byte, with room for the longest number behind it. */
  #head(byte: number): void {
    this.#reserve(LONGEST_HEAD);
    this.#bytes[this.#length++] = byte;
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#bytes.length) return;
    if (needed > MAXIMUM_SIZE) throw new RangeError("the message is over 2 GB.");
    const old = this.#bytes;
    this.#allot(needed * 2);
    this.#bytes.set(old.subarray(0, this.#length));
  }

  #allot(size: number): void {
    this.#bytes = new Uint8Array(Math.min(size, MAXIMUM_SIZE));
    this.#view = new DataView(this.#bytes.buffer);
  }
}

function withPascalCase(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [toPascalCase(name), value]));
}

/** Writes hub messages as MessagePack frames (HUB_PROTOCOL §4). What surrounds the values is written here, so no option or extension can change it. */
import { writeFrame } from "./binary-framing.js";
import { MessageType, type CompletionMessage, type HubMessage, type MessageHeaders } from "./messages.js";
import { ResultKind } from "./msgpack-result-kind.js";
import type { ValueCodec } from "./msgpack-value-codec.js";

const NOTHING = new Uint8Array(0);

/** Up to this length a string is written faster here than by a `TextEncoder`. */
const SHORT = 40;

/** A string takes at most five bytes in front and three for each of its units. */
const BYTES_PER_UNIT = 3;
const LONGEST_HEADER = 5;

/** Larger than what nearly every message has around its values. */
const INITIAL_SIZE = 512;

/** Writes messages, one after the other; serves any number of connections. */
export class MessagePackMessageWriter {
  readonly #values: ValueCodec;
  readonly #utf8 = new TextEncoder();
  #buffer = new Uint8Array(INITIAL_SIZE);
  #position = 0;

  constructor(values: ValueCodec) {
    this.#values = values;
  }

  /** @returns the frame, in a buffer of its own. Throws what encoding a value throws. */
  write(message: HubMessage): Uint8Array<ArrayBuffer> {
    // Values first: a getter or extension may write a message of its own meanwhile.
    const value = this.#valueOf(message);
    this.#position = 0;
    this.#writeHead(message);
    const end = this.#position;
    if (message.type === MessageType.Invocation || message.type === MessageType.StreamInvocation) {
      this.#strings(message.streamIds ?? []);
    }
    const frame = writeFrame(this.#buffer.subarray(0, end), value, this.#buffer.subarray(end, this.#position));
    if (this.#buffer.length > INITIAL_SIZE) this.#buffer = new Uint8Array(INITIAL_SIZE);
    return frame;
  }

  #valueOf(message: HubMessage): Uint8Array {
    switch (message.type) {
      case MessageType.Invocation:
      case MessageType.StreamInvocation:
        return this.#values.encode(message.arguments);
      case MessageType.StreamItem:
        return this.#values.encode(message.item);
      case MessageType.Completion:
        return kindOf(message) === ResultKind.Value ? this.#values.encode(message.result) : NOTHING;
      default:
        return NOTHING;
    }
  }

  /** Everything in front of the value. */
  #writeHead(message: HubMessage): void {
    switch (message.type) {
      case MessageType.Invocation:
      case MessageType.StreamInvocation:
        this.#start(6, message);
        this.#optionalString(message.invocationId);
        return this.#string(message.target);
      case MessageType.StreamItem:
        this.#start(4, message);
        return this.#string(message.invocationId);
      case MessageType.Completion:
        return this.#completion(message);
      case MessageType.CancelInvocation:
        this.#start(3, message);
        return this.#string(message.invocationId);
      case MessageType.Ping:
        return this.#bytes(0x91, message.type);
      case MessageType.Close: {
        const { type, error, allowReconnect } = message;
        this.#bytes(allowReconnect == null ? 0x92 : 0x93, type);
        this.#optionalString(error);
        return allowReconnect == null ? undefined : this.#bytes(allowReconnect ? 0xc3 : 0xc2);
      }
      case MessageType.Ack:
      case MessageType.Sequence:
        this.#bytes(0x92, message.type);
        return this.#integer(message.sequenceId);
    }
  }

  #completion(message: CompletionMessage): void {
    const kind = kindOf(message);
    this.#start(kind === ResultKind.Void ? 4 : 5, message);
    this.#string(message.invocationId);
    this.#bytes(kind);
    if (message.error != null) this.#string(message.error);
  }

  #start(items: number, message: { readonly type: MessageType; readonly headers?: MessageHeaders | undefined }): void {
    this.#bytes(0x90 | items, message.type);
    const headers = Object.entries(message.headers ?? {});
    this.#length(headers.length, 0x80, 0xde);
    for (const [name, value] of headers) {
      this.#string(name);
      this.#string(value);
    }
  }

  #optionalString(text: string | null | undefined): void {
    if (text == null) this.#bytes(0xc0);
    else this.#string(text);
  }

  #strings(texts: readonly string[]): void {
    this.#length(texts.length, 0x90, 0xdc);
    for (const text of texts) this.#string(text);
  }

  /** @param small Head for up to 15 items. @param large Head for 16 bits; the one for 32 bits follows it. */
  #length(count: number, small: number, large: number): void {
    if (count < 16) this.#bytes(small | count);
    else if (count < 0x1_0000) this.#number(large, count, 2);
    else this.#number(large + 1, count, 4);
  }

  #integer(value: number): void {
    if (value >= 0 && value < 0x80) this.#bytes(value);
    else if (value >= 0 && value < 0x1_0000) this.#number(0xcd, value, 2);
    else if (value >= 0 && value <= 0xffff_ffff) this.#number(0xce, value, 4);
    else this.#number(value < 0 ? 0xd3 : 0xcf, value, 8);
  }

  #string(text: string): void {
    this.#reserve(LONGEST_HEADER + text.length * BYTES_PER_UNIT);
    if (text.length <= SHORT && this.#ascii(text)) return;
    const body = this.#utf8.encode(text);
    this.#stringLength(body.length);
    this.#buffer.set(body, this.#position);
    this.#position += body.length;
  }

  #ascii(text: string): boolean {
    const start = this.#position;
    this.#stringLength(text.length);
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) {
        this.#position = start;
        return false;
      }
      this.#buffer[this.#position++] = unit;
    }
    return true;
  }

  #stringLength(length: number): void {
    if (length < 32) this.#bytes(0xa0 | length);
    else if (length < 0x100) this.#number(0xd9, length, 1);
    else if (length < 0x1_0000) this.#number(0xda, length, 2);
    else this.#number(0xdb, length, 4);
  }

  #number(head: number, value: number, size: number): void {
    this.#bytes(head);
    this.#reserve(size);
    // Arithmetic instead of shifts, which know 32 bits only; negative numbers come out in two's complement.
    for (let i = size - 1; i >= 0; i--) this.#buffer[this.#position++] = Math.floor(value / 256 ** i);
  }

  #bytes(...bytes: readonly number[]): void {
    this.#reserve(bytes.length);
    for (const byte of bytes) this.#buffer[this.#position++] = byte;
  }

  #reserve(size: number): void {
    if (this.#position + size <= this.#buffer.length) return;
    const larger = new Uint8Array((this.#position + size) * 2);
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}

function kindOf({ error, result }: CompletionMessage): ResultKind {
  if (error != null) return ResultKind.Error;
  return result === undefined ? ResultKind.Void : ResultKind.Value;
}

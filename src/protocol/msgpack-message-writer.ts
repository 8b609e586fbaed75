/** Writes hub messages as MessagePack frames (HUB_PROTOCOL §4). What surrounds the values is written here, so no option or extension can change it. */
import { writeFrame } from "./binary-framing.js";
import { MessageType, type CompletionMessage, type HubMessage, type MessageHeaders } from "./messages.js";
import { ResultKind } from "./msgpack-result-kind.js";
import { MessagePackScratch } from "./msgpack-scratch.js";
import type { ValueEncoder } from "./msgpack-value-encoder.js";

const NO_VALUE = new Uint8Array(0);
const NO_STREAMS: readonly string[] = [];

/** Writes messages, one after the other; serves any number of connections. */
export class MessagePackMessageWriter {
  readonly #values: ValueEncoder;
  readonly #scratch = new MessagePackScratch();

  constructor(values: ValueEncoder) {
    this.#values = values;
  }

  /** @returns the frame, in a buffer of its own. Throws what encoding a value throws. */
  write(message: HubMessage): Uint8Array<ArrayBuffer> {
    // Values first: a getter or extension may write a message of its own meanwhile.
    const value = this.#valueOf(message);
    const scratch = this.#scratch;
    scratch.clear();
    this.#writeHead(message);
    const headLength = scratch.length;
    if (message.type === MessageType.Invocation || message.type === MessageType.StreamInvocation) {
      this.#streamIds(message.streamIds ?? NO_STREAMS);
    }
    return writeFrame(scratch.bytes, headLength, value, scratch.length);
  }

  #valueOf(message: HubMessage): Uint8Array {
    switch (message.type) {
      case MessageType.Invocation:
      case MessageType.StreamInvocation:
        return this.#values.encode(message.arguments);
      case MessageType.StreamItem:
        return this.#values.encode(message.item);
      case MessageType.Completion:
        return kindOf(message) === ResultKind.Value ? this.#values.encode(message.result) : NO_VALUE;
      default:
        return NO_VALUE;
    }
  }

  /** Everything in front of the value. */
  #writeHead(message: HubMessage): void {
    const scratch = this.#scratch;
    switch (message.type) {
      case MessageType.Invocation:
      case MessageType.StreamInvocation:
        this.#start(6, message);
        scratch.optionalString(message.invocationId);
        return scratch.string(message.target);
      case MessageType.StreamItem:
        this.#start(4, message);
        return scratch.string(message.invocationId);
      case MessageType.Completion:
        return this.#completion(message);
      case MessageType.CancelInvocation:
        this.#start(3, message);
        return scratch.string(message.invocationId);
      case MessageType.Ping:
        return scratch.start(1, message.type);
      case MessageType.Close: {
        const { type, error, allowReconnect } = message;
        scratch.start(allowReconnect == null ? 2 : 3, type);
        scratch.optionalString(error);
        return allowReconnect == null ? undefined : scratch.boolean(allowReconnect);
      }
      case MessageType.Ack:
      case MessageType.Sequence:
        scratch.start(2, message.type);
        return scratch.integer(message.sequenceId);
    }
  }

  #start(items: number, message: { readonly type: MessageType; readonly headers?: MessageHeaders | undefined }): void {
    const scratch = this.#scratch;
    scratch.start(items, message.type);
    if (message.headers == null) return scratch.mapLength(0);
    const headers = Object.entries(message.headers);
    scratch.mapLength(headers.length);
    for (const [name, value] of headers) {
      scratch.string(name);
      scratch.string(value);
    }
  }

  #completion(message: CompletionMessage): void {
    const scratch = this.#scratch;
    const kind = kindOf(message);
    this.#start(kind === ResultKind.Void ? 4 : 5, message);
    scratch.string(message.invocationId);
    scratch.integer(kind);
    if (message.error != null) scratch.string(message.error);
  }

  #streamIds(ids: readonly string[]): void {
    this.#scratch.arrayLength(ids.length);
    for (const id of ids) this.#scratch.string(id);
  }
}

function kindOf({ error, result }: CompletionMessage): ResultKind {
  if (error != null) return ResultKind.Error;
  return result === undefined ? ResultKind.Void : ResultKind.Value;
}

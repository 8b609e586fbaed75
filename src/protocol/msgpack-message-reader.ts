/** Turns the content of one MessagePack frame into a hub message, checked; everything behind it trusts the types (HUB_PROTOCOL §4, §10). */
import { ProtocolError } from "../errors/call-errors.js";
import { messageOf } from "../errors/to-error.js";
import { MessageType, type CompletionMessage, type HubMessage, type MessageHeaders } from "./messages.js";
import { MessagePackReader } from "./msgpack-reader.js";
import { ResultKind } from "./msgpack-result-kind.js";
import type { ValueCodec } from "./msgpack-value-codec.js";

const NO_BYTES = new Uint8Array(0);

/** Reads messages, one after the other; serves any number of connections. */
export class MessagePackMessageReader {
  readonly #reader: MessagePackReader;
  readonly #values: ValueCodec;
  #bytes: Uint8Array = NO_BYTES;
  /** How many items of the message have not been read. */
  #itemsLeft = 0;

  constructor(values: ValueCodec, maximumDepth: number) {
    this.#values = values;
    this.#reader = new MessagePackReader(maximumDepth);
  }

  /**
   * Reads the message that goes from `start` to `end`.
   * @returns `undefined` for a type that this version does not know; such messages are skipped.
   * @throws ProtocolError for anything that is no hub message.
   */
  read(bytes: Uint8Array, start: number, end: number): HubMessage | undefined {
    const reader = this.#reader;
    try {
      this.#bytes = bytes;
      reader.open(bytes, start, end);
      this.#itemsLeft = reader.readArrayLength();
      const message = this.#readMessage();
      if (message !== undefined) this.#skipRest();
      return message;
    } catch (thrown) {
      if (thrown instanceof ProtocolError) throw thrown;
      throw new ProtocolError(`A hub message is not MessagePack: ${messageOf(thrown)}`, thrown);
    } finally {
      this.#bytes = NO_BYTES;
      reader.release();
    }
  }

  #readMessage(): HubMessage | undefined {
    const type: MessageType = this.#next().readInteger();
    switch (type) {
      case MessageType.Invocation:
      case MessageType.StreamInvocation:
        return this.#call(type);
      case MessageType.StreamItem:
        return { type, headers: this.#headers(), invocationId: this.#nonEmpty(), item: this.#value() };
      case MessageType.Completion:
        return this.#completion();
      case MessageType.CancelInvocation:
        return { type, headers: this.#headers(), invocationId: this.#nonEmpty() };
      case MessageType.Ping:
        return { type };
      case MessageType.Close: {
        const error = this.#next().skipNil() ? undefined : this.#reader.readString();
        return { type, error, allowReconnect: this.#itemsLeft > 0 ? this.#optionalBoolean() : undefined };
      }
      case MessageType.Ack:
      case MessageType.Sequence:
        return { type, sequenceId: this.#sequenceId() };
      default:
        return undefined;
    }
  }

  // Every literal is written out: spreading an object into another costs as much as the rest of a small message.
  #call(type: MessageType.Invocation | MessageType.StreamInvocation): HubMessage {
    const headers = this.#headers();
    const invocationId = this.#optionalId();
    const target = this.#nonEmpty();
    const values = this.#value();
    if (!Array.isArray(values)) throw new ProtocolError("The arguments of a hub message are no list.");
    const streamIds = this.#itemsLeft > 0 ? this.#streamIds() : undefined;
    if (type === MessageType.Invocation) {
      return { type, headers, invocationId, target, arguments: values, streamIds };
    }
    if (invocationId === undefined) throw new ProtocolError("A call for a stream has no id.");
    return { type, headers, invocationId, target, arguments: values, streamIds };
  }

  #completion(): CompletionMessage {
    const type = MessageType.Completion;
    const headers = this.#headers();
    const invocationId = this.#nonEmpty();
    const kind: ResultKind = this.#next().readInteger();
    switch (kind) {
      case ResultKind.Error:
        return { type, headers, invocationId, error: this.#next().readString(), result: undefined };
      case ResultKind.Void:
        return { type, headers, invocationId, error: undefined, result: undefined };
      case ResultKind.Value:
        return { type, headers, invocationId, error: undefined, result: this.#value() };
      default:
        throw new ProtocolError("A completion is of an unknown kind.");
    }
  }

  /** Announces that an item is read, which must be there. */
  #next(): MessagePackReader {
    if (this.#itemsLeft-- <= 0) throw new ProtocolError("A hub message has too few items.");
    return this.#reader;
  }

  #headers(): MessageHeaders | undefined {
    const reader = this.#next();
    if (reader.skipNil()) return undefined;
    const count = reader.readMapLength();
    if (count === 0) return undefined;
    const headers: MessageHeaders = {};
    for (let i = 0; i < count; i++) {
      const name = reader.readString();
      if (name === "__proto__") throw new ProtocolError("A header cannot be named __proto__.");
      headers[name] = reader.readString();
    }
    return headers;
  }

  // Absent, nil and empty all mean that no answer is wanted (HUB_PROTOCOL §5).
  #optionalId(): string | undefined {
    const reader = this.#next();
    return reader.skipNil() ? undefined : reader.readString() || undefined;
  }

  #nonEmpty(): string {
    const text = this.#next().readString();
    if (text === "") throw new ProtocolError("An id or a target of a hub message is empty.");
    return text;
  }

  #streamIds(): string[] | undefined {
    const reader = this.#next();
    if (reader.skipNil()) return undefined;
    const count = reader.readArrayLength();
    if (count === 0) return undefined;
    const ids: string[] = [];
    for (let i = 0; i < count; i++) {
      const id = reader.readString();
      if (id === "") throw new ProtocolError("The id of a stream is empty.");
      ids.push(id);
    }
    return ids;
  }

  #optionalBoolean(): boolean | undefined {
    const reader = this.#next();
    return reader.skipNil() ? undefined : reader.readBoolean();
  }

  #sequenceId(): number {
    const id = this.#next().readInteger();
    if (!Number.isSafeInteger(id)) throw new ProtocolError("The id of a hub message is no safe integer.");
    return id;
  }

  #value(): unknown {
    const reader = this.#next();
    const start = reader.position;
    reader.skipValue();
    const { buffer, byteOffset } = this.#bytes;
    const length = reader.position - start;
    const view = new Uint8Array(buffer, byteOffset + start, length);
    // Byte arrays become views of what is decoded. A small one must not keep a much larger chunk in memory.
    const isSmallPart = reader.hasBinary && length * 2 < buffer.byteLength;
    return this.#values.decode(isSmallPart ? view.slice() : view);
  }

  // Later versions may append items; they have to be complete, too.
  #skipRest(): void {
    for (; this.#itemsLeft > 0; this.#itemsLeft--) this.#reader.skipValue();
    if (!this.#reader.isAtEnd) throw new ProtocolError("A hub message has bytes behind its end.");
  }
}

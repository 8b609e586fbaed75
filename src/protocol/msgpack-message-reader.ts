/** Turns the content of one MessagePack frame into a hub message, checked; everything behind it trusts the types (HUB_PROTOCOL §4, §10). */
import { LimitError, ProtocolError } from "../errors/call-errors.js";
import { messageOf } from "../errors/to-error.js";
import { MessageType, type CompletionMessage, type HubMessage, type MessageHeaders } from "./messages.js";
import type { MessagePackReader } from "./msgpack-reader.js";
import { ResultKind } from "./msgpack-result-kind.js";

/** Reads messages, one after the other; serves any number of connections. */
export class MessagePackMessageReader {
  readonly #reader: MessagePackReader;
  /** How many items of the message have not been read. */
  #itemsLeft = 0;

  constructor(reader: MessagePackReader) {
    this.#reader = reader;
  }

  /**
   * Reads the message that goes from `start` to `end`.
   * @returns `undefined` for a type that this version does not know; such messages are skipped.
   * @throws ProtocolError for anything that is no hub message; LimitError for what the options do not allow.
   */
  read(bytes: Uint8Array, start: number, end: number): HubMessage | undefined {
    const reader = this.#reader;
    try {
      reader.open(bytes, start, end);
      this.#itemsLeft = reader.readArrayLength();
      const message = this.#readMessage();
      if (message !== undefined) this.#skipRest();
      return message;
    } catch (thrown) {
      if (thrown instanceof ProtocolError || thrown instanceof LimitError) throw thrown;
      throw new ProtocolError(`A hub message is not MessagePack: ${messageOf(thrown)}`, thrown);
    } finally {
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
        return { type, headers: this.#headers(), invocationId: this.#nonEmpty(), item: this.#next().readValue() };
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
    const values = this.#next().readValue();
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
        return { type, headers, invocationId, error: undefined, result: this.#next().readValue() };
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

  // Later versions may append items; they have to be complete, too.
  #skipRest(): void {
    for (; this.#itemsLeft > 0; this.#itemsLeft--) this.#reader.readValue();
    if (!this.#reader.isAtEnd) throw new ProtocolError("A hub message has bytes behind its end.");
  }
}

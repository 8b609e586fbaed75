/** Turns the content of one MessagePack frame into a hub message, checked; everything behind it trusts the types (HUB_PROTOCOL §4, §10). */
import { LimitError, ProtocolError } from "../errors/call-errors.js";
import { messageOf } from "../errors/to-error.js";
import { MessageType, type CompletionMessage, type HubMessage, type MessageHeaders } from "./messages.js";
import type { MessagePackReader } from "./msgpack-reader.js";
import { ResultKind } from "./msgpack-result-kind.js";

/** Reads messages, one after the other; serves any number of connections. */
export class MessagePackMessageReader {
  readonly #reader: MessagePackReader;
  /** The kind of message that is being read, once it is known. */
  #type: MessageType | undefined;
  /** How many of its items have not been read. */
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
    // Of the message around it, where an extension codec reads one.
    const outerType = this.#type;
    const outerItemsLeft = this.#itemsLeft;
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
      this.#type = outerType;
      this.#itemsLeft = outerItemsLeft;
      reader.release();
    }
  }

  #readMessage(): HubMessage | undefined {
    this.#type = undefined;
    const type: MessageType = (this.#type = this.#next().readInteger());
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
        const hasMore = this.#itemsLeft > 0 && !this.#next().skipNil();
        return { type, error, allowReconnect: hasMore ? this.#reader.readBoolean() : undefined };
      }
      case MessageType.Ack:
      case MessageType.Sequence: {
        const sequenceId = this.#next().readInteger();
        if (!Number.isSafeInteger(sequenceId)) throw this.#invalid();
        return { type, sequenceId };
      }
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
    if (!Array.isArray(values)) throw this.#invalid();
    const streamIds = this.#itemsLeft > 0 ? this.#streamIds() : undefined;
    if (type === MessageType.Invocation) {
      return { type, headers, invocationId, target, arguments: values, streamIds };
    }
    if (invocationId === undefined) throw this.#invalid();
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
        throw this.#invalid();
    }
  }

  /** Announces that an item is read, which must be there. */
  #next(): MessagePackReader {
    if (this.#itemsLeft-- <= 0) throw this.#invalid();
    return this.#reader;
  }

  #headers(): MessageHeaders | undefined {
    const reader = this.#next();
    let count = reader.skipNil() ? 0 : reader.readMapLength();
    if (count === 0) return undefined;
    const headers: MessageHeaders = {};
    for (; count > 0; count--) {
      const name = reader.readString();
      if (name === "__proto__") throw this.#invalid();
      headers[name] = reader.readString();
    }
    return headers;
  }

  // Absent, nil and empty all mean that no answer is wanted (HUB_PROTOCOL §5).
  #optionalId(): string | undefined {
    const reader = this.#next();
    return reader.skipNil() ? undefined : reader.readString() || undefined;
  }

  #nonEmpty(reader = this.#next()): string {
    const text = reader.readString();
    if (text === "") throw this.#invalid();
    return text;
  }

  #streamIds(): string[] | undefined {
    const reader = this.#next();
    const ids: string[] = [];
    let count = reader.skipNil() ? 0 : reader.readArrayLength();
    for (; count > 0; count--) ids.push(this.#nonEmpty(reader));
    return ids.length > 0 ? ids : undefined;
  }

  // Later versions may append items; they have to be complete, too.
  #skipRest(): void {
    for (; this.#itemsLeft > 0; this.#itemsLeft--) this.#reader.readValue();
    if (!this.#reader.isAtEnd) throw this.#invalid();
  }

  #invalid(): ProtocolError {
    const kind = this.#type === undefined ? "" : ` of type ${this.#type}`;
    return new ProtocolError(`Invalid payload for a hub message${kind}.`);
  }
}

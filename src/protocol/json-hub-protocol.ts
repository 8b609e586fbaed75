/** The JSON encoding of hub messages (HUB_PROTOCOL §4); the default of both ends. */
import { InvalidArgumentError, ProtocolError } from "../errors/call-errors.js";
import { messageOf } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import { Log, NullLogger, type Logger } from "../logging/logger.js";
import type { Chunk, CustomHubProtocol, DecoderOptions, HubProtocol, MessageDecoder } from "./hub-protocol.js";
import { MessageType, TransferFormat, type HubMessage, type MessageHeaders } from "./messages.js";
import { RECORD_SEPARATOR, RecordSplitter } from "./text-framing.js";
import { validateMessage } from "./validation.js";

/** Hub messages as JSON text. Works on every transport. */
export class JsonHubProtocol implements HubProtocol, CustomHubProtocol {
  /** Name in the handshake: `json`. */
  readonly name = "json";
  /** Version 2 knows the messages of stateful reconnect. */
  readonly version = 2;
  /** JSON travels as text. */
  readonly transferFormat = TransferFormat.Text;

  /**
   * Encodes one message, separator included.
   * @throws InvalidArgumentError with code `not-serializable` for cyclic values, BigInts and the like.
   */
  encode(message: HubMessage): string {
    try {
      return write(message) + RECORD_SEPARATOR;
    } catch (thrown) {
      throw new InvalidArgumentError(`Cannot be encoded as JSON: ${messageOf(thrown)}`, "not-serializable", thrown);
    }
  }

  /** Makes the decoder of one connection. */
  createDecoder(options: DecoderOptions): MessageDecoder {
    return new JsonDecoder(options);
  }

  /** The same as {@link encode}; the official name. */
  writeMessage(message: HubMessage): string {
    return this.encode(message);
  }

  /**
   * Decodes a chunk that holds whole messages only.
   * @throws ProtocolError for anything else.
   */
  parseMessages(input: string | ArrayBuffer, logger: Logger | null): HubMessage[] {
    if (typeof input !== "string") throw new ProtocolError("The JSON hub protocol takes strings only.");
    if (input !== "" && !input.endsWith(RECORD_SEPARATOR)) throw new ProtocolError("The message is incomplete.");
    const messages: HubMessage[] = [];
    const log = new Log(logger ?? NullLogger.instance);
    new JsonDecoder({ maximumMessageSize: Infinity, log }).decode(input, (message) => messages.push(message));
    return messages;
  }
}

class JsonDecoder implements MessageDecoder {
  readonly #splitter: RecordSplitter;
  readonly #log: Log;
  #deliver: (message: HubMessage) => void = () => undefined;

  constructor(options: DecoderOptions) {
    this.#splitter = new RecordSplitter(options.maximumMessageSize);
    this.#log = options.log;
  }

  decode(chunk: Chunk, deliver: (message: HubMessage) => void): void {
    this.#deliver = deliver;
    this.#splitter.split(chunk, this.#onRecord);
  }

  // Bound once: a closure for each chunk would cost as much as the splitting.
  readonly #onRecord = (record: string): void => {
    const message = validateMessage(parse(record));
    if (message !== undefined) this.#deliver(message);
    else this.#log.write(LogLevel.Information, "A hub message of an unknown type was skipped.");
  };
}

function parse(record: string): unknown {
  try {
    return JSON.parse(record);
  } catch (thrown) {
    throw new ProtocolError(`A hub message is not JSON: ${messageOf(thrown)}`, thrown);
  }
}

// Written by hand around JSON.stringify of the user's values: several times cheaper than stringifying the envelope too.
function write(message: HubMessage): string {
  switch (message.type) {
    case MessageType.Invocation:
      return `{"type":1${headers(message.headers)}${id(message.invocationId)}${call(message)}`;
    case MessageType.StreamInvocation:
      return `{"type":4${headers(message.headers)}${id(message.invocationId)}${call(message)}`;
    case MessageType.StreamItem:
      return `{"type":2${headers(message.headers)}${id(message.invocationId)},"item":${JSON.stringify(message.item) ?? "null"}}`;
    case MessageType.Completion:
      return `{"type":3${headers(message.headers)}${id(message.invocationId)}${outcome(message)}}`;
    case MessageType.CancelInvocation:
      return `{"type":5${headers(message.headers)}${id(message.invocationId)}}`;
    case MessageType.Ping:
      return `{"type":6}`;
    case MessageType.Close:
    case MessageType.Ack:
    case MessageType.Sequence:
      return JSON.stringify(message);
  }
}

function headers(value: MessageHeaders | undefined): string {
  return value == null ? "" : `,"headers":${JSON.stringify(value)}`;
}

function id(value: string | undefined): string {
  return value == null ? "" : `,"invocationId":${quote(value)}`;
}

function call(message: { target: string; arguments: unknown[]; streamIds?: string[] | undefined }): string {
  const streams = message.streamIds == null ? "" : `,"streamIds":${JSON.stringify(message.streamIds)}`;
  return `,"target":${quoteTarget(message.target)},"arguments":${JSON.stringify(message.arguments)}${streams}}`;
}

function outcome(message: { error?: string | undefined; result?: unknown }): string {
  if (message.error != null) return `,"error":${quote(message.error)}`;
  const result: string | undefined = JSON.stringify(message.result); // undefined for a value that JSON leaves out
  return result === undefined ? "" : `,"result":${result}`;
}

let lastTarget = "";
let lastQuoted = '""';

// Calls come in runs of the same method.
function quoteTarget(target: string): string {
  if (target !== lastTarget) {
    lastQuoted = quote(target);
    lastTarget = target;
  }
  return lastQuoted;
}

// Names and ids are nearly always short and plain, and JSON.stringify has a price of its own.
function quote(text: string): string {
  if (text.length > 40) return JSON.stringify(text);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c) return JSON.stringify(text);
  }
  return `"${text}"`;
}

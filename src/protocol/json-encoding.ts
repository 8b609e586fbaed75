/** The JSON encoding of hub messages (HUB_PROTOCOL §4), as both ends use it by default. */
import { InvalidArgumentError, ProtocolError } from "../errors/call-errors.js";
import { messageOf } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { Chunk, DecoderOptions, HubProtocol, MessageDecoder } from "./hub-protocol.js";
import {
  MessageType,
  TransferFormat,
  type CompletionMessage,
  type HubMessage,
  type MessageHeaders,
  type StreamItemMessage,
} from "./messages.js";
import { RECORD_SEPARATOR, RecordSplitter } from "./text-framing.js";
import { validateMessage } from "./validation.js";

/** What `JSON.stringify`, or `JSON.parse`, calls for every value. */
export type ValueFunction = (this: Record<string, unknown>, key: string, value: unknown) => unknown;

/** Hub messages as JSON text. Works on every transport. */
export class JsonEncoding implements HubProtocol {
  /** Name in the handshake: `json`. */
  readonly name: string = "json";
  /** Version 2 knows the messages of stateful reconnect. */
  readonly version: number = 2;
  /** JSON travels as text. */
  readonly transferFormat: TransferFormat = TransferFormat.Text;
  readonly #replacer: ValueFunction | undefined;

  /** @param replacer Gets arguments, items and results, never the messages around them. */
  constructor(replacer?: ValueFunction) {
    this.#replacer = replacer;
  }

  /**
   * Encodes one message, separator included.
   * @throws InvalidArgumentError with code `not-serializable` for cyclic values, BigInts, functions, symbols and the like, and for what the
   * replacer throws.
   */
  encode(message: HubMessage): string {
    try {
      return write(message, this.#replacer);
    } catch (thrown) {
      throw new InvalidArgumentError(`Cannot be encoded as JSON: ${messageOf(thrown)}`, "not-serializable", thrown);
    }
  }

  /** Makes the decoder of one connection. */
  createDecoder(options: DecoderOptions): MessageDecoder {
    return new JsonDecoder(options);
  }
}

/** Decodes the records of one connection. */
export class JsonDecoder extends RecordSplitter implements MessageDecoder {
  readonly #log: Log;
  #deliver: ((message: HubMessage) => void) | undefined;

  constructor(options: DecoderOptions) {
    super(options.maximumMessageSize);
    this.#log = options.log;
  }

  decode(chunk: Chunk, deliver: (message: HubMessage) => void): void {
    this.#deliver = deliver;
    this.split(chunk);
  }

  protected override onRecord(record: string): void {
    const message = validateMessage(parseJson(record, "A hub message is not JSON"));
    if (message) this.#deliver?.(this.complete(message, record));
    else this.#log.write(LogLevel.Information, "A hub message of an unknown type was skipped.");
  }

  /** Has the last word about a message. @param _record Its text. */
  protected complete(message: HubMessage, _record: string): HubMessage {
    return message;
  }
}

/** @throws ProtocolError that begins with `problem`. */
export function parseJson(text: string, problem: string, reviver?: ValueFunction): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch (thrown) {
    throw new ProtocolError(`${problem}: ${messageOf(thrown)}`, thrown);
  }
}

/** What stands behind everything. */
const END = `}${RECORD_SEPARATOR}`;

// Written by hand around JSON.stringify of the user's values: several times cheaper than stringifying the envelope too. In few pieces,
// because every two that are put together are one more object.
function write(message: HubMessage, replacer: ValueFunction | undefined): string {
  switch (message.type) {
    case MessageType.Invocation:
      return `{"type":1${headers(message.headers)}${id(message.invocationId)}${call(message, replacer)}`;
    case MessageType.StreamInvocation:
      return `{"type":4${headers(message.headers)}${id(message.invocationId)}${call(message, replacer)}`;
    case MessageType.StreamItem:
      return itemHead(message) + (textOf(message.item, replacer) ?? "null") + END;
    case MessageType.Completion:
      return `{"type":3${headers(message.headers)}${id(message.invocationId)}${outcome(message, replacer)}${END}`;
    case MessageType.CancelInvocation:
      return `{"type":5${headers(message.headers)}${id(message.invocationId)}${END}`;
    case MessageType.Ping:
      return `{"type":6${END}`;
    case MessageType.Close:
    case MessageType.Ack:
    case MessageType.Sequence:
      return JSON.stringify(message) + RECORD_SEPARATOR;
  }
}

function headers(value: MessageHeaders | undefined): string {
  return value == null ? "" : `,"headers":${JSON.stringify(value)}`;
}

function id(value: string | undefined): string {
  return value == null ? "" : `,"invocationId":${quote(value)}`;
}

interface Call {
  readonly target: string;
  readonly arguments: unknown[];
  readonly streamIds?: string[] | undefined;
}

function call(message: Call, replacer: ValueFunction | undefined): string {
  const streams = message.streamIds == null ? "" : `,"streamIds":${JSON.stringify(message.streamIds)}`;
  return callHead(message.target) + list(message.arguments, replacer) + streams + END;
}

// Nearly all arguments are numbers and short texts, and one look at them does for the list.
function list(values: unknown[], replacer: ValueFunction | undefined): string {
  if (replacer) return listOfEach(values, replacer);
  let text = "";
  for (let i = 0; i < values.length; i++) {
    const plain = plainText(values[i]);
    if (plain === undefined) return values.some(isLeftOut) ? listOfEach(values) : JSON.stringify(values);
    text += i === 0 ? plain : `,${plain}`;
  }
  return `[${text}]`;
}

// The replacer gets each argument for itself, as it gets items and results: their list belongs to the message.
function listOfEach(values: unknown[], replacer?: ValueFunction): string {
  return `[${Array.from(values, (value) => textOf(value, replacer) ?? "null").join()}]`;
}

/** @returns `undefined` for a value that has no text: `undefined` itself, and what a replacer or `toJSON` leaves out. */
function textOf(value: unknown, replacer: ValueFunction | undefined): string | undefined {
  const text: string | undefined = (replacer ? undefined : plainText(value)) ?? JSON.stringify(value, replacer);
  if (text === undefined && isLeftOut(value)) throw new TypeError(`a ${typeof value} has no value.`);
  return text;
}

/** The text of a number or string; `undefined` for everything else. */
function plainText(value: unknown): string | undefined {
  if (typeof value === "number") return isFinite(value) ? `${value}` : "null";
  return typeof value === "string" ? quote(value) : undefined;
}

// JSON would write null for them, in silence. They may have a toJSON, or a replacer that knows them.
function isLeftOut(value: unknown): boolean {
  return typeof value === "function" || typeof value === "symbol";
}

function outcome(message: CompletionMessage, replacer: ValueFunction | undefined): string {
  if (message.error != null) return `,"error":${quote(message.error)}`;
  if (message.result === undefined) return "";
  const result = textOf(message.result, replacer);
  return result === undefined ? "" : `,"result":${result}`;
}

let lastStream: string | undefined;
let lastHead = "";

// Items come in runs of the same stream, and every piece of text is one more object.
function itemHead(message: StreamItemMessage): string {
  const { invocationId } = message;
  if (message.headers != null) return `{"type":2${headers(message.headers)}${id(invocationId)},"item":`;
  if (invocationId !== lastStream) {
    lastHead = `{"type":2${id(invocationId)},"item":`;
    lastStream = invocationId;
  }
  return lastHead;
}

let lastTarget: string | undefined;
let lastCallHead = "";

// Calls come in runs of the same method.
function callHead(target: string): string {
  if (target !== lastTarget) {
    lastCallHead = `,"target":${quote(target)},"arguments":`;
    lastTarget = target;
  }
  return lastCallHead;
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

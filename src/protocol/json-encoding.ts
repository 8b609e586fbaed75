/** The JSON encoding of hub messages (HUB_PROTOCOL §4), as both ends use it by default. */
import { InvalidArgumentError } from "../errors/call-errors.js";
import { messageOf } from "../errors/to-error.js";
import type { DecoderOptions, HubProtocol, MessageDecoder } from "./hub-protocol.js";
import { JsonDecoder } from "./json-decoder.js";
import {
  MessageType,
  TransferFormat,
  type CompletionMessage,
  type HubMessageBase,
  type HubMessage,
  type InvocationMessage,
  type StreamInvocationMessage,
  type StreamItemMessage,
} from "./messages.js";
import { RECORD_SEPARATOR } from "./text-framing.js";

/** What `JSON.stringify` calls for every value. */
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

/** What stands behind everything. */
const END = `}${RECORD_SEPARATOR}`;

// Written by hand around JSON.stringify of the user's values: several times cheaper than stringifying the envelope too. In few pieces,
// because every two that are put together are one more object.
function write(message: HubMessage, replacer: ValueFunction | undefined): string {
  switch (message.type) {
    case MessageType.Invocation:
      return head(`{"type":1,"target":`, message.target, `,"arguments":`) + call(message, replacer);
    case MessageType.StreamInvocation:
      return head(`{"type":4,"target":`, message.target, `,"arguments":`) + call(message, replacer);
    case MessageType.StreamItem:
      return head(`{"type":2,"invocationId":`, message.invocationId, `,"item":`) + item(message, replacer);
    case MessageType.Completion:
      return `{"type":3,"invocationId":${quote(message.invocationId)}${outcome(message, replacer)}`;
    default:
      return JSON.stringify(message) + RECORD_SEPARATOR;
  }
}

let lastStart: string | undefined;
let lastName: string | undefined;
let lastHead = "";

// Calls come in runs of the same method, and items in runs of the same stream.
function head(start: string, name: string, end: string): string {
  if (name !== lastName || start !== lastStart) {
    lastHead = start + quote(name) + end;
    lastStart = start;
    lastName = name;
  }
  return lastHead;
}

function call(message: InvocationMessage | StreamInvocationMessage, replacer: ValueFunction | undefined): string {
  const { invocationId, streamIds } = message;
  const values = list(message.arguments, replacer);
  const id = invocationId == null ? "" : `,"invocationId":${quote(invocationId)}`;
  const streams = streamIds == null ? "" : `,"streamIds":${JSON.stringify(streamIds)}`;
  return values + id + streams + end(message);
}

function item(message: StreamItemMessage, replacer: ValueFunction | undefined): string {
  return (textOf(message.item, replacer) ?? "null") + end(message);
}

function outcome(message: CompletionMessage, replacer: ValueFunction | undefined): string {
  if (message.error != null) return `,"error":${JSON.stringify(message.error)}${end(message)}`;
  const result = message.result === undefined ? undefined : textOf(message.result, replacer);
  return result === undefined ? end(message) : `,"result":${result}${end(message)}`;
}

function end({ headers }: HubMessageBase): string {
  return headers == null ? END : `,"headers":${JSON.stringify(headers)}${END}`;
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

// Names and ids are nearly always plain, and JSON.stringify has a price of its own.
function quote(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c) return JSON.stringify(text);
  }
  return `"${text}"`;
}

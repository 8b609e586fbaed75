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

// Each argument for itself, as the replacer gets items and results, too: their list belongs to the message.
function list(values: unknown[], replacer: ValueFunction | undefined): string {
  let text = "";
  for (let i = 0; i < values.length; i++) {
    const value = textOf(values[i], replacer) ?? "null";
    text += i === 0 ? value : `,${value}`;
  }
  return `[${text}]`;
}

/** @returns `undefined` for a value that has no text: `undefined` itself, and what a replacer or `toJSON` leaves out. */
function textOf(value: unknown, replacer: ValueFunction | undefined): string | undefined {
  if (!replacer) {
    // Nearly all values are of these kinds.
    if (typeof value === "string") return quote(value);
    if (typeof value === "boolean" || (typeof value === "number" && isFinite(value))) return `${value}`;
  }
  const text: string | undefined = JSON.stringify(value, replacer);
  // JSON would write null for them, in silence. They may have a toJSON, or a replacer that knows them.
  if (text === undefined && (typeof value === "function" || typeof value === "symbol")) {
    throw new TypeError(`a ${typeof value} has no value.`);
  }
  return text;
}

// Nearly all texts are short and plain, and JSON.stringify has a price of its own.
function quote(text: string): string {
  if (text.length > 40) return JSON.stringify(text);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c) return JSON.stringify(text);
  }
  return `"${text}"`;
}

/** Reads hub messages from a stream of JSON text, however it was chunked (HUB_PROTOCOL §2); one decoder for each connection. */
import { ProtocolError } from "../errors/call-errors.js";
import { messageOf } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import { strictUtf8 } from "./bytes.js";
import type { Chunk, DecoderOptions, MessageDecoder } from "./hub-protocol.js";
import type { HubMessage } from "./messages.js";
import { RECORD_SEPARATOR, tooLarge } from "./text-framing.js";
import { validateMessage } from "./validation.js";

/** Has the last word about a message that was read from `record`. */
export type Completer = (message: HubMessage, record: string) => HubMessage;

/** Keeps the start of a record whose end has not arrived. */
export class JsonDecoder implements MessageDecoder {
  readonly #maximumMessageSize: number;
  readonly #log: Log;
  readonly #complete: Completer | undefined;
  #utf8: TextDecoder | undefined;
  #partial = "";

  /** @param complete Changes messages before they are handed over. */
  constructor({ maximumMessageSize, log }: DecoderOptions, complete?: Completer) {
    this.#maximumMessageSize = maximumMessageSize;
    this.#log = log;
    this.#complete = complete;
  }

  decode(chunk: Chunk, deliver: (message: HubMessage) => void): void {
    const text = typeof chunk === "string" ? chunk : this.#textOf(chunk);
    for (let start = 0; start < text.length;) {
      const end = text.indexOf(RECORD_SEPARATOR, start);
      if (end < 0) return this.#keep(start === 0 ? text : ownCopy(text.slice(start)));
      const record = this.#partial + text.slice(start, end);
      this.#partial = "";
      start = end + 1;
      this.#read(record, deliver);
    }
  }

  #keep(part: string): void {
    this.#partial += part;
    // Never measured here: bytes are at least as many as units, and measuring each tiny chunk anew would be quadratic.
    this.#check(this.#partial.length);
  }

  #read(record: string, deliver: (message: HubMessage) => void): void {
    // A UTF-16 unit is at most three bytes, so most records are cleared without being measured.
    if (record.length * 3 >= this.#maximumMessageSize) {
      this.#check(record.length);
      this.#check(new TextEncoder().encode(record).length);
    }
    const message = validateMessage(parseJson(record, "A hub message is not JSON"));
    if (message) deliver(this.#complete ? this.#complete(message, record) : message);
    else this.#log.write(LogLevel.Information, "A hub message of an unknown type was skipped.");
  }

  #textOf(chunk: ArrayBuffer | Uint8Array): string {
    // Bytes may be cut in the middle of a character, so one decoder follows the whole stream.
    this.#utf8 ??= strictUtf8();
    try {
      return this.#utf8.decode(chunk, { stream: true });
    } catch (thrown) {
      throw new ProtocolError("A hub message is not UTF-8.", thrown);
    }
  }

  /** @param size Bytes of a record, to which its separator comes. */
  #check(size: number): void {
    if (size >= this.#maximumMessageSize) throw tooLarge(this.#maximumMessageSize);
  }
}

// A slice keeps the whole chunk in memory that it was cut from, for as long as the rest of the record does not come.
function ownCopy(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

/** @throws ProtocolError that begins with `problem`. */
export function parseJson(text: string, problem: string, reviver?: Parameters<typeof JSON.parse>[1]): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch (thrown) {
    throw new ProtocolError(`${problem}: ${messageOf(thrown)}`, thrown);
  }
}

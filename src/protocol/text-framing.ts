/** Cuts a text stream into records that end in 0x1E, however it was chunked (HUB_PROTOCOL §2). Used by JSON and by the handshake. */
import { LimitError, ProtocolError } from "../errors/call-errors.js";
import { strictUtf8 } from "./bytes.js";
import type { Chunk } from "./hub-protocol.js";

/** Ends every JSON message; never occurs inside one. */
export const RECORD_SEPARATOR = "\u001e";

/**
 * Incremental splitter, a base class: splitters are as many as connections, and callbacks would be objects of their own. Keeps the start
 * of a record whose end has not arrived.
 */
export abstract class RecordSplitter {
  readonly #maximumSize: number;
  #utf8: TextDecoder | undefined;
  #partial = "";

  /** @param maximumSize Largest record in bytes, separator included. */
  constructor(maximumSize: number) {
    this.#maximumSize = maximumSize;
  }

  /**
   * Hands over every record that this chunk completes.
   * @throws LimitError when a record is larger than the limit, complete or not.
   * @throws ProtocolError when bytes are not UTF-8.
   */
  split(chunk: Chunk): void {
    const text = typeof chunk === "string" ? chunk : this.#decode(chunk);
    let start = 0;
    let end = text.indexOf(RECORD_SEPARATOR);
    while (end >= 0) {
      let record = text.slice(start, end);
      if (this.#partial !== "") {
        record = this.#partial + record;
        this.#partial = "";
      }
      this.#checkSize(record);
      this.onRecord(record);
      start = end + 1;
      end = text.indexOf(RECORD_SEPARATOR, start);
    }
    if (start < text.length) {
      this.#partial += start === 0 ? text : ownCopy(text.slice(start));
      // Never measured here: bytes are at least as many as units, and measuring each tiny chunk anew would be quadratic.
      if (this.#partial.length >= this.#maximumSize) throw this.#tooLarge();
    }
  }

  /** A record is complete; its separator is not part of it. What this throws leaves {@link split}. */
  protected abstract onRecord(record: string): void;

  #decode(chunk: ArrayBuffer | Uint8Array): string {
    // Bytes may be cut in the middle of a character, so one decoder follows the whole stream.
    this.#utf8 ??= strictUtf8();
    try {
      return this.#utf8.decode(chunk, { stream: true });
    } catch (thrown) {
      throw new ProtocolError("A hub message is not UTF-8.", thrown);
    }
  }

  #checkSize(record: string): void {
    // A UTF-16 unit is at most three bytes, so most records are cleared without being measured.
    const limit = this.#maximumSize - 1;
    if (record.length * 3 <= limit || (record.length <= limit && utf8Length(record) <= limit)) return;
    throw this.#tooLarge();
  }

  #tooLarge(): LimitError {
    return new LimitError(
      "maximumReceiveMessageSize",
      `The maximum message size of ${this.#maximumSize} bytes was exceeded.`,
    );
  }
}

// A slice keeps the whole chunk in memory that it was cut from, for as long as the rest of the record does not come.
function ownCopy(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

/** Number of bytes of a string in UTF-8. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Each half of a surrogate pair counts two, which makes the four bytes of the pair.
    if (unit > 0x7ff) length += unit >= 0xd800 && unit <= 0xdfff ? 1 : 2;
    else if (unit > 0x7f) length += 1;
  }
  return length;
}

/** Cuts a `text/event-stream` into events, however it was chunked (TRANSPORTS §4). Used by the Server-Sent Events transport. */
import { LimitError, ProtocolError } from "../errors/call-errors.js";
import { strictUtf8 } from "../protocol/bytes.js";

const LF = 10;
const CR = 13;
const SPACE = 32;
const BYTE_ORDER_MARK = "\uFEFF";

/** What a line costs beside its text while its event is not complete. */
const LINE_COST = 64;

/** Incremental parser: hands over the data of each event. All other fields are ignored, as hubs do not use them. */
export class EventStreamParser {
  readonly #deliver: (data: string) => void;
  readonly #maximumSize: number;
  readonly #utf8 = strictUtf8();
  // Bytes of a line whose end has not come. Decoded with it at once, so a character that was cut needs no care.
  #held: Uint8Array[] = [];
  #heldSize = 0;
  // Data of the event whose end has not come.
  #data: string | undefined;
  #dataSize = 0;
  #isFirst = true;
  #endedInCr = false;

  /**
   * @param deliver Called with the data of each event, in order.
   * @param maximumSize Bytes that an event without an end may grow to.
   */
  constructor(deliver: (data: string) => void, maximumSize: number) {
    this.#deliver = deliver;
    this.#maximumSize = maximumSize;
  }

  /**
   * Takes the next bytes, which nobody changes afterwards.
   * @throws LimitError when an event is too large, ProtocolError when it is not UTF-8.
   */
  push(chunk: Uint8Array): void {
    let end = chunk.lastIndexOf(LF) + 1;
    if (end < chunk.length) end += chunk.subarray(end).lastIndexOf(CR) + 1;
    if (end > 0) {
      const lines = end < chunk.length ? chunk.subarray(0, end) : chunk;
      const bytes = this.#heldSize > 0 ? concat([...this.#held, lines]) : lines;
      this.#held = [];
      this.#heldSize = 0;
      this.#readLines(this.#decode(bytes));
    }
    if (end < chunk.length) {
      this.#held.push(chunk.subarray(end));
      this.#heldSize += chunk.length - end;
    }
    if (this.#heldSize + this.#dataSize > this.#maximumSize) {
      throw new LimitError("maximumEventSize", "An event of the stream is too large.");
    }
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#utf8.decode(bytes);
    } catch (thrown) {
      throw new ProtocolError("An event stream is not UTF-8.", thrown);
    }
  }

  /** @param text Whole lines. */
  #readLines(text: string): void {
    let start = (this.#isFirst && text.startsWith(BYTE_ORDER_MARK)) || (this.#endedInCr && text[0] === "\n") ? 1 : 0;
    this.#isFirst = false;
    this.#endedInCr = text.endsWith("\r");
    let cr = text.indexOf("\r", start);
    let lf = text.indexOf("\n", start);
    while (start < text.length) {
      // Each is looked for only after it was passed, so that a stream with one kind of them is not searched again and again.
      if (cr >= 0 && cr < start) cr = text.indexOf("\r", start);
      if (lf >= 0 && lf < start) lf = text.indexOf("\n", start);
      const end = cr < 0 || (lf >= 0 && lf < cr) ? lf : cr;
      this.#readLine(text, start, end);
      start = end === cr && lf === cr + 1 ? lf + 1 : end + 1;
    }
  }

  #readLine(text: string, start: number, end: number): void {
    if (start === end) {
      const data = this.#data;
      this.#data = undefined;
      this.#dataSize = 0;
      if (data) this.#deliver(data);
    } else if (text.startsWith("data:", start)) {
      const from = start + (text.charCodeAt(start + 5) === SPACE ? 6 : 5);
      this.#append(text.slice(from, end));
    } else if (text.slice(start, end) === "data") {
      this.#append("");
    }
  }

  #append(line: string): void {
    this.#data = this.#data === undefined ? line : `${this.#data}\n${line}`;
    this.#dataSize += line.length + LINE_COST;
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const bytes = new Uint8Array(size);
  size = 0;
  for (const part of parts) {
    bytes.set(part, size);
    size += part.length;
  }
  return bytes;
}

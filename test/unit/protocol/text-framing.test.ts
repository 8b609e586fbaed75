/** Records come out the same however the stream was cut, and no record is larger than the limit. */
import { LimitError, ProtocolError } from "../../../src/errors/call-errors.js";
import type { Chunk } from "../../../src/protocol/hub-protocol.js";
import { RECORD_SEPARATOR, RecordSplitter, utf8Length } from "../../../src/protocol/text-framing.js";

const encoder = new TextEncoder();

/** Hands over records to a function. */
class Splitter extends RecordSplitter {
  readonly #deliver: (record: string) => void;

  constructor(maximumSize: number, deliver: (record: string) => void) {
    super(maximumSize);
    this.#deliver = deliver;
  }

  protected override onRecord(record: string): void {
    this.#deliver(record);
  }
}

function split(chunks: readonly Chunk[], maximumSize = Infinity): string[] {
  const records: string[] = [];
  const splitter = new Splitter(maximumSize, (record) => records.push(record));
  for (const chunk of chunks) splitter.split(chunk);
  return records;
}

// One, two, three and four bytes in UTF-8, and empty records.
const records = ['{"type":6}', "", "häß", "€uro", "a😀b", "", "z"];
const stream = records.map((record) => record + RECORD_SEPARATOR).join("");

describe("splitting", () => {
  test("many records in one chunk", () => {
    expect(split([stream])).toEqual(records);
  });

  test("a string cut in two, anywhere", () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(split([stream.slice(0, cut), stream.slice(cut)])).toEqual(records);
    }
  });

  test("bytes cut in two, anywhere, inside characters too", () => {
    const bytes = encoder.encode(stream);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(split([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(records);
    }
  });

  test("unit by unit and byte by byte", () => {
    expect(split(Array.from({ length: stream.length }, (_, i) => stream.charAt(i)))).toEqual(records);
    const bytes = encoder.encode(stream);
    expect(split(Array.from(bytes, (byte) => new Uint8Array([byte])))).toEqual(records);
  });

  test("ArrayBuffers and empty chunks", () => {
    const bytes = encoder.encode(stream);
    expect(split([new Uint8Array(bytes).buffer, "", new Uint8Array()])).toEqual(records);
  });

  test("an incomplete record is kept back", () => {
    expect(split(["a\u001eb"])).toEqual(["a"]);
    expect(split(["a\u001eb", "c", "\u001ed"])).toEqual(["a", "bc"]);
  });

  test("bytes may be reused by the transport after the call", () => {
    const seen: string[] = [];
    const splitter = new Splitter(Infinity, (record) => seen.push(record));
    const bytes = encoder.encode("ab");
    splitter.split(bytes);
    bytes.fill(0);
    splitter.split("\u001e");
    expect(seen).toEqual(["ab"]);
  });

  test("a byte order mark is content, in bytes as in strings", () => {
    expect(split(["\ufeffa\u001e"])).toEqual(["\ufeffa"]);
    expect(split([encoder.encode("\ufeffa\u001e")])).toEqual(["\ufeffa"]);
  });

  test.each([
    ["a stray continuation byte", [0x80]],
    ["an overlong form", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a byte that never occurs", [0xff]],
    ["a character that breaks off", [0xe2, 0x82, 0x1e]],
  ])("%s is not UTF-8 and ends the stream", (_what, bytes) => {
    expect(() => split([new Uint8Array([...bytes, 0x1e])])).toThrow(ProtocolError);
    expect(() => split(Array.from([...bytes, 0x1e], (byte) => new Uint8Array([byte])))).toThrow(ProtocolError);
  });
});

describe("the limit, in bytes with the separator", () => {
  test.each([
    ["one byte each", "abcdefg"],
    ["two bytes each", "äöüä"],
    ["three bytes each", "€€€€"],
    ["four bytes each", "😀😀😀"],
    ["a mixture", "aä€😀"],
  ])("is exact: %s", (_what, record) => {
    const size = encoder.encode(record).length + 1;
    const framed = record + RECORD_SEPARATOR;
    for (const chunks of [[framed], [encoder.encode(framed)], [...framed], [record, RECORD_SEPARATOR]]) {
      expect(split(chunks, size)).toEqual([record]);
      expect(() => split(chunks, size - 1)).toThrow(LimitError);
    }
  });

  test("holds for each record, not for the chunk", () => {
    expect(split(["abc\u001edef\u001e"], 4)).toEqual(["abc", "def"]);
  });

  test("records in front of one that is too large are delivered", () => {
    const seen: string[] = [];
    const splitter = new Splitter(4, (record) => seen.push(record));
    expect(() => splitter.split("abc\u001eabcd\u001e")).toThrow(LimitError);
    expect(seen).toEqual(["abc"]);
  });

  test("stops a record that never ends", () => {
    const deliver = jest.fn();
    const splitter = new Splitter(1_000, deliver);
    for (let i = 0; i < 999; i++) splitter.split("a");
    expect(() => splitter.split("a")).toThrow(LimitError);
    expect(deliver).not.toHaveBeenCalled();
  });

  test("names the option", () => {
    try {
      split(["abc\u001e"], 3);
      throw new Error("not reached");
    } catch (error) {
      expect(error).toBeInstanceOf(LimitError);
      expect((error as LimitError).limit).toBe("maximumReceiveMessageSize");
      expect((error as LimitError).message).toContain("3 bytes");
    }
  });
});

test("a large record in many chunks does not take quadratic time", () => {
  const chunk = "x".repeat(16);
  const count = 200_000;
  let length = 0;
  const splitter = new Splitter(Infinity, (record) => (length = record.length));
  for (let i = 0; i < count; i++) splitter.split(chunk);
  splitter.split(RECORD_SEPARATOR);
  expect(length).toBe(16 * count);
});

test("utf8Length counts what an encoder writes", () => {
  for (const text of ["", "abc", "\u007f\u0080", "\u07ff\u0800", "\uffff", "😀", "aä€😀", stream]) {
    expect(utf8Length(text)).toBe(encoder.encode(text).length);
  }
});

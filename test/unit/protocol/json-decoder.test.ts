/** Messages come out the same however the stream was cut, and none is larger than the limit. */
import { LimitError, ProtocolError } from "../../../src/errors/call-errors.js";
import { Log, NullLogger } from "../../../src/logging/logger.js";
import type { Chunk } from "../../../src/protocol/hub-protocol.js";
import { JsonDecoder } from "../../../src/protocol/json-decoder.js";
import { MessageType, type HubMessage } from "../../../src/protocol/messages.js";
import { RECORD_SEPARATOR } from "../../../src/protocol/text-framing.js";

const encoder = new TextEncoder();
const log = new Log(NullLogger.instance);

/** The record of a message that says `text`. */
function record(text: string): string {
  return `{"type":2,"invocationId":"1","item":"${text}"}`;
}

function said(message: HubMessage): unknown {
  return message.type === MessageType.StreamItem ? message.item : undefined;
}

/** Feeds a decoder. @returns what the messages say, also where the last chunk throws. */
function decoding(maximumMessageSize = Infinity): { readonly texts: unknown[]; take(chunk: Chunk): void } {
  const decoder = new JsonDecoder({ maximumMessageSize, log });
  const texts: unknown[] = [];
  return { texts, take: (chunk) => decoder.decode(chunk, (message) => texts.push(said(message))) };
}

function decode(chunks: readonly Chunk[], maximumMessageSize?: number): unknown[] {
  const { texts, take } = decoding(maximumMessageSize);
  for (const chunk of chunks) take(chunk);
  return texts;
}

// One, two, three and four bytes in UTF-8.
const texts = ["a", "", "häß", "€uro", "a😀b", "z"];
const stream = texts.map((text) => record(text) + RECORD_SEPARATOR).join("");

describe("chunks", () => {
  test("many records in one chunk", () => {
    expect(decode([stream])).toEqual(texts);
  });

  test("a string cut in two, anywhere", () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(decode([stream.slice(0, cut), stream.slice(cut)])).toEqual(texts);
    }
  });

  test("bytes cut in two, anywhere, inside characters too", () => {
    const bytes = encoder.encode(stream);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(decode([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(texts);
    }
  });

  test("unit by unit and byte by byte", () => {
    expect(decode(Array.from({ length: stream.length }, (_, i) => stream.charAt(i)))).toEqual(texts);
    const bytes = encoder.encode(stream);
    expect(decode(Array.from(bytes, (byte) => new Uint8Array([byte])))).toEqual(texts);
  });

  test("ArrayBuffers and empty chunks", () => {
    const bytes = encoder.encode(stream);
    expect(decode([new Uint8Array(bytes).buffer, "", new Uint8Array()])).toEqual(texts);
  });

  test("an incomplete record is kept back", () => {
    const [first, second] = [`${record("a")}\u001e{"type":2,"invocationId":"1",`, '"item":"b"}'];
    expect(decode([first])).toEqual(["a"]);
    expect(decode([first, second, "\u001e{"])).toEqual(["a", "b"]);
  });

  test("bytes may be reused by the transport after the call", () => {
    const { texts: seen, take } = decoding();
    const bytes = encoder.encode(record("ab"));
    take(bytes);
    bytes.fill(0);
    take("\u001e");
    expect(seen).toEqual(["ab"]);
  });

  test("a byte order mark is content, in bytes as in strings", () => {
    const inside = `${record("\ufeffa")}\u001e`;
    expect(decode([inside])).toEqual(["\ufeffa"]);
    expect(decode([encoder.encode(inside)])).toEqual(["\ufeffa"]);
    expect(() => decode([encoder.encode(`\ufeff${inside}`)])).toThrow("not JSON");
  });

  test.each([
    ["a stray continuation byte", [0x80]],
    ["an overlong form", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a byte that never occurs", [0xff]],
    ["a character that breaks off", [0xe2, 0x82, 0x1e]],
  ])("%s is not UTF-8 and ends the stream", (_what, bytes) => {
    expect(() => decode([new Uint8Array([...bytes, 0x1e])])).toThrow("A hub message is not UTF-8.");
    const oneByOne = Array.from([...bytes, 0x1e], (byte) => new Uint8Array([byte]));
    expect(() => decode(oneByOne)).toThrow("A hub message is not UTF-8.");
    expect(() => decode(oneByOne)).toThrow(ProtocolError);
  });
});

describe("the limit, in bytes with the separator", () => {
  test.each([
    ["one byte each", "abcdefg"],
    ["two bytes each", "äöüä"],
    ["three bytes each", "€€€€"],
    ["four bytes each", "😀😀😀"],
    ["a mixture", "aä€😀"],
  ])("is exact: %s", (_what, text) => {
    const framed = record(text) + RECORD_SEPARATOR;
    const size = encoder.encode(framed).length;
    for (const chunks of [[framed], [encoder.encode(framed)], [...framed], [record(text), RECORD_SEPARATOR]]) {
      expect(decode(chunks, size)).toEqual([text]);
      expect(() => decode(chunks, size - 1)).toThrow(LimitError);
    }
  });

  test("holds for each record, not for the chunk", () => {
    const both = `${record("abc")}\u001e${record("def")}\u001e`;
    expect(decode([both], both.length / 2)).toEqual(["abc", "def"]);
  });

  test("records in front of one that is too large are delivered", () => {
    const { texts: seen, take } = decoding(record("abc").length + 1);
    expect(() => take(`${record("abc")}\u001e${record("abcd")}\u001e`)).toThrow(LimitError);
    expect(seen).toEqual(["abc"]);
  });

  test("stops a record that never ends", () => {
    const { texts: seen, take } = decoding(1_000);
    for (let i = 0; i < 999; i++) take("a");
    expect(() => take("a")).toThrow(LimitError);
    expect(seen).toEqual([]);
  });

  test("names the option", () => {
    try {
      decode([`${record("abc")}\u001e`], 3);
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
  const { texts: seen, take } = decoding();
  const [start, end] = record("|").split("|");
  take(start ?? "");
  for (let i = 0; i < count; i++) take(chunk);
  take(`${end}${RECORD_SEPARATOR}`);
  expect(seen).toEqual([chunk.repeat(count)]);
});

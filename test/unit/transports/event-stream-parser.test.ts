/** The event stream parser: every form of the format, in every way it can be cut. */
import fc from "fast-check";
import { LimitError, ProtocolError } from "../../../src/errors/call-errors.js";
import { EventStreamParser } from "../../../src/transports/event-stream-parser.js";

const encoder = new TextEncoder();

/** What comes out of a stream that arrives in these chunks. */
function parse(chunks: Iterable<string | Uint8Array>, maximumSize = 1_000): string[] {
  const events: string[] = [];
  const parser = new EventStreamParser((data) => events.push(data), maximumSize);
  for (const chunk of chunks) parser.push(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
  return events;
}

/** The bytes, one by one. */
function* bytesOf(text: string): Iterable<Uint8Array> {
  for (const byte of encoder.encode(text)) yield Uint8Array.of(byte);
}

describe("EventStreamParser", () => {
  it.each([
    ["an event", "data: a\n\n", ["a"]],
    ["no space behind the colon", "data:a\n\n", ["a"]],
    ["one space only is taken away", "data:  a \n\n", [" a "]],
    ["several lines", "data: a\ndata: b\n\n", ["a\nb"]],
    ["empty lines of data", "data: a\ndata\ndata:\ndata: b\n\n", ["a\n\n\nb"]],
    ["several events", "data: a\n\ndata: b\n\n", ["a", "b"]],
    ["carriage returns", "data: a\rdata: b\r\rdata: c\r\r", ["a\nb", "c"]],
    ["both together", "data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n", ["a\nb", "c"]],
    ["all kinds mixed", "data: a\r\ndata: b\ndata: c\r\r\ndata: d\n\r", ["a\nb\nc", "d"]],
    ["comments", ":\r\n\r\n: data: no\ndata: a\n:data: no\n\n", ["a"]],
    ["other fields", "event: x\nid: 1\nretry: 5\ndata: a\nrow: y\ndatum: z\ndata-x: y\n\n", ["a"]],
    ["a field without a value", "id\ndata: a\n\n", ["a"]],
    ["an event without data", "event: x\n\ndata\n\ndata:\n\ndata: a\n\n", ["a"]],
    ["an event without an end", "data: a\n\ndata: b\n", ["a"]],
    ["a byte order mark", "\uFEFFdata: a\n\n", ["a"]],
    ["a second one is part of a field's name", "\uFEFF\uFEFFdata: a\n\ndata: b\n\n", ["b"]],
    ["one in the middle", "data: \uFEFFa\n\n\uFEFFdata: b\n\n", ["\uFEFFa"]],
    ["characters of all lengths", "data: aä€😀\n\n", ["aä€😀"]],
    ["separators that are no line ends", "data: a\u2028b\u0085c\u001e\n\n", ["a\u2028b\u0085c\u001e"]],
    ["nothing", "", []],
  ])("%s, in one chunk and byte by byte", (_name, text, events) => {
    expect(parse([text])).toEqual(events);
    expect(parse(bytesOf(text))).toEqual(events);
  });

  it("delivers an event as soon as its end is there, whatever kind of line end that is", () => {
    const events: string[] = [];
    const parser = new EventStreamParser((data) => events.push(data), 1_000);
    parser.push(encoder.encode("data: a\r\n\r"));
    expect(events).toEqual(["a"]);
    parser.push(encoder.encode("\ndata: b\r"));
    parser.push(encoder.encode("\n"));
    expect(events).toEqual(["a"]);
    parser.push(encoder.encode("\n"));
    expect(events).toEqual(["a", "b"]);
  });

  it("gives the same for every way to cut a stream", () => {
    const line = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 10 }).map((text) => `data: ${text.replace(/[\r\n]/g, "")}`),
      fc.constantFrom("data", "data:", ": comment", "id: 1", "event: x", ""),
    );
    const stream = fc
      .array(fc.tuple(line, fc.constantFrom("\n", "\r", "\r\n")), { maxLength: 30 })
      .map((lines) => encoder.encode(lines.flat().join("")));
    fc.assert(
      fc.property(stream, fc.array(fc.nat()), (bytes, cuts) => {
        const chunks: Uint8Array[] = [];
        const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
        let start = 0;
        for (const end of [...ends, bytes.length]) chunks.push(bytes.subarray(start, (start = end)));
        expect(parse(chunks)).toEqual(parse([bytes]));
      }),
      { numRuns: 2_000 },
    );
  });

  it("refuses an event that does not end, in one line or in many", () => {
    expect(() => parse(["data: ", "x".repeat(600), "x".repeat(600)])).toThrow(LimitError);
    expect(() => parse(Array.from({ length: 1_000 }, () => "data: x\n"))).toThrow(LimitError);
    expect(() => parse(Array.from({ length: 1_000 }, () => "data\n"))).toThrow(LimitError);
    expect(() => parse([": ", "x".repeat(2_000)])).toThrow(expect.objectContaining({ limit: "maximumEventSize" }));
  });

  it("takes any number of events that are small each", () => {
    expect(parse(["data: a\n\n".repeat(1_000)])).toHaveLength(1_000);
    expect(parse(bytesOf("data: a\n\n".repeat(1_000)))).toHaveLength(1_000);
    expect(parse(["id: 1\n".repeat(1_000), "data: a\n\n"])).toEqual(["a"]);
  });

  it("refuses what is not UTF-8", () => {
    expect(() => parse([Uint8Array.of(...encoder.encode("data: "), 0xff, 10, 10)])).toThrow(ProtocolError);
  });

  it("costs linear time", () => {
    // Were it quadratic, ten times as much in the smallest pieces would take a hundred times as long.
    const time = (size: number) => {
      const text = `data: ${"x".repeat(size)}\n\n${"data: y\r\n\r\n".repeat(size / 10)}`;
      const start = process.cpuUsage().user;
      parse(bytesOf(text), 1e9);
      return process.cpuUsage().user - start;
    };
    time(20_000);
    expect(time(400_000) / Math.max(time(40_000), 1_000)).toBeLessThan(40);
  });
});

/** The buffer that MessagePack frames are written in: lengths in front, growth, and frames inside frames. */
import { MessagePackWriter } from "../../../src/protocol/msgpack-writer.js";

const noExtensions = { tryToEncode: () => null, decode: () => null };

function makeWriter(options = {}): MessagePackWriter {
  return new MessagePackWriter(options, noExtensions);
}

/** A frame of so many bytes, its own length left out. */
function frame(writer: MessagePackWriter, length: number): Uint8Array {
  const start = writer.open();
  for (let i = 0; i < length; i++) writer.boolean(true);
  const bytes = writer.take(start);
  writer.close(start);
  return bytes;
}

test.each([
  [0, [0x00]],
  [1, [0x01]],
  [0x7f, [0x7f]],
  [0x80, [0x80, 0x01]],
  [0x3fff, [0xff, 0x7f]],
  [0x4000, [0x80, 0x80, 0x01]],
  [0x1f_ffff, [0xff, 0xff, 0x7f]],
  [0x20_0000, [0x80, 0x80, 0x80, 0x01]],
])("the length %i in front of a frame, which has a buffer of its own", (length, prefix) => {
  const bytes = frame(makeWriter(), length);
  expect([...bytes.subarray(0, prefix.length)]).toEqual(prefix);
  expect(bytes.length).toBe(prefix.length + length);
  expect(bytes.subarray(prefix.length).every((byte) => byte === 0xc3)).toBe(true);
  expect(bytes.buffer.byteLength).toBe(bytes.length);
});

test.each([0, 1, 7, 2048])("a buffer that starts with %i bytes grows as needed", (initialBufferSize) => {
  const writer = makeWriter({ initialBufferSize });
  const value = ["x".repeat(30), "x".repeat(5_000), 1.5, 2 ** 40, Array.from({ length: 100 }, () => "é")];
  const [grown, expected] = [writer, makeWriter({ initialBufferSize: 100_000 })].map((each) => {
    const start = each.open();
    each.value(value);
    return each.take(start);
  });
  expect(grown).toEqual(expected);
});

test.each<[string, unknown]>([
  ["texts of one unit", "a"],
  ["texts of two units", "ab"],
  ["texts of two bytes", "é"],
  ["texts of three bytes", "€"],
  ["texts of two units for one character", "\ud83d\ude00"],
  ["integers", -3],
  ["fractions", 1.5],
  ["large integers", 2 ** 40],
  ["objects", { a: true }],
])("%s stay whole wherever the buffer grows", (_, value) => {
  const values = Array.from({ length: 16 }, () => value);
  const [expected, ...grown] = [10_000, ...Array.from({ length: 300 }, (_, size) => size)].map((initialBufferSize) => {
    const writer = makeWriter({ initialBufferSize });
    const start = writer.open();
    writer.value(values);
    return writer.take(start);
  });
  for (const bytes of grown) expect(bytes).toEqual(expected);
});

test("what no length in front of a frame can tell is refused before it is copied", () => {
  const writer = makeWriter();
  const start = writer.open();
  const huge = new Uint8Array(2 ** 31); // never touched, so it takes no memory
  expect(() => writer.value(huge)).toThrow(new RangeError("the message is over 2 GB."));
  writer.close(start);
  expect([...frame(writer, 1)]).toEqual([1, 0xc3]);
});

test("a frame in the middle of another one leaves that as it is", () => {
  const writer = makeWriter({ initialBufferSize: 10 });
  const start = writer.open();
  writer.string("outer");
  const inner = frame(writer, 1_000);
  writer.string("end");
  const outer = writer.take(start);
  writer.close(start);
  expect(inner).toEqual(frame(makeWriter(), 1_000));
  expect([...outer]).toEqual([10, 0xa5, ...Buffer.from("outer"), 0xa3, ...Buffer.from("end")]);
});

test("what was begun and given up is gone", () => {
  const writer = makeWriter();
  const start = writer.open();
  writer.string("given up");
  writer.close(start);
  expect([...frame(writer, 1)]).toEqual([1, 0xc3]);
});

test.each([
  ["", "a0"],
  ["x".repeat(31), `bf${"78".repeat(31)}`],
  ["x".repeat(32), `d920${"78".repeat(32)}`],
  ["é".repeat(15), `be${"c3a9".repeat(15)}`],
  ["é".repeat(16), `d920${"c3a9".repeat(16)}`],
  ["€".repeat(40), `d978${"e282ac".repeat(40)}`],
  ["\ud83d\ude00", "a4f09f9880"],
  ["half \ud800", "a868616c6620efbfbd"],
  ["x".repeat(256), `da0100${"78".repeat(256)}`],
])("the string %j has the shortest head", (text, expected) => {
  const writer = makeWriter();
  const start = writer.open();
  writer.string(text);
  expect(Buffer.from(writer.take(start).subarray(text.length > 120 ? 2 : 1)).toString("hex")).toBe(expected);
});

test.each([
  [0, "00"],
  [127, "7f"],
  [128, "cc80"],
  [255, "ccff"],
  [256, "cd0100"],
  [65_535, "cdffff"],
  [65_536, "ce00010000"],
  [2 ** 32 - 1, "ceffffffff"],
  [2 ** 32, "cf0000000100000000"],
  [2 ** 53 - 1, "cf001fffffffffffff"],
  [-1, "ff"],
  [-32, "e0"],
  [-33, "d0df"],
  [-128, "d080"],
  [-129, "d1ff7f"],
  [-32_768, "d18000"],
  [-32_769, "d2ffff7fff"],
  [-(2 ** 31), "d280000000"],
  [-(2 ** 31) - 1, "d3ffffffff7fffffff"],
  [-(2 ** 53) + 1, "d3ffe0000000000001"],
])("the integer %d has the shortest form", (value, expected) => {
  const writer = makeWriter();
  const start = writer.open();
  writer.integer(value);
  expect(Buffer.from(writer.take(start).subarray(1)).toString("hex")).toBe(expected);
});

test("the buffer is kept from message to message, unless one was very large", () => {
  const Original = DataView;
  const made = jest.spyOn(globalThis, "DataView").mockImplementation((...args) => new Original(...args));
  const madeFor = (writer: MessagePackWriter, length: number): number => {
    const before = made.mock.calls.length;
    const start = writer.open();
    writer.value(new Uint8Array(length));
    writer.close(start);
    return made.mock.calls.length - before;
  };
  const writer = makeWriter();
  expect([1_000, 100_000, 100_000, 400_000, 400_000].map((length) => madeFor(writer, length))).toEqual([0, 1, 0, 1, 0]);
  expect([2_000_000, 1_000, 2_000_000].map((length) => madeFor(writer, length))).toEqual([2, 0, 2]);
  const large = makeWriter({ initialBufferSize: 3_000_000 });
  expect([2_000_000, 1_000, 2_000_000].map((length) => madeFor(large, length))).toEqual([0, 0, 0]);
  made.mockRestore();
});

/** Frames with a length in front: every length, every cut, and the bounds on what is kept. */
import { LimitError, ProtocolError } from "../../../src/errors/call-errors.js";
import { FrameSplitter } from "../../../src/protocol/binary-framing.js";

type Deliver = (bytes: Uint8Array, start: number, end: number) => void;

/** Hands over frames to a function. */
class Splitter extends FrameSplitter {
  readonly #deliver: Deliver;

  constructor(maximumSize: number, deliver: Deliver) {
    super(maximumSize);
    this.#deliver = deliver;
  }

  protected override onFrame(bytes: Uint8Array, start: number, end: number): void {
    this.#deliver(bytes, start, end);
  }
}

function frame(length: number, fill = 7): Uint8Array {
  const prefix: number[] = [];
  let rest = length;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) prefix.push((rest % 128) | 0x80);
  return Uint8Array.from([...prefix, rest, ...new Uint8Array(length).fill(fill)]);
}

function split(chunks: readonly Uint8Array[], maximumSize = Infinity): number[][] {
  const frames: number[][] = [];
  const splitter = new Splitter(maximumSize, (bytes, start, end) => frames.push([...bytes.subarray(start, end)]));
  for (const chunk of chunks) splitter.split(chunk);
  return frames;
}

describe("FrameSplitter", () => {
  test("whole frames are handed over where they are, without a copy", () => {
    const chunk = Uint8Array.of(2, 1, 2, 0, 1, 3);
    const seen: unknown[] = [];
    new Splitter(Infinity, (bytes, start, end) => seen.push([bytes === chunk, start, end])).split(chunk);
    expect(seen).toEqual([
      [true, 1, 3],
      [true, 4, 4],
      [true, 5, 6],
    ]);
  });

  test.each([0, 1, 127, 128, 300, 16_384, 70_000])("a frame of %i bytes, cut at its places", (length) => {
    const bytes = frame(length);
    const stream = Uint8Array.from([...bytes, ...bytes]);
    const expected = [length, length];
    const cuts = length < 500 ? stream.keys() : [1, 2, 3, 4, 5, 300, bytes.length - 1, bytes.length, bytes.length + 1];
    for (const cut of cuts) {
      expect(split([stream.subarray(0, cut), stream.subarray(cut)]).map((one) => one.length)).toEqual(expected);
    }
  });

  test("byte by byte, empty chunks in between", () => {
    const stream = [...frame(1, 1), ...frame(200, 2), ...frame(0), ...frame(3, 3)];
    const chunks = stream.flatMap((byte) => [new Uint8Array(0), Uint8Array.of(byte)]);
    expect(split(chunks)).toEqual([[1], new Array<number>(200).fill(2), [], [3, 3, 3]]);
  });

  test("what is kept is a copy", () => {
    const frames: number[][] = [];
    const splitter = new Splitter(Infinity, (bytes, start, end) => frames.push([...bytes.subarray(start, end)]));
    const chunk = Uint8Array.of(3, 1, 2);
    splitter.split(chunk);
    expect(splitter.isPartial).toBe(true);
    chunk.fill(9);
    splitter.split(Uint8Array.of(3));
    expect(splitter.isPartial).toBe(false);
    expect(frames).toEqual([[1, 2, 3]]);
  });

  test("a length may be longer than it has to be", () => {
    expect(split([Uint8Array.of(0x82, 0x80, 0x00, 1, 2)])).toEqual([[1, 2]]);
  });

  test("the largest length of all is one", () => {
    const splitter = new Splitter(Infinity, () => fail());
    splitter.split(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x07, 1));
    expect(splitter.isPartial).toBe(true);
  });

  test.each([
    ["over 2 GB", [0xff, 0xff, 0xff, 0xff, 0x08]],
    ["of more than five bytes", [0x80, 0x80, 0x80, 0x80, 0x80, 0x01]],
  ])("a length %s is none, however it is cut", (_what, bytes) => {
    expect(() => split([Uint8Array.from(bytes)])).toThrow(ProtocolError);
    expect(() => split(bytes.map((byte) => Uint8Array.of(byte)))).toThrow(ProtocolError);
  });

  test("the limit counts the length in front, and is noticed before anything is kept", () => {
    expect(split([frame(126)], 127)).toHaveLength(1);
    expect(split([frame(128)], 130)).toHaveLength(1);
    expect(() => split([frame(128).subarray(0, 2)], 129)).toThrow(LimitError);
    expect(() => split([Uint8Array.of(0xff), Uint8Array.of(0x7f)], 16_384)).toThrow(
      expect.objectContaining({ limit: "maximumReceiveMessageSize" }),
    );
  });

  test("a length that is a lie takes no memory", () => {
    const before = process.memoryUsage().arrayBuffers;
    const splitters = Array.from({ length: 1_000 }, () => new Splitter(Infinity, () => fail()));
    for (const splitter of splitters) splitter.split(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x07, 1, 2, 3));
    expect(splitters.every((splitter) => splitter.isPartial)).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });

  test("a large frame in small chunks takes time in proportion", () => {
    const bytes = frame(8_000_000);
    const chunks: Uint8Array[] = [];
    for (let start = 0; start < bytes.length; start += 100) chunks.push(bytes.subarray(start, start + 100));
    const started = performance.now();
    expect(split(chunks)[0]).toHaveLength(8_000_000);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

function fail(): never {
  throw new Error("nothing should have been delivered");
}

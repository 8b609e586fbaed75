/** Byte arrays in MessagePack messages: views of every kind, and how often they are copied on their way. */
import { MessagePackHubProtocol } from "../../../src/msgpack.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { using } from "../../support/msgpack-item.js";

/** How many bytes the views of memory copy meanwhile. */
function countCopied(run: () => void): number {
  const views = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
  let copied = 0;
  const { set, slice } = views;
  const spies = [
    jest.spyOn(views, "set").mockImplementation(function (this: Uint8Array, source: ArrayLike<number>, offset) {
      copied += source.length;
      set.call(this, source, offset);
    }),
    jest.spyOn(views, "slice").mockImplementation(function (this: Uint8Array, start, end) {
      const part = slice.call(this, start, end);
      copied += part.length;
      return part;
    }),
  ];
  run();
  for (const spy of spies) spy.mockRestore();
  return copied;
}

describe("byte arrays", () => {
  const { roundTrip, read, write, wire } = using();

  test.each([0, 1, 255, 256, 65_535, 65_536])("of %i bytes", (length) => {
    const bytes = Uint8Array.from({ length }, (_, index) => index);
    expect(roundTrip(bytes)).toEqual(bytes);
    expect(roundTrip(Buffer.from(bytes))).toEqual(bytes);
    expect(roundTrip(new DataView(bytes.buffer))).toEqual(bytes);
  });

  test("are never Buffers, whatever arrived", () => {
    expect(read(Buffer.from(write(Uint8Array.of(1, 2))))).toEqual(Uint8Array.of(1, 2));
    expect(Buffer.isBuffer(read(Buffer.from(write(Uint8Array.of(1, 2)))))).toBe(false);
    expect(Buffer.isBuffer(read(Buffer.from(write(new Uint8Array(100_000)))))).toBe(false);
  });

  test("a view writes what it shows", () => {
    const memory = new SharedArrayBuffer(8);
    new Uint8Array(memory).set([0, 1, 2, 3, 4, 5, 6, 7]);
    const bytes = Uint8Array.from(new Uint8Array(memory));
    expect(wire(Uint16Array.of(1, 2, 3).subarray(1))).toBe("c40402000300");
    expect(wire(new DataView(bytes.buffer, 2, 3))).toBe("c403020304");
    expect(wire(Buffer.from(bytes.buffer, 5, 2))).toBe("c4020506");
    expect(wire(Buffer.from("pooled"))).toBe("c406706f6f6c6564");
    expect(wire(new Uint8Array(memory, 6))).toBe("c4020607");
    expect(wire(new Float32Array(bytes.buffer, 4, 1))).toBe("c40404050607");
    expect(wire(new DataView(memory, 1, 1))).toBe("c40101");
  });

  test("messages in views of any kind are read, shared memory included", () => {
    const frame = write(["text", "x".repeat(100), Uint8Array.of(1, 2), 1.5]);
    const memory = new SharedArrayBuffer(frame.length + 3);
    new Uint8Array(memory).set(frame, 2);
    const views = [
      new Uint8Array(memory, 2, frame.length),
      new DataView(memory, 2, frame.length),
      new DataView(frame.buffer),
      Buffer.from(memory, 2, frame.length),
    ];
    for (const view of views) {
      expect(read(view as Uint8Array)).toEqual(["text", "x".repeat(100), Uint8Array.of(1, 2), 1.5]);
    }
  });

  test("a large one is copied twice on its way out, and not at all on its way in", () => {
    const bytes = new Uint8Array(100_000);
    const frame = write(bytes); // the encoder's buffer has its size from now on
    const copied = countCopied(() => write(bytes));
    expect(copied).toBeGreaterThanOrEqual(2 * bytes.length); // else this counts nothing
    expect(copied).toBeLessThan(2 * bytes.length + 1_000);
    expect(countCopied(() => read(frame))).toBeLessThan(1_000);
  });

  test("the frame is handed over in the official form without a copy", () => {
    const protocol = new MessagePackHubProtocol();
    const item = new Uint8Array(100_000);
    const message = { type: MessageType.StreamItem, invocationId: "1", item } as const;
    protocol.writeMessage(message);
    expect(countCopied(() => protocol.writeMessage(message))).toBeLessThan(2 * item.length + 1_000);
  });

  test("a large one is a view of what arrived, a small one keeps nothing else in memory", () => {
    const frame = write(new Uint8Array(100_000));
    expect((read(frame) as Uint8Array).buffer).toBe(frame.buffer);
    const small = read(
      Buffer.concat([write(Uint8Array.of(1, 2, 3)), Buffer.alloc(0)], 200_000).subarray(0, 11),
    ) as Uint8Array;
    expect(small).toEqual(Uint8Array.of(1, 2, 3));
    expect(small.buffer.byteLength).toBe(3);
  });
});

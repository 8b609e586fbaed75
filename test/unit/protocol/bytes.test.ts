/** One form for binary chunks. */
import { toBytes } from "../../../src/protocol/bytes.js";

test("a Uint8Array stays what it is, a view of a Buffer's pool included", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  expect(toBytes(bytes)).toBe(bytes);
  const view = bytes.subarray(1);
  expect(toBytes(view)).toBe(view);
  const buffer = Buffer.from("abc");
  expect([...toBytes(buffer)]).toEqual([97, 98, 99]);
});

test("an ArrayBuffer is seen through a view, not copied", () => {
  const buffer = new ArrayBuffer(2);
  const bytes = toBytes(buffer);
  new Uint8Array(buffer)[1] = 7;
  expect([...bytes]).toEqual([0, 7]);
});

test.each<[string, (buffer: ArrayBuffer) => ArrayBufferLike | ArrayBufferView]>([
  ["a DataView", (buffer: ArrayBuffer) => new DataView(buffer, 1, 2)],
  ["a view of larger elements", (buffer: ArrayBuffer) => new Uint16Array(buffer, 2, 1)],
  ["a view of shared memory", () => new Uint8Array(shared(0, 1, 2, 3), 1, 2)],
  ["shared memory", () => shared(1, 2)],
])("%s is seen byte for byte, not copied", (_what, make) => {
  const source = make(Uint8Array.of(0, 1, 2, 3).buffer);
  const bytes = toBytes(source as ArrayBuffer | Uint8Array);
  expect(bytes).toBeInstanceOf(Uint8Array);
  expect(bytes.buffer).toBe(ArrayBuffer.isView(source) ? source.buffer : source);
  expect([...bytes]).toEqual(source instanceof Uint16Array ? [2, 3] : [1, 2]);
});

function shared(...bytes: number[]): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

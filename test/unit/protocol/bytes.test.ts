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

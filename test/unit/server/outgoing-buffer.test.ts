/** What waits for a Long Polling client's next poll. */
import { OutgoingBuffer } from "../../../src/server/outgoing-buffer.js";

test("gives all chunks as one, text as text and bytes as bytes", () => {
  const buffer = new OutgoingBuffer(10);
  expect(buffer.isEmpty).toBe(true);
  buffer.push("a");
  expect([buffer.isEmpty, buffer.takeAll(), buffer.isEmpty]).toEqual([false, "a", true]);
  buffer.push("é");
  buffer.push("b");
  expect(buffer.takeAll()).toBe("éb");
  buffer.push(Uint8Array.of(1));
  buffer.push(Uint8Array.of(2, 3));
  expect([...(buffer.takeAll() as Uint8Array)]).toEqual([1, 2, 3]);
  buffer.push("é");
  buffer.push(Uint8Array.of(255));
  expect([...(buffer.takeAll() as Uint8Array)]).toEqual([0xc3, 0xa9, 255]);
});

test("lets writers wait only beyond its size, until everything is taken", async () => {
  const buffer = new OutgoingBuffer(3);
  buffer.push("abc");
  expect(buffer.whenRoom()).toBeUndefined();
  buffer.push("d");
  const waiting = buffer.whenRoom();
  expect(buffer.whenRoom()).toBe(waiting);
  buffer.takeAll();
  await waiting;
  expect(buffer.whenRoom()).toBeUndefined();
});

test("tells whoever waits that nobody will come, and nobody else", async () => {
  const buffer = new OutgoingBuffer(1);
  buffer.drop(new Error("nobody waits"));
  buffer.push("ab");
  const waiting = buffer.whenRoom();
  buffer.drop(new Error("over"));
  await expect(waiting).rejects.toThrow("over");
  expect(buffer.isEmpty).toBe(true);
});

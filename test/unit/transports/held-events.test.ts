/** What a connection delivers while nobody can take it yet. */
import { HeldEvents } from "../../../src/transports/held-events.js";
import { MemoryConnection } from "../../support/connection-pair.js";
import { RecordingListener } from "./recording-listener.js";

test("everything is handed over in order, bytes as they were, and the rest goes straight to the new listener", () => {
  const connection = new MemoryConnection();
  const held = new HeldEvents();
  connection.listener = held;
  const bytes = new Uint8Array([1, 2]);
  connection.receive("a");
  connection.receive(bytes);
  bytes.fill(9); // the runtime uses its buffer again
  const listener = new RecordingListener();
  held.handOver(connection, listener);
  connection.receive("b");
  expect(listener.chunks).toEqual(["a", new Uint8Array([1, 2]), "b"]);
});

test("an end is handed over, too", () => {
  const connection = new MemoryConnection();
  const held = new HeldEvents();
  connection.listener = held;
  const error = new Error("lost");
  connection.lose(error);
  const listener = new RecordingListener();
  held.handOver(connection, listener);
  expect(listener.ends).toEqual([error]);
});

/** Logging of what a connection carries. */
import { LogLevel } from "../../../src/logging/log-level.js";
import { Log } from "../../../src/logging/logger.js";
import { tracedConnection } from "../../../src/transports/traced-connection.js";
import { FakeClock } from "../../support/fake-clock.js";
import { MemoryConnection, MemorySocket } from "./memory-socket.js";
import { RecordingListener } from "./recording-listener.js";

function trace(logContent: boolean) {
  const lines: string[] = [];
  const listener = new RecordingListener();
  const inner = new MemoryConnection(
    (events) => new MemorySocket({ url: "", headers: {} }, () => undefined, events),
    listener,
    new FakeClock(),
  );
  const { socket } = inner;
  const log = new Log({ log: (level, message) => lines.push(`${LogLevel[level]} ${message}`) });
  return { lines, listener, connection: tracedConnection(inner, log, logContent), socket };
}

describe("tracedConnection", () => {
  it("passes everything on, and logs sizes only", () => {
    const { connection, lines, listener, socket } = trace(false);
    socket.backPressure = Promise.resolve();
    expect(connection.send("secret")).toBe(socket.backPressure);
    socket.listener.onMessage(new Uint8Array([1, 2, 3]));
    socket.listener.onClose(1000, "");
    expect(lines).toEqual(["Trace Sending 6 characters", "Trace Received 3 bytes"]);
    expect(listener).toMatchObject({ chunks: [new Uint8Array([1, 2, 3])], ends: [undefined] });
  });

  it("logs content when asked to", () => {
    const { connection, lines, socket } = trace(true);
    void connection.send("hello");
    socket.listener.onMessage(new Uint8Array([1, 255]).buffer);
    expect(lines).toEqual(["Trace Sending 5 characters: hello", "Trace Received 2 bytes: 1,255"]);
  });

  it("follows a change of the listener, and closes the inner connection", async () => {
    const { connection, listener, socket } = trace(false);
    const second = new RecordingListener();
    connection.listener = second;
    socket.listener.onMessage("a");
    expect([listener.chunks, second.chunks]).toEqual([[], ["a"]]);
    const closed = connection.close();
    socket.listener.onClose(1000, "");
    await closed;
    expect(socket.closes).toEqual([1000]);
  });

  it("drops the inner connection", () => {
    const { connection, socket } = trace(false);
    connection.terminate?.();
    expect([socket.closes, socket.terminated]).toEqual([[], 1]);
  });
});

/** Connections over a socket: how they deliver and how they end. */
import { ConnectionError } from "../../../src/errors/connection-errors.js";
import { FakeClock } from "../../support/fake-clock.js";
import { MemoryConnection, MemorySocket, type SocketListener } from "./memory-socket.js";
import { RecordingListener } from "./recording-listener.js";

function connect() {
  const clock = new FakeClock();
  const listener = new RecordingListener();
  const attach = (events: SocketListener) => new MemorySocket({ url: "", headers: {} }, () => undefined, events);
  const connection = new MemoryConnection(attach, listener, clock);
  const { socket } = connection;
  return { clock, listener, connection, socket };
}

describe("SocketConnection", () => {
  it("delivers to whoever listens at the moment", () => {
    const { connection, listener, socket } = connect();
    const second = new RecordingListener();
    socket.listener.onMessage("a");
    connection.listener = second;
    socket.listener.onMessage("b");
    expect([listener.chunks, second.chunks]).toEqual([["a"], ["b"]]);
  });

  it("sends, handing on the socket's back-pressure", () => {
    const { connection, socket } = connect();
    expect(connection.send("a")).toBeUndefined();
    socket.backPressure = Promise.resolve();
    expect(connection.send("b")).toBe(socket.backPressure);
    expect(socket.sent).toEqual(["a", "b"]);
  });

  it("reports a clean close without an error, once", () => {
    const { listener, socket } = connect();
    socket.listener.onClose(1000, "bye");
    socket.listener.onClose(1006, "");
    socket.listener.onMessage("late");
    expect(listener.ends).toEqual([undefined]);
    expect(listener.chunks).toEqual([]);
  });

  it.each([
    [1005, "", "The WebSocket was closed with code 1005"],
    [1006, "", "The WebSocket was closed with code 1006"],
    [1011, "oops", "The WebSocket was closed with code 1011: oops"],
  ])("reports code %i as an error", (code, reason, message) => {
    const { listener, socket } = connect();
    const cause = new Error("why");
    socket.listener.onClose(code, reason, cause);
    const [error] = listener.ends;
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code: "connection-lost", closeCode: code, message, cause });
  });

  it("closes with the handshake and is silent from then on", async () => {
    const { clock, connection, listener, socket } = connect();
    const closed = connection.close();
    expect(connection.close()).toBe(closed);
    socket.listener.onMessage("late");
    socket.listener.onClose(1000, "");
    await closed;
    expect(socket).toMatchObject({ closes: [1000], terminated: 0 });
    expect(listener).toMatchObject({ chunks: [], ends: [] });
    expect(clock.pendingTimers).toBe(0);
  });

  it("drops the connection when the peer does not answer in time", async () => {
    const { clock, connection, listener, socket } = connect();
    const closed = connection.close();
    clock.advance(999);
    expect(socket.terminated).toBe(0);
    clock.advance(1);
    await closed;
    expect(socket.terminated).toBe(1);
    expect(listener.ends).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("has nothing to do when the peer closed first", async () => {
    const { connection, socket } = connect();
    socket.listener.onClose(1006, "");
    await connection.close();
    expect(socket.closes).toEqual([]);
  });
});

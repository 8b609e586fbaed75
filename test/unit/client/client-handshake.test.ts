/** The client's side of the handshake, over a connection in memory. */
import { ClientHandshake } from "../../../src/client/client-handshake.js";
import { ConnectionError, HandshakeError } from "../../../src/errors/connection-errors.js";
import { AbortError, TimeoutError } from "../../../src/errors/http-errors.js";
import { LimitError } from "../../../src/errors/call-errors.js";
import { connectionPair } from "../../support/connection-pair.js";
import { FakeClock } from "../../support/fake-clock.js";
import { RecordingListener } from "../transports/recording-listener.js";

function setUp(timeoutMs = 15_000) {
  const [connection, server] = connectionPair();
  const clock = new FakeClock();
  const handshake = new ClientHandshake();
  connection.listener = handshake;
  const controller = new AbortController();
  const { signal } = controller;
  const perform = () => handshake.perform(connection, { protocol: "json", version: 1 }, { clock, timeoutMs, signal });
  const session = new RecordingListener();
  return { clock, connection, controller, handshake, perform, server, session };
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe("the answer", () => {
  it("is asked for with the protocol's name and version", async () => {
    const { clock, connection, perform } = setUp();
    const performing = perform();
    connection.receive("{}\u001e");
    await performing;
    expect(connection.sent).toEqual(['{"protocol":"json","version":1}\u001e']);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ["empty", "{}"],
    ["with an empty error", '{"error":""}'],
    ["with an error that is null", '{"error":null}'],
    ["with members of older servers", '{"minorVersion":1}'],
  ])("means yes when it is %s", async (_name, answer) => {
    const { connection, perform } = setUp();
    const performing = perform();
    connection.receive(`${answer}\u001e`);
    await expect(performing).resolves.toBeUndefined();
  });

  it("is understood in bytes too, and however it is cut", async () => {
    for (const chunk of ["{}\u001e", bytes("{}\u001e"), bytes("{}\u001e").buffer]) {
      const { connection, perform } = setUp();
      const performing = perform();
      connection.receive(chunk);
      await expect(performing).resolves.toBeUndefined();
    }
    const { connection, handshake, perform, session } = setUp();
    const performing = perform();
    for (const char of "{}\u001e") connection.receive(char);
    await performing;
    handshake.handOver(connection, session);
    expect(session.chunks).toEqual([]);
  });

  it.each([
    ["an error", '{"error":"Not you."}\u001e', "Server returned handshake error: Not you."],
    ["a hub message", '{"type":6}\u001e', "Expected a handshake response"],
    ["no JSON", "<html>\u001e", "cannot be read"],
    ["no object", "[]\u001e", "not an object"],
    ["an error that is no text", '{"error":5}\u001e', "no text"],
  ])("with %s fails", async (_name, answer, message) => {
    const { connection, perform } = setUp();
    const performing = perform();
    connection.receive(answer);
    const error: unknown = await performing.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HandshakeError);
    expect(error).toMatchObject({ code: "handshake-failed", message: expect.stringContaining(message) });
  });

  it("that never ends fails", async () => {
    const { connection, perform } = setUp();
    const performing = perform();
    connection.receive("x".repeat(65_537));
    await expect(performing).rejects.toBeInstanceOf(LimitError);
    expect(connection.faults).toEqual([]);
  });
});

describe("without an answer", () => {
  it("it fails when its time is over", async () => {
    const { clock, perform } = setUp(200);
    const performing = perform().catch((thrown: unknown) => thrown);
    await clock.advanceAsync(199);
    expect(clock.pendingTimers).toBe(1);
    await clock.advanceAsync(1);
    const error = await performing;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: "handshake-timeout", message: expect.stringContaining("200 ms") });
    expect(clock.pendingTimers).toBe(0);
  });

  it("it fails with the signal's error", async () => {
    const { clock, controller, perform } = setUp();
    const performing = perform();
    controller.abort(new AbortError("stopped"));
    await expect(performing).rejects.toEqual(new AbortError("stopped"));
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([[undefined], [new ConnectionError("connection-lost", "broken")]])(
    "it fails when the connection ends with %p",
    async (reason) => {
      const { connection, perform } = setUp();
      const performing = perform().catch((thrown: unknown) => thrown);
      connection.lose(reason);
      const error = await performing;
      expect(error).toBeInstanceOf(ConnectionError);
      if (reason !== undefined) expect(error).toBe(reason);
    },
  );

  it("it fails when the connection had ended before, and nobody has to know", async () => {
    const { connection, perform } = setUp();
    connection.lose(undefined);
    await new Promise((resolve) => setImmediate(resolve));
    await expect(perform()).rejects.toBeInstanceOf(ConnectionError);
  });

  it("it fails when the request cannot be sent", async () => {
    const { connection, perform } = setUp();
    connection.congest();
    const performing = perform();
    connection.breakSends(new Error("no way"));
    await expect(performing).rejects.toThrow("no way");
  });
});

describe("what follows the answer", () => {
  it("waits for the session, in its order", async () => {
    const { connection, handshake, perform, session } = setUp();
    const performing = perform();
    connection.receive("{}\u001efirst");
    connection.receive("second");
    await performing;
    handshake.handOver(connection, session);
    connection.receive("third");
    expect(session.chunks).toEqual(["first", "second", "third"]);
  });

  it("is copied, because the transport may use its bytes again", async () => {
    const { connection, handshake, perform, session } = setUp();
    const performing = perform();
    const whole = bytes("{}\u001eab");
    connection.receive(whole);
    const more = bytes("cd");
    connection.receive(more);
    whole.fill(0);
    more.fill(0);
    await performing;
    handshake.handOver(connection, session);
    expect(session.chunks).toEqual([bytes("ab"), bytes("cd")]);
  });

  it("may be the end of the connection", async () => {
    const { connection, handshake, perform, session } = setUp();
    const performing = perform();
    connection.receive("{}\u001elast words");
    connection.lose(undefined);
    await performing;
    handshake.handOver(connection, session);
    expect(session.chunks).toEqual(["last words"]);
    expect(session.ends).toEqual([undefined]);
  });

  it("counts, even if the connection ends before the request is confirmed", async () => {
    const { connection, handshake, perform, session } = setUp();
    connection.congest();
    const performing = perform();
    connection.receive("{}\u001elast words");
    connection.lose(undefined);
    connection.breakSends(new Error("The connection is closed."));
    await performing;
    handshake.handOver(connection, session);
    expect(session.chunks).toEqual(["last words"]);
    expect(session.ends).toEqual([undefined]);
  });
});

/** A client's session: keep-alive, the calls of the server, and its answers. */
import { ClientHandshake } from "../../../src/client/client-handshake.js";
import { ClientSession } from "../../../src/client/client-session.js";
import { HandlerRegistry } from "../../../src/client/handler-registry.js";
import { LogLevel } from "../../../src/logging/log-level.js";
import { Log } from "../../../src/logging/logger.js";
import { JsonHubProtocol } from "../../../src/protocol/json-hub-protocol.js";
import { MessageType, type HubMessage } from "../../../src/protocol/messages.js";
import type { SessionEnd } from "../../../src/session/session-options.js";
import { streams } from "../../../src/session/streams.js";
import { connectionPair } from "../../support/connection-pair.js";
import { FakeClock } from "../../support/fake-clock.js";

const protocol = new JsonHubProtocol();
const PING = '{"type":6}\u001e';

async function setUp(how: { inherentKeepAlive?: boolean; begin?: boolean; behindAnswer?: string } = {}) {
  const [connection, server] = connectionPair(how);
  const clock = new FakeClock();
  const logged: [LogLevel, string][] = [];
  const log = new Log({ log: (level, message) => void logged.push([level, message]) });
  const handshake = new ClientHandshake();
  connection.listener = handshake;
  const { signal } = new AbortController();
  const performing = handshake.perform(
    connection,
    { protocol: "json", version: 1 },
    { clock, timeoutMs: 1_000, signal },
  );
  connection.receive(`{}\u001e${how.behindAnswer ?? ""}`);
  await performing;
  await clock.settle();
  connection.sent.length = 0;
  const face = { baseUrl: "http://hub", connectionId: "id", transport: "test" };
  const handlers = new HandlerRegistry({ log }, face);
  const opened = { connection, connectionId: "id", transport: "test" };
  const times = { keepAliveInterval: 15_000, serverTimeout: 30_000 };
  const options = { protocol, clock, log, maximumMessageSize: 1_000, streams, wakeSource: undefined, ...times };
  const ends: SessionEnd[] = [];
  const host = { options, handlers, onEnded: (end: SessionEnd) => void ends.push(end), onResumed: () => undefined };
  const session = new ClientSession(host, opened, handshake);
  const begin = () => session.begin();
  if (how.begin !== false) begin();
  const receive = (...messages: HubMessage[]) =>
    connection.receive(messages.map((one) => protocol.encode(one)).join(""));
  const sent = async () => {
    await clock.settle();
    return connection.sent.splice(0);
  };
  await clock.settle();
  return { begin, clock, connection, ends, face, handlers, logged, options, receive, sent, server, session };
}

describe("keep-alive", () => {
  it("begins with a ping, so that the server watches over the client", async () => {
    const { sent } = await setUp();
    expect(await sent()).toEqual([PING]);
  });

  it("lets a call that follows at once take the first ping along", async () => {
    const { begin, sent, session } = await setUp({ begin: false });
    begin();
    void session.send("Note", []);
    expect(await sent()).toEqual([`${PING}{"type":1,"target":"Note","arguments":[]}\u001e`]);
  });

  it("pings after each interval without sending, although the server is silent", async () => {
    const { clock, ends, options, sent } = await setUp();
    options.serverTimeout = 1_000_000;
    await sent();
    // One tick of 1 s late at most.
    for (let pings = 0; pings < 4; pings++) {
      await clock.advanceAsync(16_000);
      expect(await sent()).toEqual([PING]);
    }
    expect(ends).toEqual([]);
    expect(clock.pendingTimers).toBe(1);
  });

  it("does not ping while other messages go out", async () => {
    const { clock, receive, sent, session } = await setUp();
    await sent();
    for (let second = 0; second < 60; second++) {
      void session.send("M", []);
      receive({ type: MessageType.Ping });
      await clock.advanceAsync(1_000);
    }
    expect(await sent()).not.toContain(PING);
  });

  it("ends a connection whose server is silent for too long, whatever is sent to it", async () => {
    const { clock, connection, ends, session } = await setUp();
    for (let second = 0; second < 31; second++) {
      if (ends.length === 0) void session.send("M", []);
      await clock.advanceAsync(1_000);
    }
    expect(ends).toEqual([{ error: expect.objectContaining({ code: "server-timeout" }), allowReconnect: true }]);
    expect(connection.closed).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it("counts any message as a sign of life", async () => {
    const { clock, ends, receive } = await setUp();
    for (let minute = 0; minute < 10; minute++) {
      await clock.advanceAsync(25_000);
      receive({ type: MessageType.Invocation, target: "M", arguments: [] });
    }
    expect(ends).toEqual([]);
  });

  it("goes by the intervals as they are now", async () => {
    const { clock, ends, options, sent } = await setUp();
    await sent();
    options.keepAliveInterval = 100;
    await clock.advanceAsync(2_000);
    expect((await sent()).length).toBeGreaterThan(5);
    options.serverTimeout = 300;
    await clock.advanceAsync(1_000);
    expect(ends).toHaveLength(1);
  });

  it("is left to transports that see to it themselves", async () => {
    const { clock, ends, sent } = await setUp({ inherentKeepAlive: true });
    expect(clock.pendingTimers).toBe(0);
    await clock.advanceAsync(100_000);
    expect(await sent()).toEqual([]);
    expect(ends).toEqual([]);
  });
});

describe("begin", () => {
  it("lets the messages through that shared the handshake's frame", async () => {
    const { begin, handlers } = await setUp({
      begin: false,
      behindAnswer: '{"type":1,"target":"M","arguments":[1]}\u001e{"type":1,"target":"M","arguments":[2]}\u001e',
    });
    const handler = jest.fn();
    handlers.add("M", handler);
    expect(handler).not.toHaveBeenCalled();
    begin();
    expect(handler.mock.calls).toEqual([[1], [2]]);
  });

  it("tells of an end that came before it", async () => {
    const { begin, clock, connection, ends } = await setUp({ begin: false });
    connection.lose(new Error("early"));
    begin();
    expect(ends).toEqual([{ error: new Error("early"), allowReconnect: true }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("does nothing when the session was stopped before it", async () => {
    const { begin, clock, ends, sent, session } = await setUp({ begin: false });
    void session.stop();
    begin();
    expect(ends).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
    expect(await sent()).toEqual(['{"type":7}\u001e']);
  });
});

describe("calls of the server", () => {
  it("reach the handlers with the connection as this", async () => {
    const { face, handlers, receive } = await setUp();
    const seen: unknown[] = [];
    handlers.add("Receive", function (this: unknown, ...args) {
      seen.push(this === face, args);
    });
    receive({ type: MessageType.Invocation, target: "receive", arguments: [1, { a: null }] });
    expect(seen).toEqual([true, [1, { a: null }]]);
  });

  it("are never answered when they want no answer", async () => {
    const { handlers, receive, sent } = await setUp();
    await sent();
    handlers.add("m", () => 5);
    handlers.add("fails", () => {
      throw new Error("x");
    });
    for (const target of ["m", "fails", "unknown"]) receive({ type: MessageType.Invocation, target, arguments: [] });
    receive({ type: MessageType.Invocation, invocationId: "", target: "m", arguments: [] });
    expect(await sent()).toEqual([]);
  });

  it.each([
    ["a result", () => ({ a: 1 }), '"result":{"a":1}'],
    ["null", () => null, '"result":null'],
    ["a promise", () => Promise.resolve("later"), '"result":"later"'],
    ["nothing", () => undefined, `"error":"Client didn't provide a result."`],
    ["an error", () => Promise.reject(new Error("failed")), '"error":"failed"'],
    ["a BigInt", () => 5n, '"error":"Cannot be encoded as JSON: Do not know how to serialize a BigInt"'],
    ["a symbol", () => Symbol("s"), '"error":"Cannot be encoded as JSON: a symbol has no value."'],
  ])("are answered with %s", async (_name, handler, answer) => {
    const { handlers, receive, sent } = await setUp();
    await sent();
    handlers.add("m", handler);
    receive({ type: MessageType.Invocation, invocationId: "s1", target: "m", arguments: [] });
    expect(await sent()).toEqual([`{"type":3,"invocationId":"s1"${answer && `,${answer}`}}\u001e`]);
  });

  it("that take long are not answered on the next connection, nor on a closed one", async () => {
    const { connection, handlers, receive, sent } = await setUp();
    await sent();
    let finish: (value: unknown) => void = () => undefined;
    handlers.add("m", () => new Promise((resolve) => (finish = resolve)));
    receive({ type: MessageType.Invocation, invocationId: "s1", target: "m", arguments: [] });
    connection.lose(undefined);
    finish(5);
    expect(await sent()).toEqual([]);
    expect(connection.faults).toEqual([]);
  });

  it("for a stream are refused by silence, and a warning", async () => {
    const { ends, logged, receive, sent } = await setUp();
    await sent();
    receive({ type: MessageType.StreamInvocation, invocationId: "1", target: "m", arguments: [] });
    receive({ type: MessageType.CancelInvocation, invocationId: "1" });
    expect(await sent()).toEqual([]);
    expect(logged.map(([level]) => level)).toContain(LogLevel.Warning);
    expect(ends).toEqual([]);
  });
});

describe("the end", () => {
  it.each([
    [{ type: MessageType.Close as const }, { error: undefined, allowReconnect: false }],
    [
      { type: MessageType.Close as const, error: "why", allowReconnect: true },
      { error: expect.objectContaining({ code: "server-closed" }), allowReconnect: true },
    ],
  ])("comes with %j", async (message, end) => {
    const { clock, connection, ends, receive } = await setUp();
    receive(message);
    expect(ends).toEqual([end]);
    expect(connection.closed).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ["nonsense", "nonsense\u001e", "protocol-error"],
    ["a message that is too large", `${"x".repeat(1_001)}`, "limit-exceeded"],
  ])("comes with %s, and a reconnect may follow", async (_name, chunk, code) => {
    const { clock, connection, ends } = await setUp();
    connection.receive(chunk);
    expect(ends).toEqual([{ error: expect.objectContaining({ code }), allowReconnect: true }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("comes once, and what was in flight fails first", async () => {
    const { connection, ends, options, session } = await setUp();
    const order: string[] = [];
    const call = session.invoke("M", []).promise.catch((error: Error) => order.push(error.message));
    streams.call(session, options.log, "S", []).subscribe({
      next: () => undefined,
      complete: () => order.push("complete"),
      error: () => order.push(`stream failed, ended: ${ends.length}`),
    });
    connection.lose(new Error("broken"));
    void session.stop();
    await call;
    expect(order).toEqual(["stream failed, ended: 0", "broken"]);
    expect(ends).toHaveLength(1);
  });
});

/** Every way in which a session ends, and what that does to whatever waits. */
import { HubError } from "../../../src/errors/call-errors.js";
import { ConnectionError } from "../../../src/errors/connection-errors.js";
import { MessageType, type CloseMessage } from "../../../src/protocol/messages.js";
import { sessionPair } from "../../support/session-pair.js";
import { waitOn } from "./waiting-session.js";

const intervals = { keepAliveIntervalMs: 15_000, timeoutMs: 30_000 };

describe("a connection that is lost", () => {
  test.each([[new Error("cut")], [undefined]])("with %p fails everything, then tells the owner", async (error) => {
    const pair = sessionPair();
    const { near, settle } = pair;
    const { events, dispose, outcome } = waitOn(pair);
    near.connection.lose(error);
    const expected = error ?? expect.any(ConnectionError);
    expect(events).toEqual([expected, expected]);
    await expect(outcome).resolves.toEqual({ error: expected });
    expect(dispose).toHaveBeenCalledTimes(1);
    expect(near.ends).toEqual([{ error, allowReconnect: true }]);
    expect(near.session.ended).toBe(true);
    await settle();
    expect(near.connection.closed).toBe(false);
  });

  test("ends once, whatever follows", async () => {
    const { near, settle } = sessionPair();
    near.connection.lose(new Error("cut"));
    near.session.channel.onClosed(new Error("again"));
    near.session.fail(new Error("again"));
    near.session.channel.onData('{"type":7}\u001e');
    await near.session.close({ type: MessageType.Close }, { error: undefined, allowReconnect: false });
    near.session.tick(1e9, intervals);
    near.session.tick(1e9, intervals);
    await settle();
    expect(near.ends).toEqual([{ error: new Error("cut"), allowReconnect: true }]);
    expect(near.connection.sent).toEqual([]);
    expect(near.askedAbout).toEqual([]);
  });

  test("calls after it throw; what needs no answer is quietly dropped", async () => {
    const { near, settle } = sessionPair();
    near.connection.lose(undefined);
    expect(() => near.session.send("A", [])).toThrow(ConnectionError);
    expect(() => near.session.invoke("A", [])).toThrow(ConnectionError);
    expect(() => near.stream("A", [])).toThrow(ConnectionError);
    near.session.complete("1", { result: 1 });
    near.session.ping();
    const stop = near.session.sendStream("2", { subscribe: (subscriber) => subscriber.next(1) });
    stop();
    await settle();
    expect(near.connection.sent).toEqual([]);
  });

  test("sends that wait for room fail, and nobody is kept waiting", async () => {
    const { near, settle } = sessionPair();
    near.connection.congest();
    void near.session.send("A", []);
    await settle();
    const waiting = near.session.send("B", []);
    const unblocked = near.session.whenUnblocked();
    const error = new Error("cut");
    near.connection.lose(error);
    await expect(waiting).rejects.toMatchObject({ code: "connection-lost", cause: error });
    await unblocked;
    expect(near.session.isBlocked).toBe(false);
    near.connection.relieve();
    await settle();
    expect(near.connection.sent).toHaveLength(1);
  });

  test("what was written in the same task is not sent into the void", async () => {
    const { near, settle } = sessionPair();
    void near.session.send("A", []);
    near.connection.lose(undefined);
    await settle();
    expect(near.connection.sent).toEqual([]);
  });
});

describe("closing", () => {
  const end = { error: undefined, allowReconnect: false };

  test("sends what was written before, then the message, then closes", async () => {
    const pair = sessionPair();
    const { near, far, settle } = pair;
    const { events, dispose, outcome } = waitOn(pair);
    await settle();
    void near.session.send("Last", []);
    const released = near.session.close({ type: MessageType.Close }, end);
    expect(near.session.ended).toBe(true);
    expect(near.ends).toEqual([end]);
    expect(near.connection.closed).toBe(true);
    await released;
    await settle();
    expect(far.calls.at(-1)?.target).toBe("Last");
    expect(near.sentTypes.at(-1)).toBe(MessageType.Close);
    expect(dispose).toHaveBeenCalledTimes(1);
    expect(events).toEqual([expect.any(ConnectionError), expect.any(ConnectionError)]);
    await expect(outcome).resolves.toEqual({ error: expect.any(ConnectionError) });
    expect(far.ends).toHaveLength(1);
  });

  test.each([
    [false, ["cork", "send", "close", "uncork"]],
    [true, ["cork", "uncork"]],
  ])("lets what is flushed go out with the goodbye, unless it waits (congested: %p)", async (congested, expected) => {
    const { near, settle } = sessionPair();
    if (congested) {
      near.connection.congest();
      void near.session.send("Waits", []);
      await settle();
    }
    const steps: string[] = [];
    Object.assign(near.connection, {
      cork: () => void steps.push("cork"),
      uncork: () => void steps.push("uncork"),
      send: () => void steps.push("send"),
      close: () => Promise.resolve(steps.push("close")),
    });
    void near.session.close({ type: MessageType.Close }, end);
    expect(steps).toEqual(expected);
  });

  test("without a message sends what was written before, too", async () => {
    const { near, far, settle } = sessionPair();
    void near.session.send("Last", []);
    await near.session.close(undefined, end);
    await settle();
    expect(far.calls.map((call) => call.target)).toEqual(["Last"]);
    expect(near.sentTypes).toEqual([MessageType.Invocation]);
  });

  test("again waits for the same release", async () => {
    const { near, settle } = sessionPair();
    let release: (() => void) | undefined;
    near.connection.close = () => new Promise((resolve) => (release = resolve));
    const first = near.session.close(undefined, end);
    const second = near.session.close({ type: MessageType.Close }, end);
    let done = 0;
    for (const closing of [first, second]) void closing.then(() => done++);
    await settle();
    expect(done).toBe(0);
    release?.();
    await settle();
    expect(done).toBe(2);
    expect(near.ends).toHaveLength(1);
  });

  test("while congested gives what waits, and the message, a second to go out", async () => {
    const { near, clock, settle } = sessionPair();
    near.connection.congest();
    void near.session.send("A", []);
    await settle();
    const waiting = near.session.send("B", []);
    const closing = near.session.close({ type: MessageType.Close }, end);
    expect(near.ends).toEqual([end]);
    await clock.advanceAsync(999);
    expect(near.connection.closed).toBe(false);
    near.connection.relieve();
    await settle();
    await expect(waiting).resolves.toBeUndefined();
    await closing;
    expect(near.sentTypes).toEqual([MessageType.Invocation, MessageType.Invocation, MessageType.Close]);
  });

  test("while congested for longer drops what waits, and says so", async () => {
    const { near, clock, settle } = sessionPair();
    near.connection.congest();
    void near.session.send("A", []);
    await settle();
    const waiting = near.session.send("B", []);
    const closing = near.session.close({ type: MessageType.Close }, end);
    await clock.advanceAsync(1_000);
    await expect(waiting).rejects.toBeInstanceOf(ConnectionError);
    await closing;
    near.connection.relieve();
    await settle();
    expect(near.connection.sent).toHaveLength(1);
  });

  test("without a message drops what waits at once", async () => {
    const { near, settle } = sessionPair();
    near.connection.congest();
    void near.session.send("A", []);
    await settle();
    const waiting = near.session.send("B", []);
    await near.session.close(undefined, end);
    await expect(waiting).rejects.toBeInstanceOf(ConnectionError);
  });

  test("a connection that reports its own end while it is closed does not end the session twice", async () => {
    const { near, settle } = sessionPair();
    near.connection.close = () => {
      near.session.channel.onClosed(new Error("already"));
      return Promise.resolve();
    };
    await near.session.close(undefined, end);
    await settle();
    expect(near.ends).toEqual([end]);
  });

  test("an owner may close inside any of its callbacks", async () => {
    const { near, far, settle } = sessionPair();
    far.onCall = (_call, session) => void session.close({ type: MessageType.Close }, end);
    void near.session.send("A", []);
    void near.session.send("B", []);
    await settle();
    expect(far.calls.map((call) => call.target)).toEqual(["A"]);
    expect(near.ends).toHaveLength(1);
  });
});

describe("a Close message", () => {
  const text = (error: string) => new ConnectionError("server-closed", `Server returned an error on close: ${error}`);

  test.each<[CloseMessage, Error | undefined, boolean]>([
    [{ type: MessageType.Close }, undefined, false],
    [{ type: MessageType.Close, allowReconnect: false }, undefined, false],
    [{ type: MessageType.Close, allowReconnect: true }, undefined, true],
    [{ type: MessageType.Close, error: "bad" }, text("bad"), false],
    [{ type: MessageType.Close, error: "bad", allowReconnect: true }, text("bad"), true],
  ])("%j", async (message, error, allowReconnect) => {
    const pair = sessionPair();
    const { near, settle } = pair;
    const { outcome } = waitOn(pair);
    near.receive(message);
    expect(near.ends).toEqual([{ error, allowReconnect }]);
    expect(near.connection.closed).toBe(true);
    await expect(outcome).resolves.toEqual({ error: error ?? expect.any(ConnectionError) });
    await settle();
  });

  test("the peer's own words are the cause", () => {
    const { near } = sessionPair();
    near.receive({ type: MessageType.Close, error: "bad" });
    expect(near.ends[0]?.error?.cause).toEqual(new HubError("bad"));
  });

  test("null for its members means absent", () => {
    const { near } = sessionPair();
    near.connection.receive('{"type":7,"error":null,"allowReconnect":null}\u001e');
    expect(near.ends).toEqual([{ error: undefined, allowReconnect: false }]);
  });

  test("what stands in front of it still counts", async () => {
    const { near } = sessionPair();
    const call = near.session.invoke("A", []);
    near.receive({ type: MessageType.Completion, invocationId: call.id, result: 1 }, { type: MessageType.Close });
    await expect(call.promise).resolves.toBe(1);
  });

  test("what stands behind it is ignored, broken or not", async () => {
    const { near, settle } = sessionPair();
    const call = near.session.invoke("A", []);
    near.receive(
      { type: MessageType.Close },
      { type: MessageType.Completion, invocationId: call.id, result: "too late" },
      { type: MessageType.Invocation, target: "T", arguments: [] },
      { type: MessageType.Ping },
      { type: MessageType.CancelInvocation, invocationId: "1" },
      { type: MessageType.Close, error: "again", allowReconnect: true },
      { type: MessageType.CancelInvocation, invocationId: "" },
    );
    await expect(call.promise).rejects.toBeInstanceOf(ConnectionError);
    expect([near.calls, near.cancelled, near.pings, near.askedAbout]).toEqual([[], [], 0, []]);
    expect(near.ends).toEqual([{ error: undefined, allowReconnect: false }]);
    await settle();
  });
});

/** Calls that wait for the connection: their order, their bounds, and what they fail with. */
import { getEventListeners } from "node:events";
import type { AutomaticReconnectOptions } from "../../../src/client/automatic-reconnect.js";
import { waitingCalls, type WaitingCallsOptions } from "../../../src/client/waiting-calls.js";
import { InvalidArgumentError, InvalidStateError, LimitError } from "../../../src/errors/call-errors.js";
import { ConnectionError } from "../../../src/errors/connection-errors.js";
import { TimeoutError } from "../../../src/errors/http-errors.js";
import { MessageType, type HubMessage } from "../../../src/protocol/messages.js";
import { MemoryHub } from "./memory-hub.js";
import { never } from "./observed-connection.js";

function build(options?: WaitingCallsOptions, reconnect: number[] | AutomaticReconnectOptions = [1_000]) {
  const hub = new MemoryHub();
  const connection = hub.builder().withAutomaticReconnect(reconnect).withWaitingCalls(options).build();
  return { hub, connection };
}

/** A connection that is Reconnecting. */
async function lost(options?: WaitingCallsOptions, reconnect?: number[] | AutomaticReconnectOptions) {
  const set = build(options, reconnect);
  await set.connection.start();
  set.hub.socket.drop();
  expect(set.connection.state).toBe("Reconnecting");
  return set;
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no error",
    (error: unknown) => error,
  );
const targets = (messages: readonly HubMessage[]) =>
  messages.map((message) => ("target" in message ? message.target : message.type));
const complete = (invocationId: string, result: unknown): HubMessage => ({
  type: MessageType.Completion,
  invocationId,
  result,
});

/** Everything but the clock's own; the keep-alive of a live connection is one. */
const timersOf = ({ hub, connection }: ReturnType<typeof build>) =>
  hub.clock.pendingTimers - (connection.state === "Connected" ? 1 : 0);

describe("the options", () => {
  it.each([{ maximumCalls: 0 }, { maximumCalls: "1" }, { timeout: -1 }, { timeout: Infinity }, { timeout: NaN }])(
    "refuse %p",
    (wrong) => {
      expect(() => waitingCalls(wrong as never)).toThrow(InvalidArgumentError);
    },
  );
});

describe("calls while reconnecting", () => {
  it("go out in their order when the connection is there, and are answered", async () => {
    const set = await lost();
    const { hub, connection } = set;
    const sum = connection.invoke("Sum", 1, 2);
    const sent = connection.send("Note", "x");
    const echo = connection.invoke("Echo", 5);
    expect(hub.socket.calls).toHaveLength(0);
    await hub.clock.advanceAsync(1_000);
    expect(targets(hub.socket.calls)).toEqual(["Sum", "Note", "Echo"]);
    await sent;
    const [first, , third] = hub.socket.calls as { invocationId: string }[];
    hub.socket.receive(complete(third?.invocationId ?? "", 5), complete(first?.invocationId ?? "", 3));
    expect(await Promise.all([sum, echo])).toEqual([3, 5]);
    expect(timersOf(set)).toBe(0);
  });

  it("go out behind what onreconnected callbacks call, and before everything that is called later", async () => {
    const { hub, connection } = await lost();
    connection.onreconnected(() => {
      void connection.send("Join").then(() => connection.send("AfterAwait"));
    });
    connection.onStateChange(({ current }) => {
      if (current === "Connected") void connection.send("OnStateChange");
    });
    void connection.send("Waiting1");
    void connection.send("Waiting2").then(() => connection.send("Later"));
    await hub.clock.advanceAsync(1_000);
    const order = targets(hub.socket.calls);
    expect(order.slice(0, 4)).toEqual(["OnStateChange", "Join", "Waiting1", "Waiting2"]);
    expect([...order.slice(4)].sort()).toEqual(["AfterAwait", "Later"]);
  });

  it("stay over attempts that fail, and over a connection that is lost in the very moment in which it was made", async () => {
    const { hub, connection } = await lost(undefined, [10, 10, 10]);
    const call = connection.send("Note");
    const { negotiate, handshake } = hub;
    hub.negotiate = () => Promise.reject(new Error("no network"));
    await hub.clock.advanceAsync(10);
    hub.negotiate = negotiate;
    hub.handshake = (socket) => socket.receiveText('{}\u001e{"type":7,"allowReconnect":true}\u001e');
    await hub.clock.advanceAsync(10);
    expect(connection.state).toBe("Reconnecting");
    hub.handshake = handshake;
    await hub.clock.advanceAsync(20);
    await call;
    expect(targets(hub.socket.calls)).toEqual(["Note"]);
  });

  it("carry streams both ways", async () => {
    const { hub, connection } = await lost();
    const items: unknown[] = [];
    const ended = new Promise<void>((resolve, reject) => {
      connection.stream("Counter", 2).subscribe({ next: (item) => items.push(item), complete: resolve, error: reject });
    });
    const upload = connection.invoke(
      "Upload",
      (async function* () {
        yield "a";
      })(),
    );
    await hub.clock.advanceAsync(1_000);
    const [stream, call] = hub.socket.calls as { type: MessageType; invocationId: string; streamIds?: string[] }[];
    expect(stream?.type).toBe(MessageType.StreamInvocation);
    expect(call?.streamIds).toHaveLength(1);
    const invocationId = stream?.invocationId ?? "";
    hub.socket.receive({ type: MessageType.StreamItem, invocationId, item: 1 });
    hub.socket.receive({ type: MessageType.StreamItem, invocationId, item: 2 });
    hub.socket.receive({ type: MessageType.Completion, invocationId });
    await ended;
    expect(items).toEqual([1, 2]);
    expect(targets(hub.socket.calls).slice(2)).toEqual([MessageType.StreamItem, MessageType.Completion]);
    hub.socket.receive(complete(call?.invocationId ?? "", "done"));
    expect(await upload).toBe("done");
  });

  it("fail alone when they cannot be encoded", async () => {
    const { hub, connection } = await lost();
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    const broken = failure(connection.invoke("Broken", cyclic));
    const stream = failure(connection.stream("Broken", cyclic)[Symbol.asyncIterator]().next());
    void connection.send("Fine");
    await hub.clock.advanceAsync(1_000);
    expect(await broken).toMatchObject({ code: "not-serializable" });
    expect(await stream).toMatchObject({ code: "not-serializable" });
    expect(targets(hub.socket.calls)).toEqual(["Fine"]);
  });

  it("are refused at once for a wrong name", async () => {
    const { connection } = await lost();
    expect(await failure(connection.invoke(""))).toBeInstanceOf(InvalidArgumentError);
    await connection.stop();
  });
});

describe("a stream that waits", () => {
  it("is never asked for when nobody reads it any more", async () => {
    const set = await lost();
    const subscription = set.connection.stream("Counter").subscribe({ next() {}, error() {}, complete() {} });
    subscription.dispose();
    await set.hub.clock.settle();
    expect(set.hub.clock.pendingTimers).toBe(1); // the wait of the reconnect
    await set.hub.clock.advanceAsync(1_000);
    expect(set.hub.socket.calls).toEqual([]);
  });

  it("is cancelled on the server when its reader leaves later", async () => {
    const { hub, connection } = await lost();
    const subscription = connection.stream("Counter").subscribe({ next() {}, error() {}, complete() {} });
    await hub.clock.advanceAsync(1_000);
    subscription.dispose();
    await hub.clock.settle();
    expect(targets(hub.socket.calls)).toEqual(["Counter", MessageType.CancelInvocation]);
  });

  it("ends at once when it is given up later: what was not read is dropped", async () => {
    const { hub, connection } = await lost();
    const controller = new AbortController();
    const iterator = connection.with({ signal: controller.signal }).stream("Counter")[Symbol.asyncIterator]();
    await hub.clock.advanceAsync(1_000);
    const [call] = hub.socket.calls as { invocationId: string }[];
    hub.socket.receive({ type: MessageType.StreamItem, invocationId: call?.invocationId ?? "", item: 1 });
    controller.abort();
    await expect(iterator.next()).rejects.toMatchObject({ code: "aborted" });
    await hub.clock.settle();
    expect(targets(hub.socket.calls)).toEqual(["Counter", MessageType.CancelInvocation]);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it("fails with the server's error, and with the loss of the connection", async () => {
    const { hub, connection } = await lost(undefined, [0, 0]);
    const first = failure(connection.stream("Fails")[Symbol.asyncIterator]().next());
    const second = failure(connection.stream("Lost")[Symbol.asyncIterator]().next());
    await hub.clock.advanceAsync(0);
    const [call] = hub.socket.calls as { invocationId: string }[];
    hub.socket.receive({ type: MessageType.Completion, invocationId: call?.invocationId ?? "", error: "no" });
    hub.socket.drop();
    expect(await first).toMatchObject({ code: "hub-error", message: "no" });
    expect(await second).toBeInstanceOf(ConnectionError);
  });
});

describe("waiting ends", () => {
  it("with the reason when reconnecting is given up", async () => {
    const set = await lost(undefined, [10]);
    const calls = [set.connection.invoke("A"), set.connection.send("B")].map(failure);
    const stream = failure(set.connection.stream("C")[Symbol.asyncIterator]().next());
    set.hub.negotiate = () => Promise.reject(new Error("gone for good"));
    await set.hub.clock.advanceAsync(10);
    for (const error of await Promise.all([...calls, stream])) {
      expect(error).toBeInstanceOf(ConnectionError);
      expect(error).toMatchObject({
        code: "connection-lost",
        cause: { message: expect.stringContaining("gone for good") },
      });
    }
    expect(set.hub.clock.pendingTimers).toBe(0);
  });

  it("with the connection, at once, when it is stopped", async () => {
    const set = await lost();
    const call = failure(set.connection.invoke("A"));
    await set.connection.stop();
    expect(await call).toBeInstanceOf(ConnectionError);
    expect(set.hub.clock.pendingTimers).toBe(0);
    expect(await failure(set.connection.invoke("A"))).toBeInstanceOf(InvalidStateError);
  });

  it("with a TimeoutError when it takes too long; the others go on waiting", async () => {
    const { hub, connection } = await lost({ timeout: 500 });
    const early = failure(connection.invoke("Early"));
    await hub.clock.advanceAsync(499);
    const late = connection.send("Late");
    await hub.clock.advanceAsync(1);
    const error = await early;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: "waiting-timeout" });
    hub.wakeSource.wake();
    await late;
    await hub.clock.settle();
    expect(targets(hub.socket.calls)).toEqual(["Late"]);
  });

  it("after 30 s by default", async () => {
    const { hub, connection } = await lost(undefined, [60_000]);
    const call = failure(connection.invoke("A"));
    await hub.clock.advanceAsync(29_999);
    const probe = Symbol("waiting");
    expect(await Promise.race([call, Promise.resolve(probe)])).toBe(probe);
    await hub.clock.advanceAsync(1);
    expect(await call).toMatchObject({ code: "waiting-timeout" });
    await connection.stop();
  });

  it("before it began when too many wait already", async () => {
    const { hub, connection } = await lost({ maximumCalls: 2 });
    void connection.send("A");
    void connection.send("B");
    const error = await failure(connection.send("C"));
    expect(error).toBeInstanceOf(LimitError);
    expect(error).toMatchObject({ limit: "maximumCalls" });
    const stream = failure(connection.stream("D")[Symbol.asyncIterator]().next());
    expect(await stream).toBeInstanceOf(LimitError);
    await hub.clock.advanceAsync(1_000);
    expect(targets(hub.socket.calls)).toEqual(["A", "B"]);
  });
});

describe("calls with options of their own", () => {
  it("take their headers along, and keep to their time from the moment of the call", async () => {
    const set = await lost(undefined, [300]);
    const call = failure(set.connection.with({ timeout: 1_000, headers: { a: "1" } }).invoke("Slow"));
    await set.hub.clock.advanceAsync(300);
    expect(set.hub.socket.calls).toMatchObject([{ target: "Slow", headers: { a: "1" } }]);
    await set.hub.clock.advanceAsync(699);
    expect(targets(set.hub.socket.calls)).toEqual(["Slow"]);
    await set.hub.clock.advanceAsync(1);
    expect(await call).toMatchObject({ code: "call-timeout" });
    expect(targets(set.hub.socket.calls)).toEqual(["Slow", MessageType.CancelInvocation]);
    expect(timersOf(set)).toBe(0);
  });

  it("fail with their own timeout when it is over before there is a connection", async () => {
    const { hub, connection } = await lost();
    const calls = connection.with({ timeout: 200 });
    const waiting = [calls.invoke("A"), calls.send("B"), calls.stream("C")[Symbol.asyncIterator]().next()].map(failure);
    await hub.clock.advanceAsync(200);
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ code: "call-timeout" });
    await hub.clock.advanceAsync(800);
    expect(hub.socket.calls).toEqual([]);
  });

  it("are given up by their signal, while they wait and later; nobody listens to it any more then", async () => {
    for (const isLater of [false, true]) {
      const { hub, connection } = await lost();
      const controller = new AbortController();
      const calls = connection.with({ signal: controller.signal });
      const waiting = [calls.invoke("A"), calls.stream("B")[Symbol.asyncIterator]().next()].map(failure);
      if (isLater) await hub.clock.advanceAsync(1_000);
      controller.abort(new Error("enough"));
      for (const error of await Promise.all(waiting)) {
        expect(error).toMatchObject({ code: "aborted", cause: { message: "enough" } });
      }
      if (!isLater) await hub.clock.advanceAsync(1_000);
      await hub.clock.settle();
      const cancelled = [MessageType.CancelInvocation, MessageType.CancelInvocation];
      expect(targets(hub.socket.calls)).toEqual(isLater ? ["A", "B", ...cancelled] : []);
      expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    }
  });

  it("pass their interceptors before they wait", async () => {
    const { hub, connection } = await lost();
    connection.use({ send: (call, next) => next({ ...call, args: ["changed"] }) });
    void connection.send("Note", "x");
    await hub.clock.advanceAsync(1_000);
    expect(hub.socket.calls).toMatchObject([{ target: "Note", arguments: ["changed"] }]);
  });
});

describe("calls while connecting", () => {
  it("wait for the first connection, too, and go out before those behind start()", async () => {
    const { hub, connection } = build();
    const starting = connection.start();
    void connection.send("Waiting");
    await starting;
    void connection.send("Behind");
    await hub.clock.settle();
    expect(targets(hub.socket.calls)).toEqual(["Waiting", "Behind"]);
  });

  it("fail with a start that fails", async () => {
    const { hub, connection } = build();
    hub.negotiate = () => Promise.reject(new Error("no network"));
    const starting = failure(connection.start());
    const call = failure(connection.invoke("A"));
    expect(await call).toMatchObject({ code: "connection-lost", cause: await starting });
  });

  it("wait as long as the start is tried again", async () => {
    const { hub, connection } = build(undefined, { retryStart: true, delays: [1_000] });
    const { negotiate } = hub;
    hub.negotiate = () => Promise.reject(new Error("no network"));
    const starting = connection.start();
    void connection.send("Waiting");
    await hub.clock.settle();
    hub.negotiate = negotiate;
    await hub.clock.advanceAsync(1_000);
    await starting;
    expect(targets(hub.socket.calls)).toEqual(["Waiting"]);
  });
});

it("calls fail as ever while Disconnected or Disconnecting, and everywhere without the option", async () => {
  const { hub, connection } = build();
  expect(await failure(connection.invoke("A"))).toBeInstanceOf(InvalidStateError);
  await connection.start();
  hub.socket.answersClose = false;
  const stopping = connection.stop();
  expect(connection.state).toBe("Disconnecting");
  expect(await failure(connection.invoke("A"))).toBeInstanceOf(InvalidStateError);
  await hub.clock.advanceAsync(5_000);
  await stopping;

  const plain = hub.builder().withAutomaticReconnect([1_000]).build();
  hub.negotiate = never;
  const starting = failure(plain.start());
  expect(await failure(plain.invoke("A"))).toBeInstanceOf(InvalidStateError);
  await plain.stop();
  await starting;
});

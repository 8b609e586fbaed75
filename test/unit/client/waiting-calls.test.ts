/** Calls that wait for the connection: their order, and what starts to go out when it is there. */
import { getEventListeners } from "node:events";
import { waitingCalls } from "../../../src/client/waiting-calls.js";
import { InvalidArgumentError } from "../../../src/errors/call-errors.js";
import { ConnectionError } from "../../../src/errors/connection-errors.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { complete, failure, lost, targets, timersOf } from "./waiting-connection.js";

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

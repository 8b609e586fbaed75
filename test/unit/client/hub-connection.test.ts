/** The public face: what it checks, what it hands over, and what it does in which state. */
import { InvalidArgumentError, InvalidStateError } from "../../../src/errors/call-errors.js";
import { AbortError } from "../../../src/errors/http-errors.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { Subject } from "../../../src/session/subject.js";
import { MemoryHub } from "./memory-hub.js";
import { observedConnection, startedConnection } from "./observed-connection.js";
import { rejectionOf } from "../../support/witness.js";

const untyped = (value: unknown): never => value as never;

/** Everything that can be called while connected, and how it fails. */
async function callEverything({ connection }: Awaited<ReturnType<typeof startedConnection>>): Promise<unknown[]> {
  const streamed = new Promise((resolve) =>
    connection.stream("S").subscribe({ next: resolve, complete: () => resolve("complete"), error: resolve }),
  );
  const iterated = (async () => {
    for await (const item of connection.stream("S")) return item;
    return "complete";
  })();
  return Promise.all([
    rejectionOf(connection.invoke("M")),
    rejectionOf(connection.send("M")),
    streamed,
    rejectionOf(iterated),
  ]);
}

describe("a connection that is not connected", () => {
  it.each(["new", "connecting", "stopped", "reconnecting"])("refuses every call when it is %s", async (state) => {
    const observed = observedConnection([1_000]);
    const { connection, hub } = observed;
    if (state === "connecting") {
      hub.handshake = () => undefined;
      void connection.start().catch(() => undefined);
      await hub.clock.settle();
    }
    if (state === "stopped" || state === "reconnecting") await connection.start();
    if (state === "stopped") await connection.stop();
    if (state === "reconnecting") hub.socket.drop();
    const sentBefore = hub.sockets.map((socket) => socket.sent.length);
    for (const error of await callEverything(observed)) {
      expect(error).toBeInstanceOf(InvalidStateError);
      expect(error).toMatchObject({
        code: "invalid-state",
        message: "Cannot send data if the connection is not in the 'Connected' State.",
      });
    }
    expect(connection.connectionId).toBeNull();
    expect(connection.transport).toBeNull();
    expect(hub.sockets.map((socket) => socket.sent.length)).toEqual(sentBefore);
    await connection.stop();
  });

  // The server would take it for a broken handshake (GAPS 12).
  it("sends nothing behind the handshake request of a reconnect", async () => {
    const observed = await startedConnection([0]);
    const { connection, hub } = observed;
    const { handshake } = hub;
    hub.handshake = () => undefined;
    hub.socket.drop();
    await hub.clock.advanceAsync(0);
    expect(await rejectionOf(connection.invoke("M"))).toBeInstanceOf(InvalidStateError);
    handshake(hub.socket);
    await hub.clock.settle();
    expect(hub.socket.calls).toEqual([]);
    await connection.send("M");
    await hub.clock.settle();
    expect(hub.socket.calls).toHaveLength(1);
    await connection.stop();
  });
});

describe("calls", () => {
  it("invoke: sends the call and settles with its answer", async () => {
    const { connection, hub } = await startedConnection();
    const [good, none, bad] = [connection.invoke("Add", 1, 2), connection.invoke("Void"), connection.invoke("Bad")];
    await hub.clock.settle();
    expect(hub.socket.calls).toEqual([
      { type: MessageType.Invocation, invocationId: "0", target: "Add", arguments: [1, 2] },
      { type: MessageType.Invocation, invocationId: "1", target: "Void", arguments: [] },
      { type: MessageType.Invocation, invocationId: "2", target: "Bad", arguments: [] },
    ]);
    hub.socket.receive(
      { type: MessageType.Completion, invocationId: "2", error: "exact text" },
      { type: MessageType.Completion, invocationId: "0", result: 3 },
      { type: MessageType.Completion, invocationId: "1" },
    );
    await expect(good).resolves.toBe(3);
    await expect(none).resolves.toBeUndefined();
    expect(await rejectionOf(bad)).toMatchObject({ name: "HubError", code: "hub-error", message: "exact text" });
    await connection.stop();
  });

  it("send: has no id and settles as soon as the message is handed over", async () => {
    const { connection, hub } = await startedConnection();
    await expect(connection.send("M", null, undefined)).resolves.toBeUndefined();
    await hub.clock.settle();
    expect(hub.socket.calls).toEqual([{ type: MessageType.Invocation, target: "M", arguments: [null, null] }]);
    await connection.stop();
  });

  it.each([undefined, null, "", 5])("refuse %p as a name", async (name) => {
    const { connection } = await startedConnection();
    expect(await rejectionOf(connection.invoke(untyped(name)))).toBeInstanceOf(InvalidArgumentError);
    expect(await rejectionOf(connection.send(untyped(name)))).toBeInstanceOf(InvalidArgumentError);
    const error = jest.fn();
    connection.stream(untyped(name)).subscribe({ next: () => undefined, complete: () => undefined, error });
    expect(error).toHaveBeenCalledWith(expect.any(InvalidArgumentError));
    await connection.stop();
  });

  it("reject with arguments that cannot be encoded, and leave the connection alone", async () => {
    const { connection, hub } = await startedConnection();
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    for (const argument of [1n, cyclic]) {
      for (const call of [connection.invoke("M", argument), connection.send("M", argument)]) {
        expect(await rejectionOf(call)).toMatchObject({ name: "InvalidArgumentError", code: "not-serializable" });
      }
    }
    const subject = new Subject<number>();
    expect(await rejectionOf(connection.invoke("M", 1n, subject))).toMatchObject({ code: "not-serializable" });
    subject.next(1);
    await hub.clock.settle();
    expect(hub.socket.calls).toEqual([]);
    await connection.stop();
  });

  it("in flight fail with the loss, before anybody is told of it", async () => {
    const { connection, hub, told } = await startedConnection();
    const order: string[] = [];
    connection.stream("S").subscribe({
      next: () => undefined,
      complete: () => undefined,
      error: (error: Error) => order.push(`${error.name}, told: ${told.length}`),
    });
    const call = rejectionOf(connection.invoke("M"));
    hub.socket.drop();
    expect(order).toEqual(["ConnectionError, told: 0"]);
    expect(await call).toMatchObject({ code: "connection-lost" });
    await connection.stop();
  });

  it("in flight fail when the connection is stopped", async () => {
    const { connection } = await startedConnection();
    const call = rejectionOf(connection.invoke("M"));
    await connection.stop();
    expect(await call).toMatchObject({
      name: "ConnectionError",
      code: "connection-lost",
      message: "Invocation canceled due to the underlying connection being closed.",
    });
  });

  it("belong to their connection: a late answer means nothing to the next one", async () => {
    const { connection, hub } = await startedConnection([0]);
    void rejectionOf(connection.invoke("Old"));
    hub.socket.drop();
    await hub.clock.advanceAsync(0);
    const call = connection.invoke("New");
    await hub.clock.settle();
    const [sent] = hub.socket.calls;
    hub.socket.receive({ type: MessageType.Completion, invocationId: "77", result: "old" });
    hub.socket.receiveText(
      `{"type":3,"invocationId":${JSON.stringify(sent && "invocationId" in sent && sent.invocationId)},"result":"new"}\u001e`,
    );
    await expect(call).resolves.toBe("new");
    await connection.stop();
  });
});

describe("on and off", () => {
  it("hand the server's calls to the handlers, in any spelling", async () => {
    const { connection, hub } = await startedConnection();
    const handler = jest.fn();
    connection.on("Receive", handler);
    hub.socket.receive({ type: MessageType.Invocation, target: "RECEIVE", arguments: [1] });
    connection.off("receive", handler);
    hub.socket.receive({ type: MessageType.Invocation, target: "Receive", arguments: [2] });
    expect(handler.mock.calls).toEqual([[1]]);
    await connection.stop();
  });

  it("keep the handlers over stop, start and reconnect", async () => {
    const { connection, hub } = observedConnection([0]);
    const handler = jest.fn();
    connection.on("M", handler);
    const receive = () => hub.socket.receive({ type: MessageType.Invocation, target: "M", arguments: [] });
    await connection.start();
    receive();
    await connection.stop();
    await connection.start();
    receive();
    hub.socket.drop();
    await hub.clock.advanceAsync(0);
    receive();
    expect(handler).toHaveBeenCalledTimes(3);
    await connection.stop();
  });

  it("give a disposer that works with using", () => {
    const { connection } = observedConnection();
    const disposer = connection.on("M", () => undefined);
    expect(disposer[Symbol.dispose]).toBeInstanceOf(Function);
    disposer();
    disposer[Symbol.dispose]();
  });

  // So does the official client; code that registers an optional callback must keep working.
  it("ignore what is not there, as the callbacks of the connection's life do", async () => {
    const { connection, hub } = observedConnection(null);
    for (const nothing of [undefined, null]) {
      connection.on("M", untyped(nothing))();
      connection.on(untyped(nothing), () => undefined)();
      connection.off(untyped(nothing));
      connection.onclose(untyped(nothing))();
      connection.onreconnecting(untyped(nothing))();
      connection.onreconnected(untyped(nothing))();
      connection.onStateChange(untyped(nothing))();
    }
    connection.on("", () => undefined);
    await connection.start();
    hub.socket.receive({ type: MessageType.Invocation, target: "M", arguments: [] });
    hub.socket.drop();
    expect(hub.logged.join()).not.toContain("threw");
  });

  it.each(["text", 5, {}])("refuse %p as a callback", (wrong) => {
    const { connection } = observedConnection();
    for (const register of ["onclose", "onreconnecting", "onreconnected", "onStateChange"] as const) {
      expect(() => connection[register](untyped(wrong))).toThrow(InvalidArgumentError);
    }
    expect(() => connection.on("M", untyped(wrong))).toThrow(InvalidArgumentError);
  });
});

describe("properties", () => {
  it("name the connection while there is one", async () => {
    const { connection } = observedConnection();
    expect([connection.connectionId, connection.transport, connection.baseUrl]).toEqual([
      null,
      null,
      "http://hub/chat",
    ]);
    await connection.start();
    expect([connection.connectionId, connection.transport]).toEqual(["id-1", "WebSockets"]);
    await connection.stop();
    expect([connection.connectionId, connection.transport]).toEqual([null, null]);
  });

  it("baseUrl can be changed for the next connection, also while reconnecting", async () => {
    const { connection, hub } = observedConnection([0]);
    connection.baseUrl = "http://second/hub";
    await connection.start();
    expect(hub.socket.target.url).toMatch(/^ws:\/\/second\/hub\?/);
    expect(() => (connection.baseUrl = "http://third/hub")).toThrow(InvalidStateError);
    hub.socket.drop();
    connection.baseUrl = "http://third/hub";
    await hub.clock.advanceAsync(0);
    expect(hub.socket.target.url).toMatch(/^ws:\/\/third\/hub\?/);
    expect(connection.baseUrl).toBe("http://third/hub");
    await connection.stop();
    for (const wrong of ["", undefined, null]) {
      expect(() => (connection.baseUrl = untyped(wrong))).toThrow(InvalidArgumentError);
    }
  });

  it("serverTimeoutInMilliseconds and keepAliveIntervalInMilliseconds may be changed at any time", async () => {
    const { connection, hub, told } = await startedConnection(null);
    connection.keepAliveIntervalInMilliseconds = 50;
    connection.serverTimeoutInMilliseconds = 200;
    await hub.clock.advanceAsync(3_000);
    expect(hub.socket.messages.filter(({ type }) => type === MessageType.Ping).length).toBeGreaterThan(2);
    expect(told).toEqual([["closed", expect.objectContaining({ code: "server-timeout" })]]);
  });

  it("is async disposable", async () => {
    const { connection, told } = await startedConnection();
    await connection[Symbol.asyncDispose]();
    expect(told).toEqual([["closed", undefined]]);
  });
});

describe("start", () => {
  it("takes whatever a caller passes by accident", async () => {
    for (const accident of [undefined, null, new Error("from onclose"), { type: "click" }]) {
      const hub = new MemoryHub();
      const connection = hub.builder().build();
      await connection.start(untyped(accident));
      await connection.stop();
    }
  });

  it("takes the minimal signal of the official types", async () => {
    const { connection, hub } = observedConnection();
    hub.negotiate = () => new Promise(() => undefined);
    const signal: { aborted: boolean; onabort: (() => void) | null } = { aborted: false, onabort: null };
    const starting = rejectionOf(connection.start({ signal: untyped(signal) }));
    await hub.clock.settle();
    signal.aborted = true;
    signal.onabort?.();
    expect(await starting).toBeInstanceOf(AbortError);
  });
});

/** The life of a connection: every row of the state machine, and calls at the wrong moment. */
import { InvalidStateError } from "../../../src/errors/call-errors.js";
import { ConnectionError } from "../../../src/errors/connection-errors.js";
import { AbortError, HttpError, TimeoutError } from "../../../src/errors/http-errors.js";
import { HubConnectionState } from "../../../src/client/states.js";
import { HttpResponse } from "../../../src/http/http-client.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { MemoryHub } from "./memory-hub.js";
import { expectNothingLeft, never, observedConnection, startedConnection } from "./observed-connection.js";

const { Disconnected, Connecting, Connected, Disconnecting, Reconnecting } = HubConnectionState;

describe("start", () => {
  it("goes through Connecting to Connected", async () => {
    const set = observedConnection();
    const starting = set.connection.start();
    expect(set.connection.state).toBe(Connecting);
    expect(set.connection.connectionId).toBeNull();
    await starting;
    expect(set.connection.connectionId).toBe("id-1");
    expect(set.changes).toEqual([
      { previous: Disconnected, current: Connecting, reason: undefined },
      { previous: Connecting, current: Connected, reason: undefined },
    ]);
    expect(set.told).toEqual([]);
  });

  it.each([
    ["negotiate", (hub: MemoryHub) => (hub.negotiate = () => new HttpResponse(503)), HttpError],
    ["upgrade", (hub: MemoryHub) => (hub.upgrade = (socket) => socket.drop()), Error],
    ["handshake", (hub: MemoryHub) => (hub.handshake = (socket) => socket.drop()), ConnectionError],
  ])("rejects when the %s fails; onclose is not told, and it may be tried again", async (_name, spoil, errorClass) => {
    const set = observedConnection();
    const { negotiate, upgrade, handshake } = set.hub;
    spoil(set.hub);
    const error: unknown = await set.connection.start().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(errorClass);
    expect(set.path()).toEqual([Connecting, Disconnected]);
    expect(set.changes[1]?.reason).toBe(error);
    expect(set.told).toEqual([]);
    await set.hub.clock.settle();
    expect(set.hub.clock.pendingTimers).toBe(0);
    expect(set.hub.disposals).toBe(1);

    Object.assign(set.hub, { negotiate, upgrade, handshake });
    await set.connection.start();
    expect(set.connection.state).toBe(Connected);
  });

  it.each([
    ["negotiate", (hub: MemoryHub) => (hub.negotiate = never), 1_000, "connect-timeout"],
    ["upgrade", (hub: MemoryHub) => (hub.upgrade = () => undefined), 1_000, "connect-timeout"],
    ["handshake", (hub: MemoryHub) => (hub.handshake = () => undefined), 500, "handshake-timeout"],
  ])("gives up on a server that never answers the %s", async (_name, spoil, ms, code) => {
    const set = observedConnection();
    spoil(set.hub);
    const starting = set.connection.start().catch((thrown: unknown) => thrown);
    await set.hub.clock.advanceAsync(ms - 1);
    expect(set.connection.state).toBe(Connecting);
    await set.hub.clock.advanceAsync(1);
    const error = await starting;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code });
    await set.hub.clock.advanceAsync(1_000);
    expect(set.hub.clock.pendingTimers).toBe(0);
    expect(set.connection.state).toBe(Disconnected);
  });

  it.each(["negotiate", "upgrade", "handshake"] as const)(
    "rejects when its signal fires during the %s",
    async (step) => {
      const set = observedConnection();
      if (step === "negotiate") set.hub.negotiate = never;
      else set.hub[step] = () => undefined;
      const controller = new AbortController();
      const starting = set.connection.start({ signal: controller.signal }).catch((thrown: unknown) => thrown);
      await set.hub.clock.settle();
      expect(set.connection.state).toBe(Connecting);
      const reason = new Error("enough");
      controller.abort(reason);
      const error = await starting;
      expect(error).toBeInstanceOf(AbortError);
      expect(error).toMatchObject({ cause: reason });
      await set.hub.clock.settle();
      expectNothingLeft(set);
      expect(set.told).toEqual([]);
    },
  );

  it("rejects with a signal that has fired before, without asking the server", async () => {
    const set = observedConnection();
    await expect(set.connection.start({ signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AbortError);
    expect(set.hub.sockets).toEqual([]);
    expectNothingLeft(set);
  });

  it("is not disturbed by a signal that fires when it is done", async () => {
    const set = observedConnection();
    const controller = new AbortController();
    await set.connection.start({ signal: controller.signal });
    controller.abort();
    await set.hub.clock.settle();
    expect(set.connection.state).toBe(Connected);
  });

  it.each([Connecting, Connected, Reconnecting, Disconnecting])(
    "rejects in the state %s and changes nothing",
    async (state) => {
      const set = observedConnection([1_000]);
      let first: Promise<unknown> | undefined;
      if (state === Connecting) first = set.connection.start();
      else await set.connection.start();
      if (state === Reconnecting) set.hub.socket.drop();
      if (state === Disconnecting) first = set.connection.stop();
      expect(set.connection.state).toBe(state);
      await expect(set.connection.start()).rejects.toBeInstanceOf(InvalidStateError);
      expect(set.connection.state).toBe(state);
      await first;
      expect(set.connection.state).toBe(
        { [Connecting]: Connected, [Disconnecting]: Disconnected }[state as string] ?? state,
      );
      await set.connection.stop();
      expectNothingLeft(set);
    },
  );

  it("resolves, and onclose is told, when the server closes behind the handshake", async () => {
    const set = observedConnection();
    set.hub.handshake = (socket) => socket.receiveText('{}\u001e{"type":7,"error":"no"}\u001e');
    await set.connection.start();
    expect(set.path()).toEqual([Connecting, Connected, Disconnected]);
    expect(set.told).toEqual([["closed", expect.objectContaining({ code: "server-closed" })]]);
    await set.hub.clock.settle();
    expectNothingLeft(set);
  });
});

describe("stop", () => {
  it("does nothing while Disconnected", async () => {
    const set = observedConnection();
    await set.connection.stop();
    expect(set.changes).toEqual([]);
    expect(set.told).toEqual([]);
  });

  it("tells the server, closes, and tells onclose without an error", async () => {
    const set = await startedConnection();
    const stopping = set.connection.stop();
    expect(set.connection.state).toBe(Disconnecting);
    expect(set.connection.connectionId).toBeNull();
    await stopping;
    expect(set.hub.socket.calls).toEqual([{ type: MessageType.Close }]);
    expect(set.path().slice(2)).toEqual([Disconnecting, Disconnected]);
    expect(set.told).toEqual([["closed", undefined]]);
    expect(set.hub.disposals).toBe(1);
    expectNothingLeft(set);
  });

  it("is one and the same while it is at work", async () => {
    const set = await startedConnection();
    await Promise.all([set.connection.stop(), set.connection.stop(), set.connection.stop()]);
    expect(set.path().slice(2)).toEqual([Disconnecting, Disconnected]);
    expect(set.told).toEqual([["closed", undefined]]);
  });

  it("settles although the server does not answer the closing handshake", async () => {
    const set = await startedConnection();
    set.hub.socket.answersClose = false;
    const stopping = set.connection.stop();
    await set.hub.clock.advanceAsync(5_000);
    await stopping;
    expect(set.hub.socket.terminated).toBe(true);
    expectNothingLeft(set);
  });

  it.each(["negotiate", "upgrade", "handshake"] as const)("ends a start during the %s", async (step) => {
    const set = observedConnection();
    if (step === "negotiate") set.hub.negotiate = never;
    else set.hub[step] = () => undefined;
    const starting = set.connection.start().catch((thrown: unknown) => thrown);
    await set.hub.clock.settle();
    await set.connection.stop();
    expect(await starting).toBeInstanceOf(AbortError);
    expectNothingLeft(set);
    expect(set.path()).toEqual([Connecting, Disconnecting, Disconnected]);
    expect(set.told).toEqual([]);
  });

  it("leaves nothing when a start's handshake is abandoned by a server that does not close either", async () => {
    const set = observedConnection();
    set.hub.handshake = (socket) => (socket.answersClose = false);
    const starting = set.connection.start().catch((thrown: unknown) => thrown);
    await set.hub.clock.settle();
    const stopping = set.connection.stop().then(() => {
      expect(set.hub.socket.terminated).toBe(true);
      expectNothingLeft(set);
      return "stopped";
    });
    await set.hub.clock.advanceAsync(5_000);
    await expect(Promise.race([stopping, Promise.resolve("not yet")])).resolves.toBe("stopped");
    expect(await starting).toBeInstanceOf(AbortError);
  });

  it.each([
    ["for good", null],
    ["and made again", [0]],
  ])("waits until a connection that was closed %s before is released", async (_how, policy) => {
    const set = await startedConnection(policy);
    const before = set.hub.socket;
    before.answersClose = false;
    before.receive({ type: MessageType.Close, error: "restarting", allowReconnect: true });
    await set.hub.clock.advanceAsync(0);
    const stopping = set.connection.stop().then(() => {
      expect(before.terminated).toBe(true);
      expectNothingLeft(set);
      return "stopped";
    });
    await set.hub.clock.advanceAsync(5_000);
    await expect(Promise.race([stopping, Promise.resolve("not yet")])).resolves.toBe("stopped");
  });

  // It may come between any two steps of the code, so it is tried in every single one.
  it("works at every moment of a start", async () => {
    for (let steps = 0; ; steps++) {
      const set = observedConnection();
      const starting = set.connection.start().then(
        () => "started",
        (thrown: unknown) => thrown,
      );
      for (let step = 0; step < steps; step++) await Promise.resolve();
      const before = set.connection.state;
      await set.connection.stop();
      const outcome = await starting;
      await set.hub.clock.settle();
      expectNothingLeft(set);
      if (before === Connected) {
        expect(outcome).toBe("started");
        expect(set.told).toEqual([["closed", undefined]]);
        break;
      }
      expect(outcome).toBeInstanceOf(AbortError);
      expect(set.told).toEqual([]);
      expect(steps).toBeLessThan(500);
    }
  });

  it("works at every moment of a reconnect", async () => {
    for (let steps = 0; ; steps++) {
      const set = await startedConnection([0]);
      set.hub.socket.drop();
      set.hub.clock.advance(0);
      for (let step = 0; step < steps; step++) await Promise.resolve();
      const before = set.connection.state;
      await set.connection.stop();
      await set.hub.clock.settle();
      expect(set.connection.state).toBe(Disconnected);
      expect(set.hub.clock.pendingTimers).toBe(0);
      expect(set.hub.sockets.filter((socket) => socket.isOpen)).toEqual([]);
      expect(set.told.at(-1)).toEqual(["closed", undefined]);
      if (before === Connected) break;
      expect(set.told).toHaveLength(2);
      expect(steps).toBeLessThan(500);
    }
  });

  it("can be followed by a start", async () => {
    const set = await startedConnection();
    await set.connection.stop();
    await set.connection.start();
    expect(set.connection.connectionId).toBe("id-2");
    await expect(set.connection.send("M")).resolves.toBeUndefined();
  });
});

describe("a lost connection", () => {
  it("is final without a policy", async () => {
    const set = await startedConnection(null);
    set.hub.socket.drop();
    expect(set.path().slice(2)).toEqual([Disconnected]);
    expect(set.told).toEqual([["closed", expect.objectContaining({ code: "connection-lost", closeCode: 1006 })]]);
    expect(set.changes.at(-1)?.reason).toBe(set.told[0]?.[1]);
  });

  it("has no error when the server just closes the socket", async () => {
    const set = await startedConnection(null);
    set.hub.socket.drop(1000);
    expect(set.told).toEqual([["closed", undefined]]);
  });

  it("is made again; the id is new", async () => {
    const set = await startedConnection();
    set.hub.socket.drop();
    expect(set.connection.state).toBe(Reconnecting);
    expect(set.connection.connectionId).toBeNull();
    await set.hub.clock.advanceAsync(0);
    expect(set.told).toEqual([
      ["reconnecting", expect.objectContaining({ code: "connection-lost" })],
      ["reconnected", "id-2"],
    ]);
    expect(set.path().slice(2)).toEqual([Reconnecting, Connected]);
    expect(set.connection.connectionId).toBe("id-2");
    await set.connection.stop();
    expect(set.told.at(-1)).toEqual(["closed", undefined]);
  });

  it("goes on after attempts that failed, whatever their step", async () => {
    const set = await startedConnection([0, 100, 200, 300]);
    const { negotiate, upgrade, handshake } = set.hub;
    set.hub.negotiate = () => new HttpResponse(503);
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(0);
    Object.assign(set.hub, { negotiate, upgrade: (socket: { drop(): void }) => socket.drop() });
    await set.hub.clock.advanceAsync(100);
    Object.assign(set.hub, { upgrade, handshake: () => undefined });
    await set.hub.clock.advanceAsync(200 + 500);
    expect(set.connection.state).toBe(Reconnecting);
    Object.assign(set.hub, { handshake });
    await set.hub.clock.advanceAsync(1_300);
    expect(set.connection.state).toBe(Connected);
    expect(set.path().slice(2)).toEqual([Reconnecting, Connected]);
  });

  it("stays lost when all attempts failed: onclose gets the last error", async () => {
    const set = await startedConnection([0, 100]);
    set.hub.negotiate = (n) => new HttpResponse(500 + n);
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(100);
    expect(set.told.slice(1)).toEqual([["closed", expect.objectContaining({ statusCode: 503 })]]);
    expect(set.path().slice(2)).toEqual([Reconnecting, Disconnected]);
    expect(set.hub.clock.pendingTimers).toBe(0);
    set.hub.negotiate = new MemoryHub().negotiate;
    await set.connection.start();
    expect(set.connection.state).toBe(Connected);
  });

  it("is not reconnected when the policy says no at once", async () => {
    const set = await startedConnection([]);
    set.hub.socket.drop();
    expect(set.told).toEqual([["closed", expect.objectContaining({ code: "connection-lost" })]]);
    expect(set.path().slice(2)).toEqual([Disconnected]);
  });

  it.each([
    [true, "reconnecting"],
    [false, "closed"],
    [undefined, "closed"],
  ])("with a Close message whose allowReconnect is %s is %s", async (allowReconnect, told) => {
    const set = await startedConnection();
    set.hub.socket.receive({
      type: MessageType.Close,
      error: "why",
      ...(allowReconnect != null && { allowReconnect }),
    });
    expect(set.told).toEqual([
      [told, expect.objectContaining({ code: "server-closed", message: "Server returned an error on close: why" })],
    ]);
    await set.connection.stop();
  });

  it("is noticed when the server is silent for too long", async () => {
    const set = await startedConnection(null);
    await set.hub.clock.advanceAsync(29_000);
    expect(set.connection.state).toBe(Connected);
    await set.hub.clock.advanceAsync(2_000);
    expect(set.told).toEqual([["closed", expect.objectContaining({ code: "server-timeout" })]]);
    await set.hub.clock.settle();
    expectNothingLeft(set);
  });

  it.each([
    ["the delay", () => undefined],
    ["negotiating", (hub: MemoryHub) => (hub.negotiate = never)],
    ["the upgrade", (hub: MemoryHub) => (hub.upgrade = () => undefined)],
    ["the handshake", (hub: MemoryHub) => (hub.handshake = () => undefined)],
  ])("is given up by stop() during %s", async (name, spoil) => {
    const set = await startedConnection([50]);
    spoil(set.hub);
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(name === "the delay" ? 49 : 50);
    expect(set.connection.state).toBe(Reconnecting);
    await set.connection.stop();
    expect(set.path().slice(2)).toEqual([Reconnecting, Disconnecting, Disconnected]);
    expect(set.told.slice(1)).toEqual([["closed", undefined]]);
    expect(set.hub.clock.pendingTimers).toBe(0);
  });
});

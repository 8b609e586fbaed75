/** The life of a connection: every row of the state machine, and calls at the wrong moment. */
import { InvalidStateError } from "../../../src/errors/call-errors.js";
import { ConnectionError } from "../../../src/errors/connection-errors.js";
import { AbortError, HttpError, TimeoutError } from "../../../src/errors/http-errors.js";
import { HubConnectionState } from "../../../src/client/states.js";
import { HttpResponse } from "../../../src/http/http-client.js";
import { MessageType } from "../../../src/protocol/messages.js";
import type { MemoryHub } from "./memory-hub.js";
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

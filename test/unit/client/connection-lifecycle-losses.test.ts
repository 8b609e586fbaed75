/** The life of a connection from the moment at which it is lost. */
import { HubConnectionState } from "../../../src/client/states.js";
import { HttpResponse } from "../../../src/http/http-client.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { MemoryHub } from "./memory-hub.js";
import { expectNothingLeft, never, startedConnection } from "./observed-connection.js";

const { Disconnected, Connected, Disconnecting, Reconnecting } = HubConnectionState;

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

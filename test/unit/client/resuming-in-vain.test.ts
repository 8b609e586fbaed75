/** Stateful reconnect on the client: what is not resumed, what follows when it cannot be, and stops in the middle of it. */
import { HubConnectionState } from "../../../src/client/states.js";
import { HttpError } from "../../../src/errors/http-errors.js";
import { MessagePackHubProtocol } from "../../../src/msgpack.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { MemoryHub } from "./memory-hub.js";
import { expectNothingLeft, never } from "./observed-connection.js";
import { answer, result, resumableConnection, sequence, type ResumableConnection } from "./resumable-connection.js";

const { Connected, Reconnecting, Disconnected, Disconnecting } = HubConnectionState;

describe("what is not resumed", () => {
  it.each([true, false])("a connection with a Close message (allowReconnect %s)", async (allowReconnect) => {
    const set = await resumableConnection();
    set.hub.socket.receive({ type: MessageType.Close, allowReconnect });
    await set.hub.clock.settle();
    expect(set.connection.state).toBe(allowReconnect ? Reconnecting : Disconnected);
    expect(set.hub.sockets).toHaveLength(1);
    await set.connection.stop();
  });

  it("a connection that the server closed cleanly", async () => {
    const set = await resumableConnection();
    set.hub.socket.drop(1000);
    expect(set.connection.state).toBe(Reconnecting);
    await set.connection.stop();
    expectNothingLeft(set);
  });

  it("a connection that was resumed and then closed cleanly", async () => {
    const set = await resumableConnection();
    set.hub.socket.drop();
    await set.hub.clock.settle();
    answer(set.hub.socket);
    await set.hub.clock.settle();
    set.hub.socket.drop(1000);
    expect(set.connection.state).toBe(Reconnecting);
    await set.connection.stop();
  });

  it("a connection whose server goes on behind messages that never came", async () => {
    const set = await resumableConnection();
    set.hub.socket.drop();
    await set.hub.clock.settle();
    set.hub.socket.receive(sequence(7));
    expect(set.told).toEqual([["reconnecting", expect.objectContaining({ code: "protocol-error" })]]);
    await expect(set.asked).rejects.toMatchObject({ code: "connection-lost" });
    await set.connection.stop();
    expectNothingLeft(set);
  });
});

// HUB_PROTOCOL §1: ASP.NET Core joins half of such a message to what follows, and only text shows that.
describe.each([
  ["large binary messages on a server that may join their halves", 5_000, {}, false],
  ["small binary messages", 3_000, {}, true],
  ["large binary messages on a server of ours", 5_000, { countsEveryMessage: true }, true],
] as const)("%s", (_what, size, exactness, isResumed) => {
  it(isResumed ? "are sent again" : "are reported lost", async () => {
    const protocol = new MessagePackHubProtocol();
    const set = await resumableConnection({ grant: { useStatefulReconnect: true, ...exactness }, protocol });
    await set.connection.send("Large", "x".repeat(size));
    set.hub.socket.drop();
    expect(set.connection.state).toBe(isResumed ? Connected : Reconnecting);
    await set.connection.stop();
  });
});

describe("when it cannot be resumed, the ordinary reconnect", () => {
  async function lost(): Promise<ResumableConnection> {
    const set = await resumableConnection();
    set.hub.upgrade = (socket) => {
      set.hub.upgrade = (next) => next.open();
      socket.drop(1006, new HttpError("gone", 404));
    };
    set.hub.socket.drop();
    return set;
  }

  // GAPS 4, 46e
  it.each([true, false])("starts afresh, with stateful reconnect granted again: %s", async (again) => {
    const set = await lost();
    const { hub, connection } = set;
    const plain = new MemoryHub().negotiate;
    if (!again) hub.negotiate = plain;
    await hub.clock.advanceAsync(0);
    await hub.clock.settle();
    expect(set.told).toEqual([
      ["reconnecting", expect.objectContaining({ code: "connection-lost" })],
      ["reconnected", "id-2", { recovered: false }],
    ]);
    expect(hub.socket.sent[0]).toContain(`"version":${again ? 2 : 1}`);
    const asked = connection.invoke("Again");
    const handler = jest.fn();
    connection.on("Told", handler);
    await hub.clock.settle();
    expect(hub.socket.calls).toEqual([expect.objectContaining({ invocationId: "0", target: "Again" })]);
    hub.socket.receive({ type: MessageType.Invocation, target: "Told", arguments: [1] }, result("0", "new"));
    await expect(asked).resolves.toBe("new");
    expect(handler).toHaveBeenCalledWith(1);
    await connection.stop();
    expectNothingLeft(set);
  });

  // GAPS 46e, 46f
  it("has told every call and every sender that was waiting", async () => {
    const set = await resumableConnection({ stateful: { bufferSize: 100, resumeTimeout: 1_000 } });
    set.hub.upgrade = (socket) => socket.drop();
    const sent = set.connection.send("Tell", "x".repeat(200));
    set.hub.socket.drop();
    const later = set.connection.send("Tell", "more");
    for (const promise of [sent, later]) promise.catch(() => undefined);
    await set.hub.clock.advanceAsync(1_000);
    const lostConnection = expect.objectContaining({ code: "connection-lost" });
    await expect(sent).rejects.toEqual(lostConnection);
    await expect(later).rejects.toEqual(lostConnection);
    await expect(set.asked).rejects.toEqual(lostConnection);
    await set.connection.stop();
  });
});

describe("stop()", () => {
  it.each([
    ["while an upgrade is not answered", (hub: MemoryHub) => (hub.upgrade = () => undefined)],
    ["while a token is not given", () => undefined],
    ["between two attempts", (hub: MemoryHub) => (hub.upgrade = (socket) => socket.drop())],
    ["while the server has not gone on yet", () => undefined],
  ])("is prompt %s", async (when, spoil) => {
    let hangs = false;
    const accessTokenFactory = () => (hangs ? never() : "token");
    const set = await resumableConnection({ http: { accessTokenFactory } });
    hangs = when === "while a token is not given";
    spoil(set.hub);
    set.hub.socket.drop();
    await set.hub.clock.settle();
    expect(set.connection.state).toBe(Connected);
    await set.connection.stop();
    await expect(set.asked).rejects.toMatchObject({ code: "connection-lost" });
    expectNothingLeft(set);
    expect(set.changes.map(({ current }) => current)).toEqual([Disconnecting, Disconnected]);
    expect(set.told).toEqual([["closed", undefined]]);
  });

  it.each([
    ["a server of ours", { useStatefulReconnect: true, countsEveryMessage: true }],
    ["another server", { useStatefulReconnect: true }],
  ])("works at every moment of a resume with %s", async (_name, grant) => {
    for (let steps = 0; ; steps++) {
      const set = await resumableConnection({ grant });
      set.hub.upgrade = (socket) => {
        socket.open();
        answer(socket);
      };
      set.hub.socket.drop();
      for (let step = 0; step < steps; step++) await Promise.resolve();
      const isResumed = set.changes.length > 0;
      await set.connection.stop();
      await set.hub.clock.settle();
      expectNothingLeft(set);
      expect(set.told).toEqual([["closed", undefined]]);
      if (isResumed || steps > 200) break;
    }
  });

  it("tells a server that has gone on already", async () => {
    const set = await resumableConnection({ grant: { useStatefulReconnect: true } });
    set.hub.socket.drop();
    await set.hub.clock.settle();
    answer(set.hub.socket);
    await set.connection.stop();
    expect(set.hub.socket.messages).toContainEqual({ type: MessageType.Close });
    expect(set.hub.socket.closes).toEqual([1000]);
    expectNothingLeft(set);
  });
});

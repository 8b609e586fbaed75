/** Stateful reconnect on the client: the attempts to resume, and what the application hears of them. */
import { HubConnectionState } from "../../../src/client/states.js";
import { HttpError } from "../../../src/errors/http-errors.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { MemoryHub } from "./memory-hub.js";
import { expectNothingLeft } from "./observed-connection.js";
import { answer, result, resumableConnection, sequence } from "./resumable-connection.js";

const { Connected, Reconnecting } = HubConnectionState;

describe("a resume that works", () => {
  it("opens the same address at once, with neither negotiation nor handshake, and loses nothing", async () => {
    const set = await resumableConnection();
    const { hub, connection, asked } = set;
    const first = hub.socket;
    first.drop();
    void connection.send("Tell", "while it is away");
    await hub.clock.settle();
    expect(set.hub.sockets).toHaveLength(2);
    expect(hub.negotiations).toBe(1);
    expect(hub.socket.target.url).toBe(first.target.url);
    // Nothing more before the server's first word, which may spare it.
    expect(hub.socket.calls).toEqual([{ type: MessageType.Ack, sequenceId: 0 }]);
    hub.socket.receive(sequence(1));
    await hub.clock.settle();
    expect(hub.socket.calls.slice(1)).toEqual([
      sequence(1),
      expect.objectContaining({ invocationId: "0", target: "Ask" }),
      expect.objectContaining({ target: "Tell" }),
    ]);
    answer(hub.socket);
    await expect(asked).resolves.toBe("yes");
  });

  it("keeps state, id and transport, and is told once, as a change that is none", async () => {
    const { hub, connection, told, changes } = await resumableConnection();
    hub.socket.drop();
    await hub.clock.settle();
    expect([connection.state, connection.connectionId, connection.transport]).toEqual([
      Connected,
      "id-1",
      "WebSockets",
    ]);
    expect(changes).toEqual([]);
    answer(hub.socket);
    await hub.clock.settle();
    const reason = expect.objectContaining({ code: "connection-lost", closeCode: 1006 });
    expect(changes).toEqual([{ previous: Connected, current: Connected, reason, recovered: true }]);
    expect(told).toEqual([]);
    expect([connection.state, connection.connectionId]).toEqual([Connected, "id-1"]);
    expect(hub.logged).toContain("The connection was resumed.");
  });

  it("can be stopped by the application that is told of it", async () => {
    const set = await resumableConnection();
    let stopped: Promise<void> | undefined;
    set.connection.onStateChange(({ recovered }) => {
      if (recovered) stopped = set.connection.stop();
    });
    set.hub.socket.drop();
    await set.hub.clock.settle();
    answer(set.hub.socket);
    await set.hub.clock.settle();
    await stopped;
    expectNothingLeft(set);
  });

  it("takes what the server sent in the frame of the upgrade's answer", async () => {
    const { hub, asked } = await resumableConnection();
    hub.upgrade = (socket) => {
      socket.open();
      answer(socket);
    };
    hub.socket.drop();
    await expect(asked).resolves.toBe("yes");
  });

  it("asks for a token for each socket", async () => {
    let tokens = 0;
    const { hub } = await resumableConnection({ http: { accessTokenFactory: () => `token ${++tokens}` } });
    hub.upgrade = (socket) => socket.drop();
    hub.socket.drop();
    await hub.clock.advanceAsync(250);
    expect(hub.sockets.map(({ target }) => target.headers?.["Authorization"])).toEqual([
      "Bearer token 2",
      "Bearer token 3",
      "Bearer token 4",
    ]);
  });

  it("asks again when the last question for a token was never answered", async () => {
    let questions = 0;
    const hung = new Promise<string>(() => undefined);
    const accessTokenFactory = () => (++questions === 3 ? hung : `token ${questions}`);
    const { hub, asked } = await resumableConnection({ http: { accessTokenFactory } });
    hub.socket.drop();
    await hub.clock.advanceAsync(7_250);
    expect(hub.socket.target.headers?.["Authorization"]).toBe("Bearer token 4");
    answer(hub.socket);
    await expect(asked).resolves.toBe("yes");
  });

  it("follows on the server's silence, and says no goodbye to a peer that may only be slow", async () => {
    const { hub, connection, told, asked } = await resumableConnection();
    const first = hub.socket;
    await hub.clock.advanceAsync(31_000);
    expect(hub.sockets).toHaveLength(2);
    expect([first.terminated, first.closes]).toEqual([true, []]);
    answer(hub.socket);
    await expect(asked).resolves.toBe("yes");
    expect([connection.state, told]).toEqual([Connected, []]);
  });

  it("goes on with keep-alive", async () => {
    const { hub, changes } = await resumableConnection();
    hub.socket.drop();
    await hub.clock.settle();
    answer(hub.socket);
    await hub.clock.advanceAsync(18_000);
    expect(hub.socket.messages).toContainEqual({ type: MessageType.Ping });
    await hub.clock.advanceAsync(14_000);
    expect(hub.sockets).toHaveLength(3);
    expect(changes).toHaveLength(1);
  });

  it("works as often as the connection breaks", async () => {
    const { hub, changes, asked } = await resumableConnection();
    for (let breaks = 1; breaks <= 3; breaks++) {
      hub.socket.drop();
      await hub.clock.settle();
      hub.socket.receive(sequence(1));
      await hub.clock.advanceAsync(10_000);
      expect(changes).toHaveLength(breaks);
    }
    hub.socket.receive(result("0", "yes"));
    await expect(asked).resolves.toBe("yes");
  });
});

describe("attempts", () => {
  it("are made at once, then after growing delays", async () => {
    const set = await resumableConnection();
    set.hub.upgrade = (socket) => socket.drop();
    set.hub.socket.drop();
    const times: number[] = [];
    const start = set.hub.clock.now();
    for (
      let seen = set.hub.sockets.length;
      set.hub.clock.now() - start < 14_900;
      await set.hub.clock.advanceAsync(50)
    ) {
      await set.hub.clock.settle();
      if (set.hub.sockets.length > seen) times.push(set.hub.clock.now() - start);
      seen = set.hub.sockets.length;
    }
    expect(times).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 11_750]);
    await set.connection.stop();
  });

  // GAPS 46g
  it("do not wait for ever for an upgrade that is never answered", async () => {
    const set = await resumableConnection();
    set.hub.upgrade = () => undefined;
    set.hub.socket.drop();
    await set.hub.clock.settle();
    const second = set.hub.socket;
    await set.hub.clock.advanceAsync(7_250);
    expect(second.terminated).toBe(true);
    expect(set.hub.sockets).toHaveLength(3);
    await set.hub.clock.advanceAsync(7_750);
    expect(set.connection.state).toBe(Reconnecting);
    await set.connection.stop();
    expectNothingLeft(set);
  });

  it("fail when the server does not go on over the new socket", async () => {
    const set = await resumableConnection();
    set.hub.socket.drop();
    await set.hub.clock.settle();
    const second = set.hub.socket;
    await set.hub.clock.advanceAsync(7_250);
    expect(second.terminated).toBe(true);
    expect(set.hub.sockets).toHaveLength(3);
    answer(set.hub.socket);
    await expect(set.asked).resolves.toBe("yes");
    await set.hub.clock.settle();
    expect(set.changes).toHaveLength(1);
  });

  it("fail when the server does not go on, although much waits for its acknowledgement; then it has time for that", async () => {
    const set = await resumableConnection({ stateful: { bufferSize: 1_000 } });
    const sent = set.connection.send("Large", "x".repeat(2_000));
    await set.hub.clock.advanceAsync(4_000);
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(7_250);
    expect([set.told, set.hub.sockets.length]).toEqual([[], 3]);
    set.hub.socket.receive(sequence(1));
    await set.hub.clock.advanceAsync(4_000);
    set.hub.socket.drop();
    await set.hub.clock.settle();
    answer(set.hub.socket);
    await expect(set.asked).resolves.toBe("yes");
    await set.hub.clock.advanceAsync(4_000);
    set.hub.socket.receive({ type: MessageType.Ack, sequenceId: 2 });
    await expect(sent).resolves.toBeUndefined();
    expect(set.told).toEqual([]);
  });

  it("fail when the server closes the new socket cleanly before it goes on", async () => {
    const set = await resumableConnection();
    set.hub.socket.drop();
    await set.hub.clock.settle();
    set.hub.socket.drop(1000);
    await set.hub.clock.advanceAsync(250);
    expect(set.hub.sockets).toHaveLength(3);
    answer(set.hub.socket);
    await expect(set.asked).resolves.toBe("yes");
    expect(set.told).toEqual([]);
  });

  // HUB_PROTOCOL §9, resume 8: that is what ASP.NET Core does with the first socket after one that it still believed in.
  it("fail when such a server goes on and closes cleanly right after it; only what lasts is told", async () => {
    const set = await resumableConnection({ grant: { useStatefulReconnect: true } });
    set.hub.socket.drop();
    await set.hub.clock.settle();
    set.hub.socket.receive(sequence(1));
    await set.hub.clock.advanceAsync(10);
    set.hub.socket.drop(1000);
    await set.hub.clock.advanceAsync(250);
    expect(set.hub.sockets).toHaveLength(3);
    answer(set.hub.socket);
    await expect(set.asked).resolves.toBe("yes");
    await set.hub.clock.advanceAsync(999);
    expect(set.changes).toEqual([]);
    await set.hub.clock.advanceAsync(1);
    expect(set.changes).toMatchObject([{ recovered: true }]);
  });

  it("end when the time that the options give is over; the original error is the reason", async () => {
    const set = await resumableConnection({ stateful: { resumeTimeout: 1_000 } });
    set.hub.upgrade = (socket) => socket.drop();
    set.hub.socket.drop(4_321);
    await set.hub.clock.advanceAsync(749);
    expect(set.connection.state).toBe(Connected);
    await set.hub.clock.advanceAsync(1);
    expect(set.connection.state).not.toBe(Connected);
    const original = expect.objectContaining({ code: "connection-lost", closeCode: 4_321 });
    expect(set.told[0]).toEqual(["reconnecting", original]);
    await expect(set.asked).rejects.toEqual(original);
    await set.connection.stop();
  });

  it("end then, also when a timer came so late that nothing of it is left", async () => {
    const set = await resumableConnection({ stateful: { resumeTimeout: 1_000 } });
    const { clock } = set.hub;
    const setTimeout = clock.setTimeout.bind(clock);
    jest.spyOn(clock, "setTimeout").mockImplementation((work, ms) => setTimeout(work, ms === 250 ? 1_000 : ms));
    set.hub.upgrade = (socket) => {
      set.hub.upgrade = () => undefined;
      socket.drop();
    };
    set.hub.socket.drop();
    await clock.advanceAsync(1_100);
    expect(set.connection.state).toBe(Reconnecting);
    await set.connection.stop();
  });

  it.each([401, 403, 404])("end at once when the server refuses with status %s", async (status) => {
    const set = await resumableConnection();
    set.hub.upgrade = (socket) => {
      set.hub.upgrade = (next) => next.open();
      socket.drop(1006, new HttpError("no", status));
    };
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(0);
    await set.hub.clock.settle();
    expect(set.hub.negotiations).toBe(2);
    await expect(set.asked).rejects.toMatchObject({ code: "connection-lost" });
  });

  it.each([409, 502, 503])("go on when the server has a problem (status %s)", async (status) => {
    const set = await resumableConnection();
    set.hub.upgrade = (socket) => socket.drop(1006, new HttpError("later", status));
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(250);
    expect([set.hub.sockets.length, set.hub.negotiations]).toEqual([3, 1]);
    await set.connection.stop();
  });
});

it("the signal of start() has no part in a resume", async () => {
  const hub = new MemoryHub();
  const plain = hub.negotiate;
  hub.negotiate = (n) => ({ ...(plain(n) as object), useStatefulReconnect: true, countsEveryMessage: true });
  const connection = hub.builder().withStatefulReconnect().build();
  const controller = new AbortController();
  await connection.start({ signal: controller.signal });
  hub.socket.drop();
  controller.abort();
  await hub.clock.settle();
  hub.socket.receive(sequence(1));
  await hub.clock.settle();
  await expect(connection.send("M")).resolves.toBeUndefined();
  expect(hub.sockets).toHaveLength(2);
  await connection.stop();
});

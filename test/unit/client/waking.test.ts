/** What a client does when the network may be back: a wait ends at once, a live connection is tried, and nothing keeps listening. */
import { HubConnectionState } from "../../../src/client/states.js";
import { HttpError } from "../../../src/errors/http-errors.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { expectNothingLeft, observedConnection, startedConnection, type Reconnect } from "./observed-connection.js";

const { Connecting, Connected, Reconnecting } = HubConnectionState;

/** A connection that was lost and whose attempts fail; `attempts` has their times since the loss. */
async function lostConnection(reconnect: Reconnect) {
  const set = await startedConnection(reconnect);
  const { negotiate, clock } = set.hub;
  const attempts: number[] = [];
  const lostAt = clock.now();
  set.hub.negotiate = () => {
    attempts.push(clock.now() - lostAt);
    return Promise.reject(new Error("no network"));
  };
  set.hub.socket.drop();
  return { ...set, attempts, comeBack: () => (set.hub.negotiate = negotiate) };
}

describe("a reconnect that waits", () => {
  it.each<[string, Reconnect]>([
    ["delays", [60_000]],
    ["a policy", { nextRetryDelayInMilliseconds: () => 60_000 }],
    ["options", { delays: [60_000] }],
  ])("with %s tries at once when it is woken", async (_name, reconnect) => {
    const set = await startedConnection(reconnect);
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(1_000);
    set.hub.wakeSource.wake();
    await set.hub.clock.settle();
    expect(set.connection.state).toBe(Connected);
    expect(set.told.map(([kind]) => kind)).toEqual(["reconnecting", "reconnected"]);
  });

  it("goes on by its delays when that attempt fails, too", async () => {
    const set = await lostConnection([60_000, 50_000, 40_000]);
    await set.hub.clock.advanceAsync(1_000);
    set.hub.wakeSource.wake();
    await set.hub.clock.advanceAsync(49_999);
    expect(set.attempts).toEqual([1_000]);
    await set.hub.clock.advanceAsync(1);
    expect(set.attempts).toEqual([1_000, 51_000]);
    set.comeBack();
    await set.hub.clock.advanceAsync(40_000);
    expect(set.connection.state).toBe(Connected);
  });

  it("remembers what woke it during an attempt: the next one follows at once", async () => {
    const set = await lostConnection([0, 60_000, 60_000]);
    let failing: (error: Error) => void = () => undefined;
    set.hub.negotiate = () => new Promise((_resolve, reject) => (failing = reject));
    await set.hub.clock.advanceAsync(500);
    set.hub.wakeSource.wake();
    set.comeBack();
    failing(new Error("reset by the sleeping network"));
    await set.hub.clock.settle();
    expect(set.connection.state).toBe(Connected);
  });

  it("does not shorten what the server asked for", async () => {
    const set = await startedConnection({ delays: [0, 100] });
    let attempts = 0;
    const { negotiate } = set.hub;
    set.hub.negotiate = (n) => (attempts++ ? negotiate(n) : Promise.reject(new HttpError("busy", 503, "30")));
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(1_000);
    set.hub.wakeSource.wake();
    await set.hub.clock.advanceAsync(28_999);
    expect(attempts).toBe(1);
    await set.hub.clock.advanceAsync(1);
    expect(set.connection.state).toBe(Connected);
  });

  it("of a start does the same", async () => {
    const set = observedConnection({ delays: [60_000], retryStart: true });
    const { negotiate } = set.hub;
    set.hub.negotiate = () => Promise.reject(new Error("no network"));
    const starting = set.connection.start();
    await set.hub.clock.settle();
    expect(set.connection.state).toBe(Connecting);
    set.hub.negotiate = negotiate;
    set.hub.wakeSource.wake();
    await starting;
  });

  it("listens no longer than it lasts", async () => {
    const set = await lostConnection([1_000, 1_000]);
    expect(set.hub.wakeSource.listeners).toBe(1);
    await set.hub.clock.advanceAsync(2_000);
    expectNothingLeft(set);
    set.comeBack();
    await set.connection.start();
    await set.connection.stop();
    await set.hub.clock.settle();
    expectNothingLeft(set);
  });
});

describe("while the browser says that it is offline", () => {
  it("attempts by options go on each 10 s, and are not counted", async () => {
    const set = await lostConnection({ delays: [0, 100] });
    set.hub.wakeSource.isOffline = true;
    await set.hub.clock.advanceAsync(35_000);
    expect(set.attempts).toEqual([0, 10_000, 20_000, 30_000]);
    expect(set.connection.state).toBe(Reconnecting);
    set.hub.wakeSource.isOffline = false;
    set.hub.wakeSource.wake();
    await set.hub.clock.settle();
    expect(set.attempts).toHaveLength(5);
    set.comeBack();
    await set.hub.clock.advanceAsync(100);
    expect(set.connection.state).toBe(Connected);
  });

  it("a start with retryStart does the same, from its first failure on", async () => {
    const asked = jest.fn();
    const set = observedConnection({ delays: [100], retryStart: true, shouldRetry: asked });
    const { negotiate } = set.hub;
    set.hub.negotiate = () => Promise.reject(new Error("no network"));
    set.hub.wakeSource.isOffline = true;
    const starting = set.connection.start();
    await set.hub.clock.advanceAsync(9_999);
    set.hub.negotiate = negotiate;
    expect([set.connection.state, asked.mock.calls]).toEqual([Connecting, []]);
    await set.hub.clock.advanceAsync(1);
    await starting;
  });

  it("a connection can be made all the same, where it is wrong", async () => {
    const set = await startedConnection({ delays: [0] });
    set.hub.wakeSource.isOffline = true;
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(0);
    expect(set.connection.state).toBe(Connected);
  });

  it("attempts by a list or a policy are what they always are", async () => {
    const set = await lostConnection([0, 100]);
    set.hub.wakeSource.isOffline = true;
    await set.hub.clock.advanceAsync(100);
    expect(set.attempts).toEqual([0, 100]);
    expectNothingLeft(set);
  });
});

describe("a live connection that is woken", () => {
  const pings = (messages: readonly { type: MessageType }[]) =>
    messages.filter(({ type }) => type === MessageType.Ping).length;

  it("sends a ping at once, which shows whether the socket is dead", async () => {
    const set = await startedConnection();
    await set.hub.clock.settle();
    const before = pings(set.hub.socket.messages);
    set.hub.wakeSource.wake();
    await set.hub.clock.settle();
    expect(pings(set.hub.socket.messages)).toBe(before + 1);
  });

  it("is not given up any earlier: the server owes no answer to a ping", async () => {
    const set = await startedConnection(null);
    await set.hub.clock.advanceAsync(5_000);
    set.hub.wakeSource.wake();
    await set.hub.clock.advanceAsync(24_000);
    expect(set.connection.state).toBe(Connected);
  });

  it("listens once, over any number of reconnects", async () => {
    const set = await startedConnection([0]);
    for (let losses = 0; losses < 3; losses++) {
      set.hub.socket.drop();
      await set.hub.clock.advanceAsync(0);
      expect(set.hub.wakeSource.listeners).toBe(1);
    }
    await set.connection.stop();
    await set.hub.clock.settle();
    expectNothingLeft(set);
  });
});

/** What the application does inside its callbacks, retry policies and token factories, and what that must not do to the connection. */
import { ConnectionError } from "../../../src/errors/connection-errors.js";
import { AbortError } from "../../../src/errors/http-errors.js";
import { HubConnectionState } from "../../../src/client/states.js";
import { HttpResponse } from "../../../src/http/http-client.js";
import { MemoryHub } from "./memory-hub.js";
import { expectNothingLeft, never, observedConnection, startedConnection } from "./observed-connection.js";

const { Disconnected, Connecting, Connected, Disconnecting, Reconnecting } = HubConnectionState;

describe("callbacks", () => {
  it("are called in their order with the connection as this, whatever the one before did", async () => {
    const set = await startedConnection();
    const calls: unknown[] = [];
    for (const kind of ["onreconnecting", "onreconnected", "onclose"] as const) {
      set.connection[kind](() => {
        throw new Error(`thrown by ${kind}`);
      });
      set.connection[kind](() => Promise.reject(new Error(`rejected by ${kind}`)) as never);
      set.connection[kind](function (this: unknown) {
        calls.push([kind, this === set.connection]);
      });
    }
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(0);
    await set.connection.stop();
    await set.hub.clock.settle();
    expect(calls).toEqual([
      ["onreconnecting", true],
      ["onreconnected", true],
      ["onclose", true],
    ]);
    const text = set.hub.logged.join("\n");
    for (const kind of ["onreconnecting", "onreconnected", "onclose"]) {
      expect(text).toContain(`thrown by ${kind}`);
      expect(text).toContain(`rejected by ${kind}`);
    }
  });

  it("may stop the connection in onreconnecting", async () => {
    const set = await startedConnection();
    let stopping: Promise<void> | undefined;
    set.connection.onreconnecting(() => void (stopping = set.connection.stop()));
    set.hub.socket.drop();
    await stopping;
    expect(set.path().slice(2)).toEqual([Reconnecting, Disconnecting, Disconnected]);
    expect(set.told.slice(1)).toEqual([["closed", undefined]]);
    expect(set.hub.negotiations).toBe(1);
    expectNothingLeft(set);
  });

  it("may stop the connection in onreconnected", async () => {
    const set = await startedConnection();
    let stopping: Promise<void> | undefined;
    set.connection.onreconnected(() => void (stopping = set.connection.stop()));
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(0);
    await stopping;
    expect(set.path().slice(2)).toEqual([Reconnecting, Connected, Disconnecting, Disconnected]);
    expect(set.hub.clock.pendingTimers).toBe(0);
    expect(set.hub.socket.closes).toEqual([1000]);
  });

  it("may start the connection again in onclose", async () => {
    const set = await startedConnection(null);
    const states: unknown[] = [];
    let starting: Promise<void> | undefined;
    set.connection.onclose(() => {
      states.push(set.connection.state);
      starting ??= set.connection.start();
    });
    set.hub.socket.drop();
    await starting;
    expect(states).toEqual([Disconnected]);
    expect(set.connection.state).toBe(Connected);
    await set.connection.stop();
    expect(states).toEqual([Disconnected, Disconnected]);
  });

  it.each([Connecting, Connected])("may stop the connection as soon as it is %s", async (state) => {
    const set = observedConnection();
    let stopping: Promise<void> | undefined;
    set.connection.onStateChange(({ current }) => {
      if (current === state) stopping = set.connection.stop();
    });
    const starting = set.connection.start();
    if (state === Connecting) await expect(starting).rejects.toBeInstanceOf(AbortError);
    else await starting;
    await stopping;
    await set.hub.clock.settle();
    expectNothingLeft(set);
  });

  it("hear nothing of a reconnect that was stopped as soon as it succeeded", async () => {
    const set = await startedConnection();
    let stopping: Promise<void> | undefined;
    set.connection.onStateChange(({ current }) => {
      if (current === Connected) stopping = set.connection.stop();
    });
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(0);
    await stopping;
    expect(set.told.map(([kind]) => kind)).toEqual(["reconnecting", "closed"]);
    expectNothingLeft(set);
  });

  it("all hear of the changes of state in the order in which they happened", async () => {
    const set = observedConnection();
    set.connection.onStateChange(({ current }) => {
      if (current === Connecting) void set.connection.stop();
    });
    const heard: string[] = [];
    set.connection.onStateChange(({ previous, current }) => heard.push(`${previous}>${current}`));
    await expect(set.connection.start()).rejects.toBeInstanceOf(AbortError);
    await set.hub.clock.settle();
    expect(heard).toEqual(["Disconnected>Connecting", "Connecting>Disconnecting", "Disconnecting>Disconnected"]);
  });

  it("can be removed again", async () => {
    const set = await startedConnection(null);
    const called = jest.fn();
    const disposers = [
      set.connection.onclose(called),
      set.connection.onreconnecting(called),
      set.connection.onreconnected(called),
      set.connection.onStateChange(called),
    ];
    for (const dispose of disposers) dispose();
    set.hub.socket.drop();
    expect(called).not.toHaveBeenCalled();
  });
});

describe("a retry policy", () => {
  it("is told how often, how long and why", async () => {
    const nextRetryDelayInMilliseconds = jest.fn(({ previousRetryCount }: { previousRetryCount: number }) =>
      previousRetryCount < 2 ? 100 * (previousRetryCount + 1) : null,
    );
    const set = await startedConnection({ nextRetryDelayInMilliseconds });
    set.hub.negotiate = (n) => new HttpResponse(500 + n);
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(300);
    expect(nextRetryDelayInMilliseconds.mock.calls).toEqual([
      [{ previousRetryCount: 0, elapsedMilliseconds: 0, retryReason: expect.objectContaining({ closeCode: 1006 }) }],
      [{ previousRetryCount: 1, elapsedMilliseconds: 100, retryReason: expect.objectContaining({ statusCode: 502 }) }],
      [{ previousRetryCount: 2, elapsedMilliseconds: 300, retryReason: expect.objectContaining({ statusCode: 503 }) }],
    ]);
    expect(set.connection.state).toBe(Disconnected);
  });

  it("gets an error even when the connection ended without one", async () => {
    const nextRetryDelayInMilliseconds = jest.fn((_context: unknown) => null);
    const set = await startedConnection({ nextRetryDelayInMilliseconds });
    set.hub.socket.drop(1000);
    expect(nextRetryDelayInMilliseconds.mock.calls[0]).toEqual([
      expect.objectContaining({ retryReason: expect.any(ConnectionError) }),
    ]);
    expect(set.told).toEqual([["closed", undefined]]);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no policy");
      },
    ],
    ["answers NaN", () => NaN],
    ["answers undefined", () => undefined],
    ["answers a negative number", () => -1],
  ])("that %s gives up", async (_name, answer) => {
    const set = await startedConnection({ nextRetryDelayInMilliseconds: answer as () => number });
    set.hub.socket.drop();
    expect(set.told).toEqual([["closed", expect.objectContaining({ code: "connection-lost" })]]);
    await set.hub.clock.settle();
    expect(set.hub.logged.join("\n")).toContain("retry policy");
  });

  it("may stop the connection", async () => {
    let stopping: Promise<void> | undefined;
    const set = await startedConnection({
      nextRetryDelayInMilliseconds: () => {
        stopping = set.connection.stop();
        return 0;
      },
    });
    set.hub.socket.drop();
    await stopping;
    await set.hub.clock.settle();
    expect(set.path().slice(2)).toEqual([Disconnecting, Disconnected]);
    expect(set.told).toEqual([["closed", undefined]]);
    expect(set.hub.negotiations).toBe(1);
  });

  it("may stop the connection between attempts", async () => {
    let stopping: Promise<void> | undefined;
    const set = await startedConnection({
      nextRetryDelayInMilliseconds: ({ previousRetryCount }) => {
        if (previousRetryCount > 0) stopping = set.connection.stop();
        return 0;
      },
    });
    set.hub.negotiate = () => new HttpResponse(503);
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(0);
    await stopping;
    expect(set.told.slice(1)).toEqual([["closed", undefined]]);
    expect(set.hub.negotiations).toBe(2);
    expect(set.hub.clock.pendingTimers).toBe(0);
  });
});

describe("a token factory that never answers", () => {
  it.each(["start", "reconnect"])("does not hold up the %s for ever, nor stop()", async (which) => {
    const hub = new MemoryHub();
    let hang = which === "start";
    const accessTokenFactory = () => (hang ? never() : "token");
    const connection = hub.builder({ connectTimeout: 1_000, accessTokenFactory }).withAutomaticReconnect([0]).build();
    const closed = jest.fn();
    connection.onclose(closed);
    const starting = connection.start().catch((thrown: unknown) => thrown);
    if (which === "start") {
      await hub.clock.advanceAsync(1_000);
      expect(await starting).toMatchObject({ code: "connect-timeout" });
      void connection.start().catch(() => undefined);
      await connection.stop();
    } else {
      await starting;
      hang = true;
      hub.socket.drop();
      await hub.clock.advanceAsync(1_000);
      expect(closed).toHaveBeenCalledWith(expect.objectContaining({ code: "connect-timeout" }));
    }
    expect(connection.state).toBe(Disconnected);
    expect(hub.clock.pendingTimers).toBe(0);
  });
});

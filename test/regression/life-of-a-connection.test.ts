/** What the official client gets wrong about starting, losing and stopping. The numbers are those of the project's list of gaps, section A. */
import { HttpResponse } from "../../src/index.js";
import { expectNothingLeft, never, observedConnection, startedConnection } from "../unit/client/observed-connection.js";
import { MemoryHub } from "../unit/client/memory-hub.js";
import { rejectionOf } from "../support/witness.js";

test("the handshake has a timeout of its own, 15 s by default (GAPS 9)", async () => {
  const hub = new MemoryHub();
  hub.handshake = () => undefined;
  const connection = hub.builder().withServerTimeout(1_000_000).build();
  const starting = rejectionOf(connection.start());
  await hub.clock.advanceAsync(15_000);
  expect(await starting).toMatchObject({ code: "handshake-timeout" });
});

test("after the last failed attempt onclose gets its error (GAPS 10)", async () => {
  const { hub, told } = await startedConnection([0]);
  hub.negotiate = () => new HttpResponse(503, "no");
  hub.socket.drop();
  await hub.clock.advanceAsync(0);
  expect(told.at(-1)).toEqual(["closed", expect.objectContaining({ statusCode: 503 })]);
});

// The documented behaviour of the official client stays: the application asked for it, so there is no error
test("stop() during a reconnect calls onclose without an error (GAPS 11)", async () => {
  const { connection, hub, told } = await startedConnection([1_000]);
  hub.socket.drop();
  await connection.stop();
  expect(told.at(-1)).toEqual(["closed", undefined]);
});

test("a callback that throws does not keep the next from being called (GAPS 23)", async () => {
  const { connection, hub } = await startedConnection([0]);
  const called = { onreconnecting: jest.fn(), onreconnected: jest.fn(), onclose: jest.fn() };
  for (const kind of ["onreconnecting", "onreconnected", "onclose"] as const) {
    connection[kind](() => {
      throw new Error("x");
    });
    connection[kind](called[kind]);
  }
  hub.socket.drop();
  await hub.clock.advanceAsync(0);
  await connection.stop();
  for (const callback of Object.values(called)) expect(callback).toHaveBeenCalledTimes(1);
});

test("callbacks can be removed (GAPS 24)", async () => {
  const { connection, hub } = await startedConnection([0]);
  const called = jest.fn();
  for (const kind of ["onreconnecting", "onreconnected", "onclose"] as const) connection[kind](called)();
  hub.socket.drop();
  await hub.clock.advanceAsync(0);
  await connection.stop();
  expect(called).not.toHaveBeenCalled();
});

test("whatever rejects, rejects with an Error that has a code (GAPS 31)", async () => {
  const { connection, hub } = observedConnection(null);
  const errors = [await rejectionOf(connection.send("M")), await rejectionOf(connection.invoke("M"))];
  hub.upgrade = (socket) => socket.drop();
  errors.push(await rejectionOf(connection.start()));
  hub.upgrade = (socket) => socket.open();
  await connection.start();
  const call = rejectionOf(connection.invoke("M"));
  hub.socket.drop();
  errors.push(await call, await rejectionOf(connection.send("M")));
  for (const error of errors) {
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: expect.any(String), name: expect.not.stringMatching(/^Error$/) });
  }
});

test("a retry policy that answers nonsense gives up instead of trying for ever without a pause (GAPS 42)", async () => {
  for (const answer of [undefined, NaN, {}]) {
    const { connection, hub, told } = await startedConnection({ nextRetryDelayInMilliseconds: () => answer as number });
    hub.socket.drop();
    expect(connection.state).toBe("Disconnected");
    expect(told.map(([kind]) => kind)).toEqual(["closed"]);
  }
});

test("a refused second start does not disturb the first, nor the stop that waits for it (GAPS 43)", async () => {
  const observed = observedConnection();
  observed.hub.handshake = () => undefined;
  const first = rejectionOf(observed.connection.start());
  expect(await rejectionOf(observed.connection.start())).toMatchObject({ code: "invalid-state" });
  await observed.connection.stop();
  expect(await first).toMatchObject({ name: "AbortError" });
  expectNothingLeft(observed);
});

// Documented behaviour, which stays until `retryStart` is asked for
test("the first start is not retried (GAPS 45)", async () => {
  const { connection, hub, told } = observedConnection([0, 0]);
  hub.negotiate = () => new HttpResponse(503);
  expect(await rejectionOf(connection.start())).toMatchObject({ statusCode: 503 });
  await hub.clock.advanceAsync(100_000);
  expect(hub.negotiations).toBe(1);
  expect(told).toEqual([]);
});

describe.each(["negotiate", "upgrade", "handshake"] as const)("an unanswered %s", (step) => {
  const silence = (hub: MemoryHub) => {
    if (step === "negotiate") hub.negotiate = never;
    else hub[step] = () => undefined;
  };

  test("leaves neither start() nor stop() pending (GAPS 46d)", async () => {
    const timed = observedConnection();
    silence(timed.hub);
    const starting = rejectionOf(timed.connection.start());
    await timed.hub.clock.advanceAsync(2_000);
    expect(await starting).toMatchObject({ name: "TimeoutError" });
    expectNothingLeft(timed);

    const stopped = observedConnection();
    silence(stopped.hub);
    const second = rejectionOf(stopped.connection.start());
    await stopped.hub.clock.settle();
    await stopped.connection.stop();
    expect(await second).toMatchObject({ name: "AbortError" });
    expectNothingLeft(stopped);
  });

  test("does not end the retry loop, nor hold up a stop() during it (GAPS 46h)", async () => {
    const observed = await startedConnection([0, 100, 100]);
    const { negotiate, upgrade, handshake } = observed.hub;
    silence(observed.hub);
    observed.hub.socket.drop();
    await observed.hub.clock.advanceAsync(1_000);
    expect(observed.connection.state).toBe("Reconnecting");
    Object.assign(observed.hub, { negotiate, upgrade, handshake });
    await observed.hub.clock.advanceAsync(200);
    expect(observed.connection.state).toBe("Connected");

    silence(observed.hub);
    observed.hub.socket.drop();
    await observed.hub.clock.advanceAsync(0);
    await observed.connection.stop();
    expectNothingLeft(observed);
  });
});

test("after stop() nothing of a connection to a dead peer is left (GAPS 46h)", async () => {
  const observed = await startedConnection();
  observed.hub.socket.answersClose = false;
  const stopping = observed.connection.stop();
  await observed.hub.clock.advanceAsync(5_000);
  await stopping;
  expect(observed.hub.socket.terminated).toBe(true);
  expectNothingLeft(observed);
});

/** How the waiting of calls ends that the connection does not come for, and calls while it is made for the first time. */
import { InvalidStateError, LimitError } from "../../../src/errors/call-errors.js";
import { ConnectionError } from "../../../src/errors/connection-errors.js";
import { TimeoutError } from "../../../src/errors/http-errors.js";
import { never } from "./observed-connection.js";
import { build, failure, lost, targets } from "./waiting-connection.js";

describe("waiting ends", () => {
  it("with the reason when reconnecting is given up", async () => {
    const set = await lost(undefined, [10]);
    const calls = [set.connection.invoke("A"), set.connection.send("B")].map(failure);
    const stream = failure(set.connection.stream("C")[Symbol.asyncIterator]().next());
    set.hub.negotiate = () => Promise.reject(new Error("gone for good"));
    await set.hub.clock.advanceAsync(10);
    for (const error of await Promise.all([...calls, stream])) {
      expect(error).toBeInstanceOf(ConnectionError);
      expect(error).toMatchObject({
        code: "connection-lost",
        cause: { message: expect.stringContaining("gone for good") },
      });
    }
    expect(set.hub.clock.pendingTimers).toBe(0);
  });

  it("with the connection, at once, when it is stopped", async () => {
    const set = await lost();
    const call = failure(set.connection.invoke("A"));
    await set.connection.stop();
    expect(await call).toBeInstanceOf(ConnectionError);
    expect(set.hub.clock.pendingTimers).toBe(0);
    expect(await failure(set.connection.invoke("A"))).toBeInstanceOf(InvalidStateError);
  });

  it("with a TimeoutError when it takes too long; the others go on waiting", async () => {
    const { hub, connection } = await lost({ timeout: 500 });
    const early = failure(connection.invoke("Early"));
    await hub.clock.advanceAsync(499);
    const late = connection.send("Late");
    await hub.clock.advanceAsync(1);
    const error = await early;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: "waiting-timeout" });
    hub.wakeSource.wake();
    await late;
    await hub.clock.settle();
    expect(targets(hub.socket.calls)).toEqual(["Late"]);
  });

  it("after 30 s by default", async () => {
    const { hub, connection } = await lost(undefined, [60_000]);
    const call = failure(connection.invoke("A"));
    await hub.clock.advanceAsync(29_999);
    const probe = Symbol("waiting");
    expect(await Promise.race([call, Promise.resolve(probe)])).toBe(probe);
    await hub.clock.advanceAsync(1);
    expect(await call).toMatchObject({ code: "waiting-timeout" });
    await connection.stop();
  });

  it("before it began when too many wait already", async () => {
    const { hub, connection } = await lost({ maximumCalls: 2 });
    void connection.send("A");
    void connection.send("B");
    const error = await failure(connection.send("C"));
    expect(error).toBeInstanceOf(LimitError);
    expect(error).toMatchObject({ limit: "maximumCalls" });
    const stream = failure(connection.stream("D")[Symbol.asyncIterator]().next());
    expect(await stream).toBeInstanceOf(LimitError);
    await hub.clock.advanceAsync(1_000);
    expect(targets(hub.socket.calls)).toEqual(["A", "B"]);
  });
});

describe("calls while connecting", () => {
  it("wait for the first connection, too, and go out before those behind start()", async () => {
    const { hub, connection } = build();
    const starting = connection.start();
    void connection.send("Waiting");
    await starting;
    void connection.send("Behind");
    await hub.clock.settle();
    expect(targets(hub.socket.calls)).toEqual(["Waiting", "Behind"]);
  });

  it("fail with a start that fails", async () => {
    const { hub, connection } = build();
    hub.negotiate = () => Promise.reject(new Error("no network"));
    const starting = failure(connection.start());
    const call = failure(connection.invoke("A"));
    expect(await call).toMatchObject({ code: "connection-lost", cause: await starting });
  });

  it("wait as long as the start is tried again", async () => {
    const { hub, connection } = build(undefined, { retryStart: true, delays: [1_000] });
    const { negotiate } = hub;
    hub.negotiate = () => Promise.reject(new Error("no network"));
    const starting = connection.start();
    void connection.send("Waiting");
    await hub.clock.settle();
    hub.negotiate = negotiate;
    await hub.clock.advanceAsync(1_000);
    await starting;
    expect(targets(hub.socket.calls)).toEqual(["Waiting"]);
  });
});

it("calls fail as ever while Disconnected or Disconnecting, and everywhere without the option", async () => {
  const { hub, connection } = build();
  expect(await failure(connection.invoke("A"))).toBeInstanceOf(InvalidStateError);
  await connection.start();
  hub.socket.answersClose = false;
  const stopping = connection.stop();
  expect(connection.state).toBe("Disconnecting");
  expect(await failure(connection.invoke("A"))).toBeInstanceOf(InvalidStateError);
  await hub.clock.advanceAsync(5_000);
  await stopping;

  const plain = hub.builder().withAutomaticReconnect([1_000]).build();
  hub.negotiate = never;
  const starting = failure(plain.start());
  expect(await failure(plain.invoke("A"))).toBeInstanceOf(InvalidStateError);
  await plain.stop();
  await starting;
});

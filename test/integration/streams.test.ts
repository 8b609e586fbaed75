/** Streams between our client and our server: both directions, cancelled at either end, and slower than their source. */
import { Subject, type HubConnection } from "../../src/index.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import { HubSite } from "./hub-site.js";
import { RoomHub, RoomState, type RoomClient, type RoomServer } from "./room-hub.js";
import { FlowHub, FlowState } from "./flow-hub.js";
import { collect, eventually, failureOf, settled, upTo } from "../support/witness.js";
import { filled, generate, readable } from "../support/stream-sources.js";

describe("streams", () => {
  const state = new RoomState();
  const running = HubSite.forTests({
    map: (hubs) => hubs.mapHub("/hub", RoomHub, { createHub: () => new RoomHub(state) }),
  });
  let connection: HubConnection<RoomServer, RoomClient>;
  let untyped: HubConnection;
  beforeEach(async () => {
    connection = await running.site.connect<RoomServer, RoomClient>();
    untyped = await running.site.connect();
    state.events.length = 0;
  });

  test.each(["Subject", "ReadableStream", "Promise"] as const)("a hub method may return a %s", async (kind) => {
    await expect(collect(connection.stream("Countdown", kind, 3))).resolves.toEqual([3, 2, 1]);
    expect((await failureOf(untyped.invoke("Countdown", kind, 3))).message).toBe(
      "The client attempted to invoke the streaming 'Countdown' method with a non-streaming invocation.",
    );
  });

  test("leaving the loop cancels on the server, and nowhere else", async () => {
    const other = connection.stream("Endless", "kept")[Symbol.asyncIterator]();
    const seen: number[] = [];
    for await (const item of connection.stream("Endless", "left")) {
      seen.push(item);
      if (seen.length === 5) break;
    }
    expect(seen).toEqual(upTo(5));
    await eventually(() => state.events.includes("left: left"));
    expect(state.events).toEqual(["signal: left", "left: left"]);
    await expect(other.next()).resolves.toMatchObject({ done: false });
    await other.return?.();
    await eventually(() => state.events.includes("left: kept"));
  });

  test("disposing the last subscription cancels too", async () => {
    const stream = connection.stream("Endless", "subscribed");
    await new Promise<void>((resolve) => {
      const first = stream.subscribe({ next: () => undefined, error: () => undefined, complete: () => undefined });
      const second = stream.subscribe({ next: () => resolve(), error: () => undefined, complete: () => undefined });
      void eventually(() => (state.yielded.get("subscribed") ?? 0) > 3).then(() => {
        first.dispose();
        expect(state.events).toEqual([]);
        second.dispose();
      });
    });
    await eventually(() => state.events.includes("left: subscribed"));
  });

  test("a client that stops, or is cut off, ends its streams on the server", async () => {
    const iterator = connection.stream("Endless", "stopped")[Symbol.asyncIterator]();
    await iterator.next();
    await connection.stop();
    await eventually(() => state.events.includes("left: stopped"));
    expect((await failureOf(collect({ [Symbol.asyncIterator]: () => iterator }))).message).toContain("closed");
    await eventually(() => state.events.includes("disconnected: in order"));
  });

  test("streams find the positions that the class declares", async () => {
    await expect(connection.invoke("Join", generate("a", "b"), "-", generate("c", "d"), ".")).resolves.toBe("a-b-c-d.");
    await expect(untyped.invoke("Join", filled("a", "b"), "-", readable("c", "d"), ".")).resolves.toBe("a-b-c-d.");
    // All streams come behind the arguments on the wire, so even a caller who mixes them up gets the same.
    await expect(untyped.invoke("join", "-", generate("a"), ".", generate("b"))).resolves.toBe("a-b.");
  });

  test("a wrong number of streams is refused", async () => {
    expect((await failureOf(untyped.invoke("Join", generate("a"), "-", ".", "too many"))).message).toBe(
      "An unexpected error occurred invoking 'Join' on the server. HubException: Client sent 1 stream(s), Hub method expects 2.",
    );
  });

  test("the hub may stop reading early; the source is released", async () => {
    let released = false;
    async function* endless(): AsyncGenerator<number> {
      try {
        for (let number = 1; ; number++) yield number;
      } finally {
        released = true;
      }
    }
    await expect(connection.invoke("First", 3, endless())).resolves.toBe(6);
    await eventually(() => released);
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("the end of the connection fails the upload for the hub", async () => {
    const subject = new Subject<number>();
    untyped.invoke("Outcome", subject).catch(() => undefined);
    subject.next(1);
    await untyped.invoke("Nothing");
    await untyped.stop();
    await eventually(() => state.events.some((event) => event.startsWith("outcome")));
    expect(state.events.find((event) => event.startsWith("outcome"))).toMatch(/closed.* after 1$/);
  });
});

describe("back-pressure", () => {
  const ITEM = "x".repeat(16 * 1024);
  const ITEMS = 4_000; // 64 MB: far more than the buffers of all sockets on the way
  const BUFFERED = 2_000;
  const state = new FlowState();
  const createHub = () => new FlowHub(state);
  const running = HubSite.forTests({
    map: (hubs) => {
      hubs.mapHub("/hub", FlowHub, { createHub, streamBufferCapacity: 4 });
      hubs.mapHub("/impatient", FlowHub, { createHub, transportSendTimeout: 500 });
    },
  });

  test("a hub that reads slowly stops the client's source", async () => {
    const connection = await running.site.connect();
    let pulled = 0;
    async function* source(): AsyncGenerator<string> {
      for (; pulled < ITEMS; pulled++) yield ITEM;
    }
    const reading = connection.invoke("Read", source());
    await settled(() => pulled);
    expect(pulled).toBeGreaterThan(4);
    expect(pulled).toBeLessThan(BUFFERED);
    state.gate.resolve();
    await expect(reading).resolves.toBe(ITEMS);
  });

  test("a client that reads slowly stops the hub's generator; one that takes nothing is dropped", async () => {
    const proxy = await TcpProxy.start(running.site.url);
    try {
      const connection = await running.site.connect(running.site.builder().withUrl(`${proxy.url}/impatient`));
      const stream = connection.stream<string>("Flood", ITEM, ITEMS)[Symbol.asyncIterator]();
      await stream.next();
      proxy.strike("stall", "down");
      await settled(() => state.yielded);
      expect(state.yielded).toBeLessThan(BUFFERED);
      await state.flooded.promise;
      await eventually(() => state.disconnected !== undefined);
      expect(state.disconnected?.message).toBe("The client took nothing for 500 ms.");
      expect(state.yielded).toBeLessThan(BUFFERED);
    } finally {
      await proxy.stop();
    }
  });
});

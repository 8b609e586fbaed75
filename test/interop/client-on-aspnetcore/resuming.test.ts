/** Stateful reconnect on the real server: connections that break in every way, with everything in flight. */
import { HubConnectionState, Subject, type HubConnection } from "../../../src/index.js";
import { BUILD_AND_START_MS, startAspNetCoreServer } from "../../support/aspnetcore-server.js";
import { describeWhen } from "../../support/requirements.js";
import { TcpProxy, type Direction, type Fault } from "../../support/tcp-proxy.js";
import { calls, RealHub } from "../../support/real-hub.js";
import { collect, failureOf, nextCall } from "../../support/witness.js";

/** Longer than ASP.NET Core needs to part with a connection that it still believes in (HUB_PROTOCOL §9, resume 8). */
const SLOW_MS = 30_000;

const ONCE_AND_IN_ORDER = range(30).map(String);

/** A masked close frame with code 1000 and a mask of zeros. */
const CLOSE_FRAME = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);

interface Resumable {
  readonly connection: HubConnection;
  readonly proxy: TcpProxy;
  /** Everything that the application was told, in order. */
  readonly told: unknown[][];
  /** Waits until so many resumes were told. */
  resumed(times: number): Promise<void>;
  /** Waits for a line of the log. */
  logged(text: string): Promise<void>;
}

type Builder = ReturnType<RealHub["builder"]>;

describeWhen("dotnet", "stateful reconnect on ASP.NET Core", () => {
  const hub = new RealHub();
  const proxies: TcpProxy[] = [];

  afterEach(async () => {
    await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()));
  });

  async function connect(configure = (builder: Builder) => builder, url = hub.server.url): Promise<Resumable> {
    const proxy = await TcpProxy.start(url);
    proxies.push(proxy);
    const lines = new Observed<string>();
    const builder = hub
      .builder()
      .withUrl(`${proxy.url}/stateful`)
      .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => 50 })
      .withStatefulReconnect()
      .configureLogging({ log: (_level, message) => lines.add(message) });
    const connection = await hub.connect(configure(builder));
    const told: unknown[][] = [];
    const resumes = new Observed<true>();
    connection.onStateChange(({ previous, current, recovered }) => {
      told.push([`${previous} > ${current}`]);
      if (recovered) resumes.add(recovered);
    });
    connection.onclose((error) => told.push(["onclose", error]));
    connection.onreconnecting((error) => {
      told.push(["onreconnecting", error]);
      resumes.wake();
    });
    connection.onreconnected((...args) => told.push(["onreconnected", ...args]));
    return {
      connection,
      proxy,
      told,
      resumed: (times) => {
        return resumes.until((all) => {
          if (told.some(([kind]) => kind === "onreconnecting")) throw new Error("The connection was given up.");
          return all.length >= times;
        });
      },
      logged: (text) => lines.until((all) => all.some((line) => line.includes(text))),
    };
  }

  test.each([
    ["reset", "up", [900, 500, 700]],
    ["reset", "down", [300, 500, 700]],
    ["close", "up", [1_300, 600, 800]],
    ["close", "down", [600, 600, 600]],
  ] as [Fault, Direction, number[]][])(
    "a conversation that is cut three times (%s, %sstream) goes on as if nothing had been",
    async (fault, direction, positions) => {
      const set = await connect();
      const { connection, proxy, told } = set;
      const { connectionId } = connection;
      const group = hub.newMarker();
      await connection.invoke("JoinGroup", group);
      const conversation = new Conversation(connection);
      for (const [index, bytes] of positions.entries()) {
        await proxy.strikeWhen({ direction, bytes }, fault);
        await set.resumed(index + 1);
      }
      await conversation.end();
      expect(new Set(told.flat())).toEqual(new Set(["Connected > Connected"]));
      expect(connection.connectionId).toBe(connectionId);
      expect(connection.transport).toBe("WebSockets");
      const inbox = calls(connection, "Received");
      await connection.invoke("SendToGroup", group, "still a member");
      await expect(inbox.next()).resolves.toEqual(["group", "still a member"]);
      const events = await hub.server.events(connectionId);
      expect(events.map(({ kind }) => kind)).not.toContain("disconnected");
    },
    SLOW_MS,
  );

  test.each(["reset", "fin"] as const)("a connection that the server's side drops (%s) is resumed", async (how) => {
    const set = await connect();
    const { connection } = set;
    const { connectionId } = connection;
    const pending = connection.invoke("TakeLong", 300);
    await hub.server.drop(connectionId as string, how);
    await connection.send("Note", "said while it was broken");
    await set.resumed(1);
    await pending;
    await expect(connection.invoke("Notes")).resolves.toEqual(["said while it was broken"]);
    expect(set.told).toEqual([["Connected > Connected"]]);
  });

  test.each([undefined, "up", "down"] as const)(
    "silence (direction: %s) leads to a resume when the server's time is over",
    async (direction) => {
      const set = await connect((builder) => builder.withServerTimeout(1_000).withKeepAliveInterval(200));
      const { connection, proxy } = set;
      const sums = [connection.invoke("Add", 1, 1)];
      await sums[0];
      proxy.strike("silence", direction);
      for (let index = 0; index < 5; index++) {
        sums.push(connection.invoke("Add", index, 1));
        await connection.send("Note", String(index));
      }
      await set.resumed(1);
      await expect(Promise.all(sums)).resolves.toEqual([2, 1, 2, 3, 4, 5]);
      await expect(connection.invoke("Notes")).resolves.toEqual(["0", "1", "2", "3", "4"]);
      expect(set.told).toEqual(Array.from(set.told, () => ["Connected > Connected"]));
      // This server pings too seldom for such a short time.
      connection.serverTimeoutInMilliseconds = 30_000;
    },
    SLOW_MS,
  );

  test("a network that is away for a while is waited for, and what is sent meanwhile arrives", async () => {
    const set = await connect();
    const { connection, proxy } = set;
    await proxy.refuse();
    await set.logged("Not resumed yet");
    expect(connection.state).toBe(HubConnectionState.Connected);
    const sum = connection.invoke("Add", 1, 2);
    await connection.send("Note", "while away");
    await proxy.accept();
    await expect(sum).resolves.toBe(3);
    await expect(connection.invoke("Notes")).resolves.toEqual(["while away"]);
    await set.resumed(1);
    expect(set.told).toEqual([["Connected > Connected"]]);
  });

  test("an upload whose items are under way is asked about, and arrives once and in order", async () => {
    const set = await connect();
    const { connection, proxy } = set;
    const items = new Subject<string>();
    const upload = connection.invoke("UploadChannel", items);
    const [first = "", ...rest] = ONCE_AND_IN_ORDER;
    const struck = proxy.strikeWhen({ direction: "up", bytes: 400 }, "reset");
    items.next(first);
    for (const item of rest) items.next(item);
    await struck;
    items.complete();
    await expect(upload).resolves.toBe(ONCE_AND_IN_ORDER.join(","));
    await set.resumed(1);
    expect(set.told).toEqual([["Connected > Connected"]]);
  });

  test("after an upload that the method ended early, nothing is lost in silence: it arrives once, or the app is told", async () => {
    const set = await connect();
    const { connection, proxy } = set;
    const { connectionId } = connection;
    const items = new Subject<number>();
    const upload = connection.invoke("UploadSome", 3, items);
    for (const number of range(30)) items.next(number);
    await expect(upload).resolves.toBe(3);
    proxy.strike("reset");
    const reconnected = nextCall<string>((callback) => connection.onreconnected(callback));
    const sent = await Promise.allSettled(ONCE_AND_IN_ORDER.map((text) => connection.invoke("Note", text)));
    const isTold = sent.every(({ status }) => status === "rejected");
    if (isTold) await reconnected;
    await expect(connection.invoke("Notes")).resolves.toEqual(isTold ? [] : ONCE_AND_IN_ORDER);
    expect(connection.connectionId === connectionId).toBe(!isTold);
  });

  test("stop() while the network is away is prompt, and calls are told", async () => {
    const set = await connect();
    await set.proxy.refuse();
    const pending = failureOf(set.connection.invoke("Add", 1, 1));
    await set.logged("Not resumed yet");
    await set.connection.stop();
    expect(await pending).toMatchObject({ code: "connection-lost" });
    expect(set.told.at(-1)).toEqual(["onclose", undefined]);
  });

  test("Context.Abort() is final", async () => {
    const set = await connect();
    const closed = nextCall<Error>((callback) => set.connection.onclose(callback));
    set.connection.send("Abort").catch(() => undefined);
    expect(await closed).toBeUndefined();
    expect(set.told).toEqual([["Connected > Disconnected"], ["onclose", undefined]]);
  });

  test("a connection that the server does not remember is made anew at once", async () => {
    const set = await connect();
    const { connection, proxy } = set;
    const pending = failureOf(connection.invoke("TakeLong", 60_000));
    // The server gets the closing handshake that a client says goodbye with; the client sees the network break.
    proxy.cut = (chunk, direction) => (direction === "up" ? [CLOSE_FRAME] : []);
    connection.send("Note", "becomes a goodbye").catch(() => undefined);
    await hub.server.waitForEvent("disconnected", { connectionId: connection.connectionId });
    proxy.cut = (chunk) => [chunk];
    const reconnected = new Promise<unknown[]>((resolve) => connection.onreconnected((...args) => resolve(args)));
    proxy.strike("reset");
    expect(await pending).toMatchObject({ code: "connection-lost" });
    expect(await reconnected).toEqual([connection.connectionId, { recovered: false }]);
    await set.logged("Status code '404'");
  });

  test(
    "a server that restarts: pending calls reject, and the new connection starts afresh",
    async () => {
      const server = await startAspNetCoreServer();
      const set = await connect(undefined, server.url);
      const { connection } = set;
      await connection.invoke("Add", 1, 1);
      const pending = failureOf(connection.invoke("TakeLong", 60_000));
      const reconnected = new Promise<unknown[]>((resolve) => connection.onreconnected((...args) => resolve(args)));
      await server.kill();
      await set.logged("Not resumed yet");
      const second = await startAspNetCoreServer({ port: Number(new URL(server.url).port) });
      try {
        expect(await pending).toMatchObject({ code: "connection-lost", closeCode: 1006 });
        expect(await reconnected).toEqual([connection.connectionId, { recovered: false }]);
        await connection.send("Note", "new");
        await expect(connection.invoke("Notes")).resolves.toEqual(["new"]);
        expect(set.told.map(([kind]) => kind)).toEqual([
          "Connected > Reconnecting",
          "onreconnecting",
          "Reconnecting > Connected",
          "onreconnected",
        ]);
        await connection.stop();
      } finally {
        await second.stop();
      }
    },
    BUILD_AND_START_MS,
  );
});

/** Calls, messages both ways, streams and client results, round after round; fails unless each arrives once and in order. */
class Conversation {
  readonly #connection: HubConnection;
  readonly #running: Promise<void>;
  readonly #ticks: unknown[] = [];
  #rounds = 0;
  #isOver = false;

  constructor(connection: HubConnection) {
    this.#connection = connection;
    connection.on("Double", (number: number) => number * 2);
    connection.on("Tick", (number: number) => this.#ticks.push(number));
    this.#running = this.#run();
    this.#running.catch(() => undefined); // end() tells
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    const notes = Array.from({ length: this.#rounds }, () => ONCE_AND_IN_ORDER).flat();
    await expect(this.#connection.invoke("Notes")).resolves.toEqual(notes);
    expect(this.#ticks).toEqual(Array.from({ length: this.#rounds }, () => range(20)).flat());
  }

  async #run(): Promise<void> {
    const connection = this.#connection;
    for (; !this.#isOver; this.#rounds++) {
      const counted = collect(connection.stream<number>("Counter", 20, 5));
      for (const text of ONCE_AND_IN_ORDER) await connection.send("Note", text);
      const sums = Promise.all(range(30).map((index) => connection.invoke("Add", index, 1)));
      const burst = connection.invoke("Burst", 20);
      await expect(connection.invoke("AskMeManyTimes", "Double", 5)).resolves.toEqual([0, 2, 4, 6, 8]);
      await expect(sums).resolves.toEqual(range(30).map((index) => index + 1));
      await expect(burst).resolves.toBe(20);
      await expect(counted).resolves.toEqual(range(20).map((index) => index + 1));
    }
  }
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

/** Values that come one by one, and a way to wait for them. */
class Observed<T> {
  readonly #values: T[] = [];
  #waiting: (() => void)[] = [];

  add(value: T): void {
    this.#values.push(value);
    this.wake();
  }

  /** Lets those who wait look again. */
  wake(): void {
    for (const look of this.#waiting.splice(0)) look();
  }

  async until(condition: (values: readonly T[]) => boolean): Promise<void> {
    while (!condition(this.#values)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

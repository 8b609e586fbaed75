/** How connections begin and end, as both ends see it: refusals, aborts, restarts of the server, and what is left behind. */
import WebSocket, { type ClientOptions } from "ws";
import { HubConnectionState, type HubConnection } from "../../src/index.js";
import { Hub, HubError, type HubServer } from "../../src/server/index.js";
import { Deferred } from "../../src/common/deferred.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import { HubSite } from "./hub-site.js";
import { RoomHub, RoomState } from "./room-hub.js";
import { Calls, eventually, failureOf, nextCall, upTo } from "../support/witness.js";

const PING = '{"type":6}\u001e';

class DoorHub extends Hub {
  override async onConnected(): Promise<void> {
    const { searchParams } = new URL(this.context.request.url ?? "", "http://localhost");
    await this.clients.caller.send("Welcome", searchParams.get("name"));
    if (searchParams.has("refuse")) throw new HubError("full house");
    if (searchParams.has("fail")) throw new Error("secret");
  }

  nothing(): void {}
}

const state = new RoomState();
const map = (hubs: HubServer) => {
  hubs.mapHub("/hub", RoomHub, { createHub: () => new RoomHub(state) });
  hubs.mapHub("/door", DoorHub);
};

beforeEach(() => (state.events.length = 0));

describe("the beginning", () => {
  const checked = new Deferred<void>();
  const running = HubSite.forTests({
    map: (hubs) => {
      map(hubs);
      hubs.mapHub("/slow", DoorHub, { authenticate: () => checked.promise.then(() => ({})) });
    },
  });
  afterAll(() => checked.resolve());

  test("start is given up by its signal, by stop, and by time", async () => {
    const controller = new AbortController();
    const hasty = running.site.build(running.site.builder("/slow", { connectTimeout: 300 }));
    const byTime = failureOf(hasty.start());
    expect(hasty.state).toBe(HubConnectionState.Connecting);
    expect(await byTime).toMatchObject({ code: "connect-timeout" });
    const connection = running.site.build(running.site.builder("/slow"));
    const bySignal = failureOf(connection.start({ signal: controller.signal }));
    controller.abort();
    expect(await bySignal).toMatchObject({ code: "aborted" });
    const byStop = failureOf(connection.start());
    await connection.stop();
    expect(await byStop).toMatchObject({ code: "aborted" });
    expect(connection.state).toBe(HubConnectionState.Disconnected);
    connection.baseUrl = `${running.site.url}/door`;
    await connection.start();
    await expect(connection.invoke("Nothing")).resolves.toBeNull();
  });

  test("what onConnected sends arrives before start is over, and before all answers", async () => {
    const connection = running.site.build(running.site.builder("/door?name=ann"));
    const welcome = new Calls(connection, "Welcome");
    await connection.start();
    await connection.invoke("Nothing");
    expect(welcome.all).toEqual([["ann"]]);
  });

  test.each([
    ["refuse", "Connection closed with an error. HubException: full house"],
    ["fail", "Connection closed with an error."],
  ])("onConnected that throws (%s) ends the connection for good", async (query, text) => {
    const connection = running.site.build(running.site.builder(`/door?${query}`).withAutomaticReconnect([0]));
    const states: string[] = [];
    connection.onStateChange(({ current }) => states.push(current));
    const end = nextCall<Error>((callback) => connection.onclose(callback));
    await connection.start();
    expect(await end).toMatchObject({ code: "server-closed", message: `Server returned an error on close: ${text}` });
    expect(states).not.toContain(HubConnectionState.Reconnecting);
    expect(connection.state).toBe(HubConnectionState.Disconnected);
  });

  test("the handshake may share its frame with calls", async () => {
    const socket = new WebSocket(running.site.url.replace("http", "ws") + "/hub");
    const received: string[] = [];
    await new Promise<void>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("open", () => {
        const call = (id: number) => `{"type":1,"invocationId":"${id}","target":"Add","arguments":[${id},1]}\u001e`;
        socket.send(`{"protocol":"json","version":1}\u001e${call(1)}${call(2)}`);
      });
      socket.on("message", (data: Buffer) => {
        received.push(...data.toString().split("\u001e").filter(Boolean));
        if (received.length === 3) resolve();
      });
    });
    socket.close();
    expect(received.map((text) => JSON.parse(text) as unknown)).toEqual([
      {},
      { type: 3, invocationId: "1", result: 2 },
      { type: 3, invocationId: "2", result: 3 },
    ]);
  });
});

describe("silence", () => {
  const running = HubSite.forTests({
    map: (hubs) => {
      hubs.mapHub("/hub", DoorHub, { keepAliveInterval: 500, clientTimeoutInterval: 2_500 });
      hubs.mapHub("/silent", DoorHub);
    },
  });

  test("pings of both sides keep an idle connection", async () => {
    const pings = { received: 0, sent: 0 };
    class CountingWebSocket extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[], options?: ClientOptions) {
        super(url, protocols, options);
        this.on("message", (data: Buffer) => (pings.received += data.toString() === PING ? 1 : 0));
      }

      override send(data: string | Uint8Array, callback?: unknown): void;
      override send(data: string | Uint8Array, ...rest: unknown[]): void {
        pings.sent += data === PING ? 1 : 0;
        Reflect.apply(super.send.bind(this), this, [data, ...rest]);
      }
    }
    const builder = running.site.builder("/hub", { WebSocket: CountingWebSocket });
    const connection = await running.site.connect(builder.withServerTimeout(2_500).withKeepAliveInterval(500));
    let isOver = false;
    connection.onclose(() => (isOver = true));
    await eventually(() => isOver || (pings.received >= 4 && pings.sent >= 4));
    expect(connection.state).toBe(HubConnectionState.Connected);
    await expect(connection.invoke("Nothing")).resolves.toBeNull();
  });

  test("a server that says nothing for too long counts as gone", async () => {
    const connection = await running.site.connect(running.site.builder("/silent").withServerTimeout(300));
    const end = nextCall<Error>((callback) => connection.onclose(callback));
    expect(await end).toMatchObject({ code: "server-timeout" });
  });
});

describe("the end", () => {
  const running = HubSite.forTests({ map });

  // With another code the .NET client would not see the Close message in front of it.
  test("an error is told by the Close message alone: the WebSocket closes with code 1000", async () => {
    const socket = new WebSocket(running.site.url.replace("http", "ws") + "/hub");
    const received: string[] = [];
    socket.on("message", (data: Buffer) => received.push(data.toString()));
    socket.on("open", () => socket.send('{"protocol":"json","version":1}\u001enonsense\u001e'));
    expect(await new Promise((resolve) => socket.on("close", resolve))).toBe(1000);
    expect(received.join("")).toBe(
      '{}\u001e{"type":7,"error":"Connection closed with an error.","allowReconnect":true}\u001e',
    );
  });

  test("a broken socket is reconnected, and the hub learns of the loss", async () => {
    const proxy = await TcpProxy.start(running.site.url);
    try {
      const builder = running.site.builder().withUrl(`${proxy.url}/hub`).withAutomaticReconnect([0, 10, 100]);
      const connection = await running.site.connect(builder);
      const lost = connection.invoke("Wait", "lost");
      await eventually(() => state.events.includes("waiting: lost"));
      const reconnected = nextCall<string>((callback) => connection.onreconnected(callback));
      proxy.strike("reset");
      expect(await failureOf(lost)).toMatchObject({ code: "connection-lost" });
      state.gate("lost").resolve();
      expect(await reconnected).toBe(connection.connectionId);
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
      await eventually(() => state.events.some((event) => event.startsWith("disconnected: ConnectionError")));
    } finally {
      await proxy.stop();
    }
  });
});

describe("a restart of the server", () => {
  test("clients are told, calls are waited for, and everybody comes back", async () => {
    const before = await HubSite.start({ map });
    const { port } = before;
    const clients: HubConnection[] = [];
    for (const _ of upTo(10)) {
      clients.push(await before.connect(before.builder().withAutomaticReconnect(upTo(100).map(() => 20))));
    }
    const reasons = Promise.all(
      clients.map((client) => nextCall<Error>((callback) => client.onreconnecting(callback))),
    );
    const back = Promise.all(clients.map((client) => nextCall<string>((callback) => client.onreconnected(callback))));
    const running = failureOf(clients[0]?.invoke("Wait", "restart") ?? Promise.resolve());
    await eventually(() => state.events.includes("waiting: restart"));

    let isClosed = false;
    const closing = before.hubs.close().then(() => (isClosed = true));
    expect(await reasons).toEqual(clients.map(() => undefined));
    expect(isClosed).toBe(false); // a call is running
    state.gate("restart").resolve();
    await closing;
    await running;
    expect(state.events.filter((event) => event === "disconnected: in order")).toHaveLength(clients.length);
    await new Promise((resolve) => {
      before.server.close(resolve);
      before.server.closeAllConnections();
    });

    const after = await HubSite.start({ map, port });
    expect(new Set(await back).size).toBe(clients.length);
    const sums = await Promise.all(clients.map((client, i) => client.invoke("Add", i, 1)));
    expect(sums).toEqual(upTo(10).map((i) => i + 1));
    await before.stop();
    await after.stop();
  });
});

describe("afterwards", () => {
  // jest itself fails a test in which a rejection was not handled.
  test("nothing is left of servers and clients, and nothing was rejected unheard", async () => {
    await useEverything(); // what Node makes once and keeps
    const before = resources();
    for (const _ of upTo(3)) await useEverything();
    const tooMany = () => [...resources()].filter(([kind, count]) => count > (before.get(kind) ?? 0));
    const giveUp = performance.now() + 5_000;
    await eventually(() => tooMany().length === 0 || performance.now() > giveUp);
    expect(tooMany()).toEqual([]);
  });
});

/** How many of each kind of thing keep the process alive; the turns that the test waits for do not count. */
function resources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (kind !== "Immediate") counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** A server, and clients that leave in the middle of everything. */
async function useEverything(): Promise<void> {
  const site = await HubSite.start({ map });
  const connect = () => site.connect(site.builder().withAutomaticReconnect());
  const clients = await Promise.all([connect(), connect(), connect(), connect(), connect()]);
  const [waiting, uploader, asked, reader, failing] = clients;
  async function* uploading(): AsyncGenerator<number> {
    for (let number = 0; ; number++) {
      yield number;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const calls = [
    waiting.invoke("Wait", "nobody opens this"),
    uploader.invoke("Sum", uploading()),
    asked.invoke("Ask", "no handler"),
    reader.stream("Endless", "abandoned")[Symbol.asyncIterator]().next(),
    failing.invoke("Fail", "text"),
  ];
  void failing.send("Fail", "unheard");
  await failing.invoke("Nothing");
  await site.stopClients();
  state.gate("nobody opens this").resolve();
  await Promise.allSettled(calls);
  const reconnecting = await site.connect(site.builder().withAutomaticReconnect([60_000]));
  const told = nextCall((callback) => reconnecting.onreconnecting(callback));
  await site.hubs.close();
  await told;
  await reconnecting.stop();
  await site.stop();
}

/** What remains of connections that are over: nothing that keeps a process alive, and nothing that keeps them from being collected. */
import { createServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import { HttpTransportType, HubConnectionBuilder, type HubConnection } from "../../src/index.js";
import { Hub } from "../../src/server/index.js";
import { HubSite } from "../integration/hub-site.js";
import { nextCall, upTo } from "../support/witness.js";
import { negotiate } from "../support/hub-server.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import { programsForTests, type Program } from "./program.js";

const transports = ["WebSockets", "ServerSentEvents", "LongPolling"] as const;

/** How a client's connection can end; test/soak/programs/leaving-client.mjs has each. */
const endings = [
  "never started",
  "stopped",
  "stopped twice",
  "no server",
  "no hub",
  "given up while starting",
  "stopped while starting",
  "closed by the server",
  "cut off",
  "reconnected and stopped",
  "reconnected in vain",
  "stopped while reconnecting",
  "stopped while resuming",
] as const;

const sockets = new Set<Socket>();

class MeetingHub extends Hub {
  ask(text: string): Promise<string> {
    return this.clients.caller.invoke<string>("Answer", text);
  }

  async *count(to: number): AsyncIterable<number> {
    yield* upTo(to);
  }

  async *endless(): AsyncIterable<number> {
    for (let item = 0; !this.signal.aborted; item++) {
      yield item;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async sum(items: AsyncIterable<number>): Promise<number> {
    let sum = 0;
    for await (const item of items) sum += item;
    return sum;
  }

  wait(): Promise<void> {
    return new Promise((resolve) => this.signal.addEventListener("abort", () => resolve()));
  }

  abort(): void {
    this.context.abort();
  }

  cut(): void {
    for (const socket of sockets) socket.destroy();
  }
}

const run = programsForTests();

describe.each(transports)("a client's connection over %s", (transport) => {
  const server = HubSite.forTests({
    map: (hubs) => {
      const options = { maximumParallelInvocationsPerClient: 4 };
      hubs.mapHub("/hub", MeetingHub, options);
      hubs.mapHub("/stateful", MeetingHub, { ...options, allowStatefulReconnects: true });
    },
    listener: (request, response) => {
      if (!request.url?.startsWith("/silent")) response.writeHead(404).end();
    },
    shutdownTimeout: 100,
  });
  beforeAll(() => {
    server.site.server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    });
  });

  const possible = endings.filter((ending) => ending !== "stopped while resuming" || transport === "WebSockets");
  test.each(possible)("that was %s leaves nothing, and can be collected", async (ending) => {
    // A port that was free a moment ago: nobody listens there.
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const nowhere = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
    closed.close();

    const client = run("leaving-client", [ending, transport, server.site.url, nowhere]);
    const report = await client.next();
    expect(report).toMatchObject({ kind: "ended", kinds: [], made: [], collected: true });
    await expect(client.ended).resolves.toEqual({ code: 0, signal: null });
    expect(client.output).toBe("");
  });
});

/** Calls and streams of all kinds, some of them under way for as long as the connection lives. */
async function use(connection: HubConnection): Promise<void> {
  connection.on("Answer", (text: string) => `${text}!`);
  connection.on("Told", () => undefined);
  await connection.start();
  await expect(connection.invoke("Ask", "?")).resolves.toBe("?!");
  async function* upload(): AsyncIterable<number> {
    yield* upTo(5);
  }
  await expect(connection.invoke("Sum", upload())).resolves.toBe(10);
  connection.invoke("Wait").catch(() => undefined);
  await connection.stream("Endless")[Symbol.asyncIterator]().next();
}

describe.each(transports)("a server, over %s", (transport) => {
  let proxy: TcpProxy;
  let server: Program;
  let port: number;
  const connections: HubConnection[] = [];
  beforeEach(async () => {
    server = run("leaving-server", []);
    port = (await server.next())["port"] as number;
    proxy = await TcpProxy.start(`http://127.0.0.1:${port}`);
  });
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.stop()));
    await proxy.stop();
  });

  async function connect(isStateful = false): Promise<HubConnection> {
    const options = { transport: HttpTransportType[transport], logger: null };
    const builder = new HubConnectionBuilder().withUrl(`${proxy.url}/hub`, options);
    const connection = (isStateful ? builder.withStatefulReconnect() : builder).build();
    connections.push(connection);
    await use(connection);
    return connection;
  }

  async function expectClosed(): Promise<void> {
    const closed = await server.request({ kind: "close" });
    expect(closed).toEqual({ kind: "closed", present: 0, collected: true, kinds: [], made: [] });
    await expect(server.ended).resolves.toEqual({ code: 0, signal: null });
    expect(server.output).toBe("");
  }

  test("keeps nothing of clients that leave or are lost, and nothing at all when it is closed", async () => {
    await (await connect()).stop();
    const lost = await connect(transport === "WebSockets");
    const isOver = nextCall<Error>((resolve) => lost.onclose(resolve));
    proxy.strike("reset");
    if (transport === "WebSockets") await lost.stop();
    await isOver;
    await expect(server.request({ kind: "look", count: 2 })).resolves.toEqual({
      kind: "looked",
      present: 0,
      collected: true,
    });
    await expectClosed();
  });

  test("leaves nothing when it is closed under its clients, and under some that only negotiated", async () => {
    for (const connection of [await connect(), await connect(true)]) {
      void nextCall<Error>((resolve) => connection.onclose(resolve));
    }
    await negotiate(port, "/hub");
    await expectClosed();
  });
});

/** What a hostile or clumsy client, page or host can do to the server: each case once did harm. */
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { WebSocket } from "ws";
import { HubConnectionBuilder, HubConnectionState } from "../../src/index.js";
import { createHubServer, Hub } from "../../src/server/index.js";
import { listen, send, startHubServer, stopAll } from "../support/hub-server.js";

const SEPARATOR = "\u001e";
const HANDSHAKE = `{"protocol":"json","version":1}${SEPARATOR}`;

class WideHub extends Hub {
  static running = 0;
  static most = 0;

  large(): string {
    return "x".repeat(20_000);
  }
  async slowly(): Promise<void> {
    WideHub.most = Math.max(WideHub.most, ++WideHub.running);
    await new Promise((resolve) => setImmediate(resolve));
    WideHub.running--;
  }
  cookie(): string | undefined {
    return this.context.request.headers.cookie;
  }
}

afterEach(stopAll);

async function rawSocket(port: number, headers: Record<string, string> = {}): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/hub`, { headers });
  await once(socket, "open");
  socket.send(HANDSHAKE);
  await once(socket, "message");
  return socket;
}

function call(target: string, id: number, type = 1, more = ""): string {
  return `{"type":${type},"invocationId":"${id}","target":"${target}","arguments":[]${more}}${SEPARATOR}`;
}

function frameOf(count: number, make: (id: number) => string): string {
  return Array.from({ length: count }, (_, id) => make(id)).join("");
}

test("a client that asks for far more than it reads loses its connection, and nobody else notices", async () => {
  const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WideHub));
  const greedy = await rawSocket(port);
  greedy.pause();
  greedy.send(frameOf(30_000, (id) => call("large", id)));
  const connection = new HubConnectionBuilder().withUrl(`http://127.0.0.1:${port}/hub`).build();
  await connection.start();
  expect(await connection.invoke<string>("large")).toHaveLength(20_000);
  expect(connection.state).toBe(HubConnectionState.Connected);
  await connection.stop();
  greedy.terminate();
});

test("a client that reads gets every answer of a frame full of calls", async () => {
  const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WideHub));
  const socket = await rawSocket(port);
  let answers = 0;
  const all = new Promise<void>((resolve) => {
    socket.on("message", (data: Buffer) => {
      for (const byte of data) if (byte === 0x1e) answers++;
      if (answers === 5_000) resolve();
    });
  });
  socket.send(frameOf(5_000, (id) => call("large", id)));
  await all;
  socket.terminate();
});

test.each([
  ["a streaming call", (id: number) => call("slowly", id, 4)],
  ["a made-up stream", (id: number) => call("slowly", id, 1, `,"streamIds":["s${id}"]`)],
])("asking for a plain method with %s does not run it beside others", async (_name, make) => {
  WideHub.most = 0;
  const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WideHub));
  const socket = await rawSocket(port);
  let answers = 0;
  const all = new Promise<void>((resolve) => {
    socket.on("message", (data: Buffer) => {
      answers += data.toString().split('"type":3').length - 1;
      if (answers === 50) resolve();
    });
  });
  socket.send(frameOf(50, make));
  await all;
  expect(WideHub.most).toBeLessThanOrEqual(1);
  socket.terminate();
});

test("a page of any origin is let in without the visitor's cookies", async () => {
  const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WideHub, { allowedOrigins: "*" }));
  const socket = await rawSocket(port, { Origin: "https://evil.example", Cookie: "session=secret" });
  socket.send(call("cookie", 1));
  const [data] = (await once(socket, "message")) as [Buffer];
  expect(data.toString()).toContain('"result":null');
  socket.terminate();
});

test("an origin that a promise answers for is not let in", async () => {
  const allowedOrigins = (() => Promise.resolve(true)) as unknown as () => boolean; // as JavaScript would write it
  const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WideHub, { allowedOrigins }));
  const { status } = await send(port, "POST", "/hub/negotiate?negotiateVersion=1", { Origin: "https://evil.example" });
  expect(status).toBe(403);
});

test("an answer that somebody else has given already is left alone", async () => {
  let authenticate: (user: object) => void = () => undefined;
  const waits = new Promise<object>((resolve) => (authenticate = resolve));
  const { port, http } = await startHubServer((hubs) =>
    hubs.mapHub("/hub", WideHub, { authenticate: async () => waits }),
  );
  const { emit } = http;
  http.emit = function (this: Server, event: string, ...args: unknown[]) {
    const taken = Reflect.apply(emit, this, [event, ...args]);
    if (event === "request") (args[1] as { writeHead(status: number): { end(): void } }).writeHead(503).end();
    return taken;
  } as typeof http.emit;
  const { status } = await send(port, "POST", "/hub/negotiate?negotiateVersion=1");
  authenticate({});
  await new Promise((resolve) => setImmediate(resolve));
  expect(status).toBe(503);
});

describe("on an HTTP server that has no listeners of its own", () => {
  test("other requests are answered 404", async () => {
    const hubs = createHubServer();
    hubs.mapHub("/hub", WideHub);
    const port = await listen(hubs.attach(createServer()), () => hubs.close());
    expect((await send(port, "GET", "/")).status).toBe(404);
  });

  test("two hub servers refuse what is neither's, and both take what is theirs", async () => {
    const [first, second] = [createHubServer(), createHubServer()];
    first.mapHub("/first", WideHub);
    second.mapHub("/second", WideHub);
    const http = second.attach(first.attach(createServer()));
    const port = await listen(http, async () => void (await Promise.all([first.close(), second.close()])));
    const unknown = new WebSocket(`ws://127.0.0.1:${port}/third`);
    const [error] = (await once(unknown, "error")) as [Error];
    expect(error.message).toContain("404");
    expect((await send(port, "GET", "/")).status).toBe(404);
    for (const path of ["/first", "/second"]) {
      expect((await send(port, "POST", `${path}/negotiate?negotiateVersion=1`)).status).toBe(200);
    }
  });
});

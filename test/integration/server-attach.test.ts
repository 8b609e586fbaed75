/** Hubs beside other things: Express, plain `node:http`, other WebSocket servers, several hub servers, code outside of hubs. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { Duplex } from "node:stream";
import express from "express";
import { WebSocketServer } from "ws";
import { createHubServer, Hub } from "../../src/server/index.js";
import { listen, RawClient, refused, send, startHubServer, stopAll } from "../support/hub-server.js";
import { callOf, RawHttpClient, RawStream } from "../support/raw-http-client.js";

class NewsHub extends Hub {
  join(group: string): Promise<void> {
    return this.groups.add(this.context.connectionId, group);
  }

  echo(value: unknown): unknown {
    return value;
  }
}

afterEach(stopAll);

function hubServer() {
  return createHubServer({ logger: null }).mapHub("/hub", NewsHub);
}

async function expectEcho(port: number): Promise<void> {
  expect(await send(port, "POST", "/hub/negotiate")).toMatchObject({ status: 200 });
  const client = await RawClient.connect(port, "/hub");
  client.call("1", "echo", "hello");
  expect(await client.next()).toMatchObject({ result: "hello" });
  client.socket.close();
  await client.closed;
}

test("an Express application keeps its routes", async () => {
  const app = express();
  app.use(express.json());
  app.get("/page", (_request, response) => void response.send("a page"));
  const hubs = hubServer();
  const port = await listen(hubs.attach(createServer(app as RequestListener)), () => hubs.close());
  await expectEcho(port);
  expect(await send(port, "GET", "/page")).toMatchObject({ status: 200, body: "a page" });
  expect(await send(port, "GET", "/nothing")).toMatchObject({ status: 404 });
});

test("an Express application may hand over the requests itself", async () => {
  const hubs = hubServer();
  const app = express();
  app.use((request, response, next) => {
    if (!hubs.handleRequest(request, response)) next();
  });
  app.get("/page", (_request, response) => void response.send("a page"));
  const server = createServer(app as RequestListener);
  server.on("upgrade", (request, socket, head) => {
    if (!hubs.handleUpgrade(request, socket, head)) socket.destroy();
  });
  const port = await listen(server, () => hubs.close());
  await expectEcho(port);
  expect(await send(port, "GET", "/page")).toMatchObject({ body: "a page" });
});

test("listeners that are added later hear nothing of the hubs' requests either", async () => {
  const heard: string[] = [];
  const hubs = hubServer();
  const server = hubs.attach(createServer());
  server.on("request", (request, response) => {
    heard.push(request.url ?? "");
    response.end("later");
  });
  const port = await listen(server, () => hubs.close());
  await expectEcho(port);
  expect(await send(port, "GET", "/page")).toMatchObject({ body: "later" });
  expect(heard).toEqual(["/page"]);
});

test("a request that somebody else has answered meanwhile is left alone", async () => {
  const hubs = createHubServer({ logger: null });
  hubs.mapHub("/hub", NewsHub, { authenticate: () => new Promise((resolve) => setImmediate(resolve, {})) });
  const server = createServer((request, response) => {
    hubs.handleRequest(request, response);
    response.end("quicker");
  });
  const port = await listen(server, () => hubs.close());
  expect(await send(port, "POST", "/hub/negotiate")).toMatchObject({ body: "quicker" });
  expect(await send(port, "POST", "/hub/negotiate")).toMatchObject({ body: "quicker" });
});

test("other WebSocket servers keep their paths", async () => {
  const other = new WebSocketServer({ noServer: true });
  const server = createServer();
  server.on("upgrade", (request, socket, head) => {
    other.handleUpgrade(request, socket, head, (webSocket) => webSocket.send("other\u001e"));
  });
  const hubs = hubServer();
  const port = await listen(hubs.attach(server), async () => {
    await hubs.close();
    for (const client of other.clients) client.terminate();
  });
  await expectEcho(port);
  const client = await RawClient.open(port, "/elsewhere");
  client.socket.close();
});

test("an upgrade that is for nobody is refused", async () => {
  const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", NewsHub));
  expect(await refused(port, "/elsewhere")).toMatchObject({ status: 404 });
});

test("several hub servers share an HTTP server, and leave it in any order", async () => {
  const [first, second] = [hubServer(), createHubServer({ logger: null }).mapHub("/second", NewsHub)];
  const server = createServer((_request, response) => response.writeHead(404).end());
  const port = await listen(second.attach(first.attach(server)), () => second.close());
  await expectEcho(port);
  expect(await send(port, "POST", "/second/negotiate")).toMatchObject({ status: 200 });
  await first.close();
  expect(await send(port, "POST", "/hub/negotiate")).toMatchObject({ status: 404 });
  expect(await send(port, "POST", "/second/negotiate")).toMatchObject({ status: 200 });
});

test("code outside of the hub reaches its clients, on all its paths", async () => {
  const { hubs, port } = await startHubServer((server) => server.mapHub("/hub", NewsHub).mapHub("/again", NewsHub));
  const { clients, groups } = hubs.hub(NewsHub);
  const [one, two] = [await RawClient.connect(port, "/hub"), await RawClient.connect(port, "/again")];
  one.call("1", "join", "readers");
  await one.next();
  await clients.group("readers").send("News", "for readers");
  await clients.all.send("News", "for all");
  expect(await one.next()).toMatchObject({ target: "News", arguments: ["for readers"] });
  expect(await one.next()).toMatchObject({ target: "News", arguments: ["for all"] });
  expect(await two.next()).toMatchObject({ target: "News", arguments: ["for all"] });
  await groups.add("nobody", "readers");
  await clients.client("nobody").send("News");
  await expect(clients.client("nobody").invoke("Question")).rejects.toThrow("does not exist");
  for (const client of [one, two]) client.socket.close();
});

test("dependencies come in through createHub", async () => {
  class GreetingHub extends Hub {
    readonly #greeting: string;

    constructor(greeting: string) {
      super();
      this.#greeting = greeting;
    }

    greet(name: string): string {
      return `${this.#greeting} ${name}`;
    }
  }
  const { port } = await startHubServer((hubs) => {
    hubs.mapHub("/hub", GreetingHub, { createHub: () => new GreetingHub("Hello") });
  });
  const client = await RawClient.connect(port, "/hub");
  client.call("1", "greet", "Ada");
  expect(await client.next()).toMatchObject({ result: "Hello Ada" });
  client.socket.close();
});

test("connections that are no TCP sockets, as of a tunnel, serve every transport", async () => {
  const { http } = await startHubServer((hubs) => hubs.mapHub("/hub", NewsHub));
  const tunnel = createTcpServer((socket) => {
    http.emit(
      "connection",
      Duplex.from({ readable: socket, writable: socket }).on("error", () => undefined),
    );
  }).listen(0, "127.0.0.1");
  tunnel.unref(); // also when the test fails
  await once(tunnel, "listening");
  const { port } = tunnel.address() as AddressInfo;
  await expectEcho(port);
  const answer = { type: 3, invocationId: "1", result: "through" };
  const stream = await RawStream.connect(port, "/hub");
  await stream.post(callOf("1", "echo", "through"));
  expect(await stream.next()).toEqual([answer]);
  stream.destroy();
  const polling = await RawHttpClient.longPolling(port, "/hub");
  await polling.post(callOf("1", "echo", "through"));
  expect(await polling.pollMessages()).toEqual([answer]);
  tunnel.close();
});

/** How clients find their way in: tokens, redirects, frameworks, transports of one's own, and sizes that are too large. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import WebSocket from "ws";
import { HttpTransportType, HubConnectionBuilder, type ITransport } from "../../src/index.js";
import { accessTokenOf, createHubServer, type HubUser } from "../../src/server/index.js";
import { HubSite } from "./hub-site.js";
import { RoomHub, RoomState } from "./room-hub.js";
import { failureOf, nextCall } from "../support/witness.js";

const createHub = () => new RoomHub(new RoomState());

function authenticate(request: IncomingMessage): HubUser | undefined {
  const token = accessTokenOf(request);
  return token?.startsWith("good-") ? { id: token.slice(5) } : undefined;
}

/** A transport as an application might bring it: a WebSocket of its own making. */
class OwnTransport implements ITransport {
  onreceive: ITransport["onreceive"] = null;
  onclose: ITransport["onclose"] = null;
  url = "";
  #socket: WebSocket | undefined;

  async connect(url: string): Promise<void> {
    this.url = url;
    const socket = new WebSocket(url.replace("http", "ws"));
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.onreceive?.(data.toString()));
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    socket.on("close", () => this.onclose?.());
  }

  async send(data: string | ArrayBuffer): Promise<void> {
    this.#socket?.send(data);
  }

  async stop(): Promise<void> {
    this.#socket?.close();
  }
}

describe("ways in", () => {
  const running = HubSite.forTests({
    map: (hubs) => {
      hubs.mapHub("/hub", RoomHub, { createHub });
      hubs.mapHub("/secure", RoomHub, { createHub, authenticate });
      hubs.mapHub("/small", RoomHub, { createHub, maximumReceiveMessageSize: 1_000 });
      hubs.mapHub("/sockets", RoomHub, { createHub, transports: ["WebSockets"] });
      hubs.mapHub("/large", RoomHub, { createHub, maximumReceiveMessageSize: Infinity });
    },
    // In front of the hubs: a service that sends clients on to them.
    listener: (request, response) => {
      if (request.url?.startsWith("/entry/negotiate")) {
        const url = `http://${request.headers.host}/secure`;
        response.end(JSON.stringify({ url, accessToken: "good-redirected" }));
      } else response.writeHead(404).end();
    },
  });

  test("a token makes the user; it may come late", async () => {
    const accessTokenFactory = async () => Promise.resolve("good-ann");
    const connection = await running.site.connect(running.site.builder("/secure", { accessTokenFactory }));
    await expect(connection.invoke("WhoAmI")).resolves.toBe("ann");
    const builder = running.site.builder("/secure", { headers: { Authorization: "Bearer good-bob" } });
    await expect((await running.site.connect(builder)).invoke("WhoAmI")).resolves.toBe("bob");
    const inQuery = await running.site.connect(running.site.builder("/secure?access_token=good-eve"));
    await expect(inQuery.invoke("WhoAmI")).resolves.toBe("eve");
  });

  test.each([
    ["none", {}],
    ["a wrong one", { accessTokenFactory: () => "bad" }],
  ])("a token is needed: %s", async (_name, options) => {
    const connection = running.site.build(running.site.builder("/secure", options));
    expect(await failureOf(connection.start())).toMatchObject({ code: "http-status", statusCode: 401 });
    const skipping = { ...options, skipNegotiation: true, transport: HttpTransportType.WebSockets };
    const second = running.site.build(running.site.builder("/secure", skipping));
    expect((await failureOf(second.start())).message).toContain("401");
  });

  test("the negotiation is skipped", async () => {
    const options = { skipNegotiation: true, transport: HttpTransportType.WebSockets };
    const connection = await running.site.connect(running.site.builder("/hub", options));
    expect(connection).toMatchObject({ connectionId: null, transport: "WebSockets" });
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("a redirect leads on, with its token", async () => {
    const connection = await running.site.connect(running.site.builder("/entry?a=b"));
    await expect(connection.invoke("WhoAmI")).resolves.toBe("redirected");
  });

  test("a transport of one's own carries everything", async () => {
    const transport = new OwnTransport();
    const connection = await running.site.connect(running.site.builder("/hub", { transport }));
    expect(transport.url).toContain("?id=");
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    let last = 0;
    for await (const item of connection.stream<number>("Counter", 100)) last = item;
    expect(last).toBe(100);
    const end = nextCall<Error>((callback) => connection.onclose(callback));
    connection.invoke("Abort").catch(() => undefined);
    await expect(end).resolves.toBeUndefined();
  });

  test("a hub that is not there is a 404, and one that offers nothing else says so", async () => {
    const connection = running.site.build(running.site.builder("/nothing"));
    expect(await failureOf(connection.start())).toMatchObject({ code: "http-status", statusCode: 404 });
    const builder = running.site.builder("/sockets", { transport: HttpTransportType.LongPolling });
    expect(await failureOf(running.site.build(builder).start())).toMatchObject({ code: "connect-failed" });
  });

  test("a message may be as large as the hub says, and no larger", async () => {
    const connection = await running.site.connect(running.site.builder("/small").withAutomaticReconnect([0, 10, 100]));
    const envelope = '{"type":1,"invocationId":"0","target":"Echo","arguments":[""]}\u001e'.length;
    const text = "x".repeat(1_000 - envelope);
    await expect(connection.invoke("Echo", text)).resolves.toBe(text);
    const reconnected = nextCall((callback) => connection.onreconnected(callback));
    const error = await failureOf(connection.invoke("Echo", `${text}x`));
    expect(error).toMatchObject({
      code: "server-closed",
      message: "Server returned an error on close: Connection closed with an error.",
    });
    await reconnected;
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("a hub without a limit takes megabytes, and the client gets them back", async () => {
    const connection = await running.site.connect(running.site.builder("/large"));
    const text = "é".repeat(3_000_000);
    expect((await connection.invoke<string>("Echo", text)) === text).toBe(true);
  });
});

describe("Express", () => {
  test("has hubs attached to its server, and keeps its own routes", async () => {
    const app = express();
    app.get("/hello", (_request, response) => void response.send("hello"));
    const site = await HubSite.start({ map: (hubs) => hubs.mapHub("/hub", RoomHub, { createHub }), listener: app });
    const connection = await site.connect();
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    await expect((await fetch(`${site.url}/hello`)).text()).resolves.toBe("hello");
    await site.stop();
  });

  test("hands over requests and upgrades itself", async () => {
    const hubs = createHubServer({ logger: null }).mapHub("/hub", RoomHub, { createHub });
    const app = express();
    app.use((request, response, next) => {
      if (!hubs.handleRequest(request, response)) next();
    });
    app.get("/hello", (_request, response) => void response.send("hello"));
    const server = createServer(app);
    server.on("upgrade", (request, socket, head) => {
      if (!hubs.handleUpgrade(request, socket, head)) socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const connection = new HubConnectionBuilder().withUrl(`${url}/hub`, { logger: null }).build();
    await connection.start();
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    await expect((await fetch(`${url}/hello`)).text()).resolves.toBe("hello");
    await connection.stop();
    await hubs.close();
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  });
});

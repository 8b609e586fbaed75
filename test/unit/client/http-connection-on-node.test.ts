/** Opening connections on Node, with everything real. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import { HttpConnectionFactory, type ConnectionOpener } from "../../../src/client/http-connection.js";
import { negotiationOver } from "../../../src/client/negotiation.js";
import type { HttpConnectionOptions } from "../../../src/client/options.js";
import { ConnectFailedError } from "../../../src/errors/connection-errors.js";
import { AbortError, HttpError } from "../../../src/errors/http-errors.js";
import { browserPlatform, createHttpNetwork } from "../../../src/platform/browser.js";
import { createNodeNetwork, nodePlatform } from "../../../src/platform/node/node-platform.js";
import { TransferFormat } from "../../../src/protocol/messages.js";
import { LocalServer } from "../platform/local-server.js";
import { RecordingListener } from "../transports/recording-listener.js";
import { answer, optionsOf } from "./http-connection-setting.js";

describe("on Node, against a server", () => {
  let server: LocalServer;
  let webSockets: WebSocketServer;
  let factory: ConnectionOpener;
  let listener: RecordingListener;
  let respond: (request: IncomingMessage) => { status?: number; body?: unknown } | undefined;

  beforeEach(async () => {
    respond = () => ({ body: answer });
    server = await LocalServer.start((request, response) => {
      const given = respond(request);
      if (given) response.writeHead(given.status ?? 200).end(JSON.stringify(given.body));
    });
    webSockets = new WebSocketServer({ server: server.server });
    listener = new RecordingListener();
    factory = create();
  });
  afterEach(async () => {
    factory.dispose();
    for (const webSocket of webSockets.clients) webSocket.terminate();
    await server.close();
  });

  function create(options: HttpConnectionOptions = {}): ConnectionOpener {
    return new HttpConnectionFactory(optionsOf(options, nodePlatform), negotiationOver(createNodeNetwork));
  }

  const open = (signal?: AbortSignal) =>
    factory.open({ url: server.url("/chat?a=1"), transferFormat: TransferFormat.Text, listener, signal });

  it("uses one TCP connection for the negotiation and the WebSocket", async () => {
    const accepted = once(webSockets, "connection") as Promise<[WebSocket, IncomingMessage]>;
    const { connection, connectionId } = await open();
    const [webSocket, request] = await accepted;
    expect(connectionId).toBe("public");
    expect(request.url).toBe("/chat?a=1&id=s%2Fcret");
    expect(request.headers).toMatchObject({
      "x-requested-with": "XMLHttpRequest",
      "user-agent": expect.stringContaining("Microsoft SignalR/"),
    });
    expect(server.connections).toBe(1);
    webSocket.on("message", (data) => webSocket.send(`${String(data)}!`));
    void connection.send("hello");
    await listener.until(({ chunks }) => chunks.length > 0);
    expect(listener.chunks).toEqual(["hello!"]);
    await connection.close();
    expect(listener.ends).toEqual([]);
  });

  it("reports how the server ends the connection", async () => {
    for (const [code, expected] of [
      [1000, undefined],
      [1011, expect.objectContaining({ code: "connection-lost", closeCode: 1011 })],
    ] as const) {
      webSockets.once("connection", (webSocket) => webSocket.close(code));
      listener = new RecordingListener();
      await open();
      await listener.until(({ ends }) => ends.length > 0);
      expect(listener.ends).toEqual([expected]);
    }
  });

  it("tells the status of a refused negotiation and of a refused upgrade", async () => {
    respond = () => ({ status: 403, body: "no" });
    await expect(open()).rejects.toEqual(new HttpError('"no"', 403));
    respond = () => ({ body: answer });
    webSockets.options.verifyClient = (_info, done) => done(false, 404);
    const error: unknown = await open().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ConnectFailedError);
    expect((error as ConnectFailedError).attempts).toMatchObject([{ cause: { statusCode: 404 } }]);
  });

  it("leaves nothing behind when it is given up during the negotiation", async () => {
    const controller = new AbortController();
    respond = () => {
      setImmediate(() => controller.abort());
      return undefined;
    };
    await expect(open(controller.signal)).rejects.toBeInstanceOf(AbortError);
    for (const socket of server.sockets) await once(socket, "close");
    expect(server.sockets.size).toBe(0);
  });

  it("leaves nothing behind when it is given up during the upgrade", async () => {
    const controller = new AbortController();
    webSockets.close();
    server.server.on("upgrade", (_request, socket) => {
      socket.resume();
      socket.on("end", () => server.server.emit("gone"));
      controller.abort();
    });
    const gone = once(server.server, "gone");
    await expect(open(controller.signal)).rejects.toBeInstanceOf(AbortError);
    await gone;
  });

  it("works again after it was disposed of", async () => {
    await (await open()).connection.close();
    factory.dispose();
    await (await open()).connection.close();
    expect(server.connections).toBe(2);
  });

  it.each([
    ["Node's", nodePlatform, createNodeNetwork],
    ["browsers'", browserPlatform, createHttpNetwork],
  ])("sends the headers as they are at each attempt, on %s network", async (_, platform, createNetwork) => {
    const seen: unknown[] = [];
    respond = ({ headers }) => {
      seen.push(headers["x-tenant"]);
      return { status: 503, body: "later" };
    };
    const headers = { "X-Tenant": "first" };
    factory = new HttpConnectionFactory(optionsOf({ headers }, platform), negotiationOver(createNetwork));
    await expect(open()).rejects.toMatchObject({ statusCode: 503 });
    headers["X-Tenant"] = "second";
    await expect(open()).rejects.toMatchObject({ statusCode: 503 });
    expect(seen).toEqual(["first", "second"]);
  });

  it("takes an injected fetch and WebSocket", async () => {
    const fetcher = jest.fn(fetch);
    factory = create({ fetch: fetcher, WebSocket, accessTokenFactory: () => "t" });
    const accepted = once(webSockets, "connection") as Promise<[WebSocket, IncomingMessage]>;
    const { connection } = await open();
    const [, request] = await accepted;
    expect(request.headers.authorization).toBe("Bearer t");
    expect(fetcher).toHaveBeenCalledTimes(1);
    await connection.close();
  });
});

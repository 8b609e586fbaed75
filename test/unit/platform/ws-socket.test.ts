/** The `ws` adapter over real connections: both the sockets that a server accepts and those that a client opens. */
import { once } from "node:events";
import { WebSocketServer, type WebSocket } from "ws";
import { LimitError } from "../../../src/errors/call-errors.js";
import { AccessToken } from "../../../src/http/access-token.js";
import { HttpError } from "../../../src/errors/http-errors.js";
import { Agents } from "../../../src/platform/node/agents.js";
import { Cookies } from "../../../src/platform/node/cookies.js";
import { NodeHttpClient } from "../../../src/platform/node/node-http-client.js";
import { WsSocket } from "../../../src/platform/node/ws-socket.js";
import { wsSockets } from "../../../src/platform/node/ws-sockets.js";
import type { Chunk } from "../../../src/protocol/hub-protocol.js";
import type { Connection, ConnectionListener } from "../../../src/session/connection.js";
import { HIGH_WATER_MARK } from "../../../src/transports/socket-connection.js";
import { FakeClock } from "../../support/fake-clock.js";
import { LocalServer } from "./local-server.js";

/** Writes down a socket's events and lets tests wait for them. */
class Recorder implements ConnectionListener {
  readonly chunks: Chunk[] = [];
  readonly closed: Promise<{ code: number; cause: unknown }>;
  readonly opened: Promise<void>;
  onClosed!: (error?: Error & { closeCode?: number }) => void;
  onOpen!: () => void;
  #waiting: { count: number; resolve: () => void } | undefined;

  constructor() {
    this.closed = new Promise((resolve) => {
      this.onClosed = (error) => resolve({ code: error?.closeCode ?? 1000, cause: error?.cause });
    });
    this.opened = new Promise((resolve) => (this.onOpen = resolve));
  }

  onData(chunk: Chunk): void {
    this.chunks.push(chunk);
    if (this.#waiting && this.chunks.length >= this.#waiting.count) this.#waiting.resolve();
  }

  /** Waits for so many messages. */
  async received(count: number): Promise<Chunk[]> {
    if (this.chunks.length < count) await new Promise<void>((resolve) => (this.#waiting = { count, resolve }));
    return this.chunks;
  }
}

let server: LocalServer;
let webSockets: WebSocketServer;
let agents: Agents;
let client: NodeHttpClient;

beforeEach(async () => {
  server = await LocalServer.start();
  webSockets = new WebSocketServer({ server: server.server, maxPayload: 4 * HIGH_WATER_MARK });
  agents = new Agents();
  client = new NodeHttpClient(new FakeClock(), agents);
});
afterEach(async () => {
  client.dispose();
  for (const webSocket of webSockets.clients) webSocket.terminate();
  await server.close();
});

function open(
  path = "/",
  headers: Record<string, string> = {},
): { recorder: Recorder; socket: ReturnType<ReturnType<typeof wsSockets>> } {
  const recorder = new Recorder();
  const target = { url: server.url(path), token: new AccessToken(undefined) };
  const openSocket = wsSockets({ agents, cookies: new Cookies(), headersFor: () => headers }, new FakeClock());
  const socket = openSocket(target, recorder.onOpen, recorder);
  return { recorder, socket };
}

/** An open pair: what the client opened, and what the server made of its end. */
async function pair() {
  const accepted = once(webSockets, "connection") as Promise<[WebSocket]>;
  const { recorder, socket } = open();
  const [raw] = await accepted;
  const serverRecorder = new Recorder();
  const serverSocket = new WsSocket(raw, new FakeClock(), 1_000, serverRecorder);
  await recorder.opened;
  return { recorder, socket, raw, serverRecorder, serverSocket };
}

describe("WsSocket", () => {
  it("delivers text as strings and binary as bytes, both ways", async () => {
    const { recorder, serverRecorder, serverSocket, socket } = await pair();
    for (const sender of [socket, serverSocket]) {
      expect(sender.send("ä")).toBeUndefined();
      expect(sender.send(new Uint8Array([1, 2]))).toBeUndefined();
    }
    for (const receiver of [recorder, serverRecorder]) {
      const [text, bytes] = await receiver.received(2);
      expect(text).toBe("ä");
      expect(bytes).toBeInstanceOf(Uint8Array);
      expect([...(bytes as Uint8Array)]).toEqual([1, 2]);
    }
  });

  it("uses no compression", async () => {
    const { raw } = await pair();
    expect(raw.extensions).toBe("");
  });

  it("loses nothing that the server sends at once", async () => {
    webSockets.on("connection", (webSocket) => {
      for (let i = 0; i < 100; i++) webSocket.send(String(i));
    });
    const { recorder } = open();
    expect(await recorder.received(100)).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
  });

  it("asks to wait when too much waits already, and goes on when there is room", async () => {
    const { serverRecorder, serverSocket, socket } = await pair();
    serverSocket.pause();
    const big = new Uint8Array(HIGH_WATER_MARK / 2);
    let sent = 1;
    let full = socket.send(big);
    while (full === undefined) {
      sent++;
      full = socket.send(big);
    }
    let settled = false;
    void full.then(() => (settled = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toBe(false);
    serverSocket.resume();
    await full;
    await serverRecorder.received(sent);
  });

  it("rejects a waiting send when the connection goes", async () => {
    const { raw, recorder, serverSocket, socket } = await pair();
    serverSocket.pause();
    const big = new Uint8Array(HIGH_WATER_MARK / 2);
    let full = socket.send(big);
    while (full === undefined) full = socket.send(big);
    raw.terminate();
    await expect(full).rejects.toMatchObject({ code: "connection-lost" });
    await expect(recorder.closed).resolves.toMatchObject({ code: 1006 });
  });

  it("pauses and resumes reading", async () => {
    const { serverRecorder, serverSocket, socket } = await pair();
    serverSocket.pause();
    void socket.send("a");
    await client.get(server.url()); // overtakes it
    expect(serverRecorder.chunks).toEqual([]);
    serverSocket.resume();
    expect(await serverRecorder.received(1)).toEqual(["a"]);
  });

  it("sends what was sent before, then closes", async () => {
    const { recorder, serverSocket } = await pair();
    void serverSocket.send("last");
    await serverSocket.close();
    await expect(recorder.closed).resolves.toEqual({ code: 1000, cause: undefined });
    expect(recorder.chunks).toEqual(["last"]);
  });

  it("writes what is corked together with the closing handshake", async () => {
    const { raw, socket } = await pair();
    const [tcp] = [...server.sockets];
    if (!tcp) throw new Error("not connected");
    const arrived: number[] = [];
    const ended = new Promise<void>((resolve) => raw.once("close", () => resolve()));
    tcp.prependListener("data", (bytes: Buffer) => void arrived.push(bytes.length));
    const connection: Connection = socket;
    connection.cork?.();
    void socket.send("last");
    const closed = socket.close();
    connection.uncork?.();
    await Promise.all([closed, ended]);
    expect(arrived).toEqual([18]); // the heads of clients' frames take six bytes
  });

  it("tells code and reason of the peer", async () => {
    const { raw, recorder } = await pair();
    const told = new Promise<Error | undefined>((resolve) => (recorder.onClosed = resolve));
    raw.close(1011, "because");
    await expect(told).resolves.toMatchObject({ closeCode: 1011, message: expect.stringContaining(": because") });
  });

  it("closes although it was paused", async () => {
    const { serverSocket, socket } = await pair();
    serverSocket.pause();
    void socket.send("unread");
    await serverSocket.close();
  });

  it("tells a dropped connection from a closed one", async () => {
    const { recorder, raw } = await pair();
    raw.terminate();
    await expect(recorder.closed).resolves.toMatchObject({ code: 1006 });
  });

  it("names the limit that a message broke", async () => {
    const { serverRecorder, socket } = await pair();
    void socket.send(new Uint8Array(5 * HIGH_WATER_MARK));
    const { cause } = await serverRecorder.closed;
    expect(cause).toBeInstanceOf(LimitError);
  });
});

describe("wsSockets", () => {
  it("sends headers with the upgrade", async () => {
    const accepted = once(webSockets, "connection") as Promise<[WebSocket, { headers: Record<string, string> }]>;
    open("/", { Authorization: "Bearer t" });
    const [, request] = await accepted;
    expect(request.headers["authorization"]).toBe("Bearer t");
  });

  it("goes on with the connection that the negotiation used", async () => {
    await client.post(server.url("/negotiate"));
    const { recorder } = open();
    await recorder.opened;
    expect(server.connections).toBe(1);
  });

  it("tells the status of a refused upgrade", async () => {
    webSockets.options.verifyClient = (_info, done) => done(false, 403);
    const { recorder } = open();
    const { cause } = await recorder.closed;
    expect(cause).toEqual(new HttpError("Forbidden", 403));
    expect(server.connections).toBe(1);
  });

  it("tells why there is no connection", async () => {
    const target = { url: server.url(), token: new AccessToken(undefined) };
    await server.close();
    const recorder = new Recorder();
    wsSockets({ agents, cookies: new Cookies(), headersFor: () => ({}) }, new FakeClock())(
      target,
      recorder.onOpen,
      recorder,
    );
    const { cause } = await recorder.closed;
    expect(cause).toMatchObject({ code: "ECONNREFUSED" });
  });

  it("tries once more when the kept-alive connection had died", async () => {
    await client.post(server.url("/negotiate"));
    const [idle] = [...server.sockets];
    server.server.prependOnceListener("upgrade", () => idle?.resetAndDestroy());
    const { recorder, socket } = open();
    await recorder.opened;
    expect(server.connections).toBe(2);

    const [accepted] = [...webSockets.clients].filter((webSocket) => webSocket.readyState === webSocket.OPEN);
    accepted?.send("a");
    expect(await recorder.received(1)).toEqual(["a"]);
    const heard = once(accepted as WebSocket, "message");
    void socket.send("b");
    expect(String((await heard)[0])).toBe("b");
  });

  it("tells when it cannot try once more, because the application's agent is gone", async () => {
    await client.post(server.url("/negotiate"));
    server.server.prependOnceListener("upgrade", (request) => request.socket.resetAndDestroy());
    const failure = new Error("no agent any more");
    const { dispatchTo } = agents;
    jest
      .spyOn(agents, "dispatchTo")
      .mockImplementationOnce(dispatchTo)
      .mockImplementation(() => {
        throw failure;
      });
    const { recorder } = open();
    await expect(recorder.closed).resolves.toEqual({ code: 1006, cause: failure });
  });

  it("does not try a third time", async () => {
    await client.post(server.url("/negotiate"));
    let upgrades = 0;
    server.server.prependListener("upgrade", (_request, socket) => {
      upgrades++;
      socket.destroy();
    });
    const { recorder } = open();
    await expect(recorder.closed).resolves.toMatchObject({ code: 1006, cause: { code: "ECONNRESET" } });
    expect(upgrades).toBe(2);
  });

  it("drops a silent upgrade at once", async () => {
    webSockets.close();
    const arrived = once(server.server, "upgrade");
    server.server.on("upgrade", () => undefined);
    const { socket } = open();
    await arrived;
    const [connection] = [...server.sockets];
    const gone = once(connection as NonNullable<typeof connection>, "end");
    connection?.resume();
    socket.terminate();
    await gone;
  });
});

/** The adapter for DOM-style WebSockets, with `ws` in that role over a real connection, and with a scripted one. */
import { once } from "node:events";
import { WebSocket, WebSocketServer } from "ws";
import { AccessToken } from "../../../src/http/access-token.js";
import { browserPlatform } from "../../../src/platform/browser.js";
import { domSockets } from "../../../src/platform/dom-socket.js";
import { createNodeNetwork } from "../../../src/platform/node/node-platform.js";
import type { Network } from "../../../src/platform/platform.js";
import type { Chunk } from "../../../src/protocol/hub-protocol.js";
import { silentListener } from "../../../src/transports/silent-listener.js";
import { HIGH_WATER_MARK } from "../../../src/transports/socket-connection.js";
import type { WebSocketConstructor, WebSocketLike } from "../../../src/transports/web-socket-like.js";
import { FakeClock } from "../../support/fake-clock.js";
import { LocalServer } from "./local-server.js";

/** A WebSocket without a network. */
class ScriptedWebSocket implements WebSocketLike {
  readyState = 1;
  bufferedAmount = 0;
  binaryType = "blob";
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  readonly close = jest.fn();
  readonly send = jest.fn();
  readonly parameters: unknown[];

  constructor(...parameters: unknown[]) {
    this.parameters = parameters;
  }

  emit(name: "onmessage" | "onerror" | "onclose", event: object): void {
    this[name]?.(event as never);
  }
}

const made: ScriptedWebSocket[] = [];
afterEach(() => made.splice(0));
const Constructor = new Proxy(ScriptedWebSocket, {
  construct: (Target, parameters) => {
    const webSocket = new Target(...(parameters as unknown[]));
    made.push(webSocket);
    return webSocket;
  },
});

function setUp() {
  const clock = new FakeClock();
  const listener = { onData: jest.fn<void, [Chunk]>(), onClosed: jest.fn<void, [Error | undefined]>() };
  const webSocket = new ScriptedWebSocket();
  const target = { url: "https://h/http?a", token: new AccessToken(undefined) };
  const urls: string[] = [];
  const openSocket = domSockets(clock, (url) => {
    urls.push(url);
    return webSocket;
  });
  const socket = openSocket(target, () => undefined, listener);
  return { clock, webSocket, listener, socket, urls };
}

describe("the arguments of a constructor", () => {
  function open({ openSocket }: Network, value?: string) {
    const token = new AccessToken(undefined);
    token.value = value;
    openSocket?.({ url: "http://h/http?a", token }, () => undefined, silentListener);
    return made[0]?.parameters;
  }

  it("are the URL alone in a browser", async () => {
    expect(open(await browserPlatform.createNetwork({ WebSocket: Constructor }))).toEqual(["ws://h/http?a"]);
  });

  it("have the token in the query, encoded, where there can be no headers", async () => {
    const network = await browserPlatform.createNetwork({ WebSocket: Constructor });
    expect(open(network, "a+b")).toEqual(["ws://h/http?a&access_token=a%2Bb"]);
  });

  it("have the headers elsewhere, with the token", async () => {
    const network = await createNodeNetwork({ WebSocket: Constructor, headers: { A: "1" } });
    const headers = expect.objectContaining({ A: "1", Authorization: "Bearer t" }) as unknown;
    expect(open(network, "t")).toEqual(["ws://h/http?a", undefined, { headers }]);
  });
});

describe("domSockets", () => {
  it("goes to the WebSocket of the same place", () => {
    expect(setUp().urls).toEqual(["wss://h/http?a"]);
  });

  it("ends a socket that refuses a message, once, because the message would be lost unheard", async () => {
    const { webSocket, listener, socket } = setUp();
    const refusal = new Error("The socket is closing.");
    webSocket.send.mockImplementation(() => {
      throw refusal;
    });
    void socket.send("a");
    void socket.send("b");
    expect(listener.onClosed).not.toHaveBeenCalled();
    await Promise.resolve();
    const loss = expect.objectContaining({ code: "connection-lost", closeCode: 1006, cause: refusal }) as Error;
    expect(listener.onClosed.mock.calls).toEqual([[loss]]);
    expect(webSocket.close).toHaveBeenCalledTimes(1);
  });

  it("wants binary messages as buffers", () => {
    expect(setUp().webSocket.binaryType).toBe("arraybuffer");
  });

  it.each([
    [{ code: 1000, reason: "", wasClean: true }, 1000],
    [{ code: 1000, reason: "" }, 1000],
    [{ code: 1000, reason: "", wasClean: false }, 1006],
    [{ code: 1011, reason: "x", wasClean: true }, 1011],
    [{ code: 1006, reason: "", wasClean: false }, 1006],
  ])("reports the close event %p with code %i", (event, code) => {
    const { listener, webSocket } = setUp();
    webSocket.emit("onclose", event);
    const loss = expect.objectContaining({ closeCode: code }) as Error;
    expect(listener.onClosed.mock.calls).toEqual([[code === 1000 ? undefined : loss]]);
  });

  it("reports the error that came before", () => {
    const { listener, webSocket } = setUp();
    const error = new Error("refused");
    webSocket.emit("onerror", { error });
    webSocket.emit("onclose", { code: 1006, reason: "", wasClean: false });
    expect(listener.onClosed).toHaveBeenCalledWith(expect.objectContaining({ closeCode: 1006, cause: error }));
  });

  it("asks to wait while too much is buffered, and looks again from time to time", async () => {
    const { clock, socket, webSocket } = setUp();
    webSocket.bufferedAmount = HIGH_WATER_MARK;
    expect(socket.send("a")).toBeUndefined();
    webSocket.bufferedAmount++;
    let settled = false;
    const waiting = socket.send("b")?.then(() => (settled = true));
    await clock.advanceAsync(1_000);
    expect(settled).toBe(false);
    webSocket.bufferedAmount = 0;
    await clock.advanceAsync(20);
    await waiting;
    expect(clock.pendingTimers).toBe(0);
  });

  it("stops waiting when the socket is no longer open", async () => {
    const { clock, socket, webSocket } = setUp();
    webSocket.bufferedAmount = 2 * HIGH_WATER_MARK;
    const waiting = socket.send("a");
    webSocket.readyState = 3;
    await clock.advanceAsync(20);
    await waiting;
    expect(clock.pendingTimers).toBe(0);
  });

  it("drops a socket by closing it and not listening any more", () => {
    const { listener, socket, webSocket } = setUp();
    socket.terminate();
    expect(webSocket.close).toHaveBeenCalledTimes(1);
    webSocket.emit("onmessage", { data: "late" });
    webSocket.emit("onclose", { code: 1006, reason: "" });
    expect(listener.onData).not.toHaveBeenCalled();
    expect(listener.onClosed).not.toHaveBeenCalled();
  });
});

describe("domSockets with a real WebSocket", () => {
  let server: LocalServer;
  let webSockets: WebSocketServer;
  const RealWebSocket: WebSocketConstructor = WebSocket;

  beforeEach(async () => {
    server = await LocalServer.start();
    webSockets = new WebSocketServer({ server: server.server });
  });
  afterEach(() => server.close());

  function open(headers: Record<string, string>) {
    const chunks: Chunk[] = [];
    let socket!: ReturnType<ReturnType<typeof domSockets>>;
    const opened = new Promise<void>((resolve) => {
      const target = { url: server.url(), token: new AccessToken(undefined) };
      const listener = { onData: (chunk: Chunk) => void chunks.push(chunk), onClosed: () => undefined };
      socket = domSockets(new FakeClock(), (url) => new RealWebSocket(url, undefined, { headers }))(
        target,
        resolve,
        listener,
      );
    });
    return { chunks, opened, socket };
  }

  it("exchanges text and binary, sends headers, and closes", async () => {
    webSockets.on("connection", (webSocket, request) => {
      webSocket.send(request.headers.authorization ?? "");
      webSocket.on("message", (data, isBinary) => webSocket.send(data, { binary: isBinary }));
      webSocket.on("close", (code) => webSockets.emit("closed", code));
    });
    const { chunks, opened, socket } = open({ Authorization: "Bearer t" });
    await opened;
    void socket.send("a");
    void socket.send(new Uint8Array([1]));
    while (chunks.length < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(chunks).toEqual(["Bearer t", "a", new Uint8Array([1]).buffer]);
    const seen = once(webSockets, "closed");
    await socket.close();
    await expect(seen).resolves.toEqual([1000]);
  });

  it("survives being dropped while it connects", async () => {
    const { socket } = open({});
    socket.terminate();
    await new Promise((resolve) => setImmediate(resolve));
  });
});

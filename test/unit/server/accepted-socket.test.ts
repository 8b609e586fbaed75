/** What a server writes to the WebSockets it accepted, read by a client that checks every frame. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import { AcceptedSocket } from "../../../src/server/accepted-socket.js";
import { WebSocketFrames } from "../../../src/server/websocket-frames.js";
import { WorkCounter } from "../../../src/server/work-counter.js";
import { HIGH_WATER_MARK } from "../../../src/transports/socket-connection.js";
import { FakeClock } from "../../support/fake-clock.js";
import { LocalServer } from "../platform/local-server.js";

let server: LocalServer;
let frames: WebSocketFrames;
const clients: WebSocket[] = [];

beforeEach(async () => {
  server = await LocalServer.start();
  frames = new WebSocketFrames();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await server.close();
});

/** A client and the server's end of its connection. */
async function pair() {
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const upgraded = once(server.server, "upgrade") as Promise<[IncomingMessage, Duplex, Buffer]>;
  const client = new WebSocket(server.url().replace("http", "ws"), { perMessageDeflate: false });
  clients.push(client);
  const received: (string | Buffer)[] = [];
  client.on("message", (data: Buffer, isBinary) => received.push(isBinary ? data : data.toString()));
  const [request, stream, head] = await upgraded;
  const opened = once(client, "open");
  const webSocket = await new Promise<WebSocket>((resolve) => webSockets.handleUpgrade(request, stream, head, resolve));
  await opened;
  const closed = once(client, "close") as Promise<[number]>;
  const host = { clock: new FakeClock(), work: new WorkCounter(), closeTimeoutMs: 1_000, frames };
  return { client, received, closed, stream, webSocket, socket: new AcceptedSocket(webSocket, stream, host) };
}

/** A length for every form of a frame's head, and those beside it; the largest go through `ws`. */
const lengths = [0, 1, 125, 126, 127, 255, 256, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 65_535, 65_536, 100_000];

describe("AcceptedSocket", () => {
  it.each(lengths)("sends text and bytes of length %d as they are", async (length) => {
    const { socket, received, closed } = await pair();
    const bytes = Uint8Array.from({ length }, (_, index) => index * 7);
    for (const data of ["x".repeat(length), bytes, "é".repeat(length)]) expect(socket.send(data)).toBeUndefined();
    void socket.close();
    expect((await closed)[0]).toBe(1000);
    expect(received).toEqual(["x".repeat(length), Buffer.from(bytes), "é".repeat(length)]);
  });

  it("keeps the order of small and large messages, and of what ws itself sends between them", async () => {
    const { socket, webSocket, client, received, closed } = await pair();
    const pings: number[] = [];
    client.on("ping", () => pings.push(received.length));
    void socket.send("1");
    void socket.send("2".repeat(50_000));
    webSocket.ping();
    void socket.send("3");
    void socket.close();
    await closed;
    expect(received.map((data) => String(data[0]))).toEqual(["1", "2", "3"]);
    expect(pings).toEqual([2]);
  });

  it("sends the same text again, and other text of the same length, to several connections", async () => {
    const one = await pair();
    const other = await pair();
    for (const text of ["aa", "aa", "bb", "aa"]) for (const { socket } of [one, other]) void socket.send(text);
    for (const { socket } of [one, other]) void socket.close();
    await Promise.all([one.closed, other.closed]);
    for (const { received } of [one, other]) expect(received).toEqual(["aa", "aa", "bb", "aa"]);
  });

  it("sends bytes that were changed since they were last sent", async () => {
    const { socket, received, closed } = await pair();
    const bytes = new Uint8Array([1]);
    void socket.send(bytes);
    bytes[0] = 2;
    void socket.send(bytes);
    void socket.close();
    await closed;
    expect(received).toEqual([Buffer.from([1]), Buffer.from([2])]);
  });

  it("sends nothing behind its Close frame", async () => {
    const { socket, received, closed } = await pair();
    void socket.send("in time");
    void socket.close();
    void socket.send("too late");
    expect((await closed)[0]).toBe(1000);
    expect(received).toEqual(["in time"]);
  });

  it("asks to wait when the stream holds too much, and goes on when it has taken it", async () => {
    const { socket, client, stream, received, closed } = await pair();
    client.pause();
    const small = "s".repeat(16 * 1024);
    let sent = 1;
    let wait = socket.send(small);
    for (; wait === undefined; sent++) wait = socket.send(small);
    expect(stream.writableLength).toBeGreaterThan(HIGH_WATER_MARK - small.length);
    client.resume();
    await wait;
    void socket.close();
    await closed;
    expect(received).toHaveLength(sent);
  });

  it("rejects what waits when the connection is lost", async () => {
    const { socket, client } = await pair();
    client.pause();
    let wait = socket.send("s".repeat(16 * 1024));
    while (wait === undefined) wait = socket.send("s".repeat(16 * 1024));
    socket.terminate();
    await expect(wait).rejects.toThrow("The WebSocket is closed.");
  });
});

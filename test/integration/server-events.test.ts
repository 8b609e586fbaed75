/** Server-Sent Events on the hub server, byte by byte: events, back-pressure, times, ends (TRANSPORTS §4). */
import { createConnection, type Socket } from "node:net";
import { once } from "node:events";
import { Deferred } from "../../src/common/deferred.js";
import { MessagePackHubProtocol } from "../../src/msgpack.js";
import { JsonHubProtocol } from "../../src/protocol/json-hub-protocol.js";
import { TransferFormat } from "../../src/protocol/messages.js";
import type { HubServerOptions, IHubProtocol, MapHubOptions } from "../../src/server/index.js";
import { negotiate, startHubServer, stopAll, type RunningHubServer } from "../support/hub-server.js";
import { callOf, HANDSHAKE, RawHttpClient, RawStream } from "../support/raw-http-client.js";
import { eventually } from "../support/witness.js";
import { EchoHub } from "../support/echo-hub.js";

let disconnected: Deferred<Error | undefined>;

class EventsHub extends EchoHub {
  override onDisconnected(error?: Error): void {
    disconnected.resolve(error);
  }
}

beforeEach(() => {
  disconnected = new Deferred();
});

afterEach(stopAll);

function start(options: MapHubOptions = {}, serverOptions: HubServerOptions = {}): Promise<RunningHubServer> {
  return startHubServer((hubs) => hubs.mapHub("/hub", EventsHub, options), { shutdownTimeout: 100, ...serverOptions });
}

async function connect(options?: MapHubOptions): Promise<RawStream> {
  const { port } = await start(options);
  return RawStream.connect(port, "/hub");
}

/** A client that opens a stream and then never reads. */
async function openDeaf(port: number): Promise<{ readonly socket: Socket; readonly client: RawHttpClient }> {
  const { connectionToken } = await negotiate(port, "/hub");
  const path = `/hub?id=${connectionToken}`;
  const socket = createConnection(port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n`);
  await once(socket, "data");
  socket.pause();
  return { socket, client: new RawHttpClient(port, path) };
}

test("the stream is open before anything is said, and says how to treat it", async () => {
  const { port } = await start();
  const stream = await RawStream.open(await RawHttpClient.negotiated(port, "/hub"));
  expect(stream.response.headers).toMatchObject({
    "content-type": "text/event-stream",
    "cache-control": "no-cache,no-store",
    "content-encoding": "identity",
    "x-accel-buffering": "no",
  });
  await eventually(() => stream.text !== "");
  expect(stream.text).toBe(":\r\n");
  stream.destroy();
});

test("nothing in a message breaks out of its event", async () => {
  const stream = await connect();
  const text = "\r\n\r\ndata: fake\r\n\r\nevent: x\n\n\u2028:";
  await stream.post(callOf("1", "echo", text));
  expect(await stream.next()).toEqual([{ type: 3, invocationId: "1", result: text }]);
  stream.destroy();
});

test("an encoding of the user's may have line ends: they arrive as line feeds", async () => {
  const json = new JsonHubProtocol();
  const lines: IHubProtocol = {
    name: "lines",
    version: 1,
    transferFormat: TransferFormat.Text,
    parseMessages: (input) => json.parseMessages(input, null),
    writeMessage: (message) => `a\r\nb\rc\n\nd ${json.writeMessage(message)}`,
  };
  const { port } = await start({}, { protocols: [lines] });
  const stream = await RawStream.open(await RawHttpClient.negotiated(port, "/hub"));
  await stream.post('{"protocol":"lines","version":1}\u001e');
  await stream.next();
  const before = stream.text.length;
  await stream.post(callOf("1", "echo", 1));
  await stream.post(callOf("2", "abort"));
  await stream.ended;
  const [event] = stream.text.slice(before).split("\r\n\r\n");
  expect(event).toBe(
    'data: a\r\ndata: b\r\ndata: c\r\ndata: \r\ndata: d {"type":3,"invocationId":"1","result":1}\u001e',
  );
});

test("binary encodings are refused by the handshake", async () => {
  const { port } = await start({}, { protocols: [new MessagePackHubProtocol()] });
  const stream = await RawStream.open(await RawHttpClient.negotiated(port, "/hub"));
  await stream.post('{"protocol":"messagepack","version":1}\u001e');
  expect(await stream.rest()).toEqual([
    {
      error:
        "Cannot use the 'messagepack' protocol on the current transport. " +
        "The transport does not support 'Binary' transfer format.",
    },
  ]);
});

test("pings keep it alive, and a client that pinged once has to go on", async () => {
  const stream = await connect({ keepAliveInterval: 40, clientTimeoutInterval: 200 });
  expect(await stream.next()).toEqual([{ type: 6 }]);
  await stream.post('{"type":6}\u001e');
  const last = (await stream.rest()).at(-1);
  expect(last).toEqual({ type: 7, error: "Connection closed with an error.", allowReconnect: true });
  expect(await disconnected.promise).toMatchObject({ message: "The client sent nothing for 200 ms." });
});

test("a stream that would wait behind another answer is refused: nobody would hear of its end", async () => {
  const { port } = await start();
  const first = await RawHttpClient.negotiated(port, "/hub");
  const second = await RawHttpClient.negotiated(port, "/hub");
  const socket = createConnection(port, "127.0.0.1");
  const requests = [first, second].map(
    ({ path }) => `GET ${path} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n`,
  );
  socket.write(requests.join(""));
  await once(socket, "data");
  await first.post(HANDSHAKE);
  expect(await second.send("POST", HANDSHAKE)).toMatchObject({ status: 400, body: "The connection is not open yet." });
  socket.destroy();
});

describe("ends", () => {
  test("when the client closes the stream, which is a loss", async () => {
    const stream = await connect();
    stream.destroy();
    expect(await disconnected.promise).toMatchObject({ name: "ConnectionError", code: "connection-lost" });
    expect(await stream.send("POST", callOf("1", "echo", 1))).toMatchObject({ status: 404 });
  });

  test("without a loss when the client said goodbye", async () => {
    const stream = await connect();
    await stream.post('{"type":7}\u001e');
    expect(await stream.rest()).toEqual([]);
    expect(await disconnected.promise).toBeUndefined();
  });

  test("with the hub's last words when the hub ends it, and then its POSTs are nobody's", async () => {
    const stream = await connect();
    await stream.post(callOf("1", "fill", 1_000, 3) + callOf("2", "abort"));
    const messages = await stream.rest();
    expect(messages.slice(0, 3)).toMatchObject([1, 1, 1].map((type) => ({ type })));
    expect(messages.at(-1)).toEqual({ type: 7 });
    expect(await stream.send("POST", callOf("3", "echo", 1))).toMatchObject({ status: 404 });
    expect(await stream.send("GET", undefined, { accept: "text/event-stream" })).toMatchObject({ status: 404 });
  });

  test("when the server closes", async () => {
    const { hubs, port } = await start();
    const stream = await RawStream.connect(port, "/hub");
    const closed = hubs.close();
    expect(await stream.rest()).toEqual([{ type: 7, allowReconnect: true }]);
    await closed;
  });

  test("when the handshake does not come", async () => {
    const { port } = await start({ handshakeTimeout: 100 });
    const stream = await RawStream.open(await RawHttpClient.negotiated(port, "/hub"));
    expect(await stream.rest()).toEqual([{ error: "Handshake was canceled." }]);
  });
});

describe("a client that does not read", () => {
  test("is dropped when it takes nothing for the time of the option", async () => {
    const { port } = await start({ transportSendTimeout: 150 });
    const { socket, client } = await openDeaf(port);
    await client.post(HANDSHAKE + callOf("1", "fill", 100_000, 100));
    expect(await disconnected.promise).toMatchObject({ message: "The client took nothing for 150 ms." });
    socket.destroy();
  });

  test("gets everything once it does", async () => {
    const { port } = await start();
    const { socket, client } = await openDeaf(port);
    await client.post(HANDSHAKE + callOf("1", "fill", 100_000, 50));
    let size = 0;
    let calls = 0;
    await new Promise<void>((resolve) => {
      socket.on("data", (data: Buffer) => {
        size += data.length;
        for (const byte of data) if (byte === 0x1e) calls++;
        if (calls === 52) resolve(); // with the answers to the handshake and to the call
      });
      socket.resume();
    });
    expect(size).toBeGreaterThan(5_000_000);
    socket.destroy();
  });
});

/** The hub server over real WebSockets, byte by byte: limits, ends, back-pressure, timeouts (TRANSPORTS §3, HUB_PROTOCOL §8). */
import { Deferred } from "../../src/common/deferred.js";
import { HubError, type HubServerOptions, type MapHubOptions } from "../../src/server/index.js";
import { RawClient, startHubServer, stopAll } from "../support/hub-server.js";
import { EchoHub } from "../support/echo-hub.js";

let disconnected: Deferred<Error | undefined>;
let gate: Deferred<void>;
let received: number;

class SocketHub extends EchoHub {
  override onConnected(): void {
    if (this.context.request.url?.includes("refuse")) throw new HubError("not you");
  }

  override onDisconnected(error?: Error): void {
    disconnected.resolve(error);
  }

  async upload(items: AsyncIterable<unknown>): Promise<number> {
    await gate.promise;
    for await (const _ of items) received++;
    return received;
  }
}

beforeEach(() => {
  disconnected = new Deferred();
  gate = new Deferred();
  received = 0;
});

afterEach(stopAll);

async function start(options: MapHubOptions = {}, serverOptions: HubServerOptions = {}): Promise<number> {
  const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", SocketHub, options), serverOptions);
  return port;
}

describe("ends", () => {
  test("a clean closing handshake, whatever its code", async () => {
    const port = await start();
    for (const code of [1000, 1001, 4000, undefined]) {
      disconnected = new Deferred();
      const client = await RawClient.connect(port, "/hub");
      client.socket.close(code);
      expect(await disconnected.promise).toBeUndefined();
    }
  });

  test("a socket that breaks", async () => {
    const client = await RawClient.connect(await start(), "/hub");
    client.socket.terminate();
    expect(await disconnected.promise).toMatchObject({ name: "ConnectionError", closeCode: 1006 });
  });

  test("a goodbye of the client", async () => {
    const client = await RawClient.connect(await start(), "/hub");
    client.sendText('{"type":7}\u001e');
    expect(await client.closed).toMatchObject({ code: 1000 });
    expect(await disconnected.promise).toBeUndefined();
  });

  test("an abort by the hub", async () => {
    const client = await RawClient.connect(await start(), "/hub");
    client.call("1", "abort");
    expect(await client.rest()).toEqual([{ type: 7 }]);
    expect(await client.closed).toMatchObject({ code: 1000 });
  });

  test("a refusal by onConnected", async () => {
    const client = await RawClient.connect(await start(), "/hub?refuse");
    expect(await client.rest()).toEqual([{ type: 7, error: "Connection closed with an error. HubException: not you" }]);
  });

  test("a client that does not answer the closing handshake is dropped", async () => {
    const port = await start({ webSockets: { closeTimeout: 50 } });
    const client = await RawClient.connect(port, "/hub");
    client.socket.pause();
    client.call("1", "abort");
    await disconnected.promise;
    client.socket.resume();
    expect(await client.rest()).toEqual([{ type: 7 }]);
  });
});

describe("input", () => {
  const closed = { type: 7, error: "Connection closed with an error.", allowReconnect: true };

  test.each([
    ["a message over the limit", `{"type":1,"target":"echo","arguments":["${"x".repeat(32 * 1024)}"]}\u001e`],
    ["an endless message", "x".repeat(40 * 1024)],
    ["no JSON", "nonsense\u001e"],
    ["an unknown shape", '{"type":1}\u001e'],
  ])("%s ends the connection, which may be made again", async (_what, text) => {
    const client = await RawClient.connect(await start(), "/hub");
    client.sendText(text);
    expect(await client.rest()).toEqual([closed]);
    expect(await client.closed).toMatchObject({ code: 1000 });
    expect(await disconnected.promise).toBeInstanceOf(Error);
  });

  test("a message of exactly the limit is taken", async () => {
    const client = await RawClient.connect(await start(), "/hub");
    const frame = (text: string) => `{"type":1,"invocationId":"1","target":"echo","arguments":["${text}"]}\u001e`;
    const text = "x".repeat(32 * 1024 - frame("").length);
    client.sendText(frame(text));
    expect(await client.next()).toMatchObject({ result: text });
    client.sendText(frame(`${text}x`));
    expect(await client.next()).toEqual(closed);
  });

  test("a frame over its limit ends the connection", async () => {
    const client = await RawClient.connect(await start({ webSockets: { maximumFrameSize: 1_000 } }), "/hub");
    client.call("1", "echo", "x".repeat(800));
    expect(await client.next()).toMatchObject({ invocationId: "1" });
    client.call("2", "echo", "x".repeat(1_200));
    expect(await client.closed).toMatchObject({ code: 1009 });
    expect(await disconnected.promise).toMatchObject({ name: "LimitError" });
  });

  test("bytes are as good as text, however they are cut", async () => {
    const client = await RawClient.connect(await start(), "/hub");
    const bytes = Buffer.from('{"type":1,"invocationId":"1","target":"echo","arguments":["é€😀"]}\u001e');
    for (const byte of bytes) client.socket.send(Buffer.of(byte));
    expect(await client.next()).toMatchObject({ result: "é€😀" });
  });

  test("calls may come with the handshake, in one frame", async () => {
    const client = await RawClient.open(await start(), "/hub");
    const call = '{"type":1,"invocationId":"1","target":"echo","arguments":[1]}\u001e';
    client.sendText(`{"protocol":"json","version":1}\u001e${call}${call.replace('"1"', '"2"')}`);
    expect([await client.next(), await client.next(), await client.next()]).toEqual([
      {},
      { type: 3, invocationId: "1", result: 1 },
      { type: 3, invocationId: "2", result: 1 },
    ]);
  });

  test("a wrong handshake is answered, and the socket closed", async () => {
    const client = await RawClient.open(await start(), "/hub");
    client.sendText('{"protocol":"xml","version":1}\u001e');
    expect(await client.rest()).toEqual([{ error: "The protocol 'xml' is not supported." }]);
  });
});

describe("time", () => {
  test("a client without a handshake is given up", async () => {
    const client = await RawClient.open(await start({ handshakeTimeout: 100 }), "/hub");
    expect(await client.rest()).toEqual([{ error: "Handshake was canceled." }]);
  });

  test("a silent client is pinged, then given up", async () => {
    const client = await RawClient.connect(await start({ keepAliveInterval: 50, clientTimeoutInterval: 200 }), "/hub");
    client.sendText('{"type":6}\u001e');
    const messages = await client.rest();
    expect(messages.length).toBeGreaterThan(2);
    expect(messages.slice(0, -1).every(({ type }) => type === 6)).toBe(true);
    expect(messages.at(-1)).toEqual({ type: 7, error: "Connection closed with an error.", allowReconnect: true });
    expect(await disconnected.promise).toMatchObject({ name: "TimeoutError" });
  });

  test("a client that does not read is dropped", async () => {
    const client = await RawClient.connect(await start({ transportSendTimeout: 200 }), "/hub");
    client.socket.pause();
    client.call("1", "fill", 100_000, 100);
    expect(await disconnected.promise).toMatchObject({ name: "TimeoutError" });
    client.socket.terminate();
  });
});

test("an upload that is not read stops the client, and loses nothing", async () => {
  const client = await RawClient.connect(await start(), "/hub");
  client.sendText('{"type":1,"invocationId":"1","target":"upload","arguments":[],"streamIds":["u"]}\u001e');
  const total = 600;
  const item = `{"type":2,"invocationId":"u","item":"${"x".repeat(30_000)}"}\u001e`;
  for (let index = 0; index < total; index++) client.sendText(item);
  client.sendText('{"type":3,"invocationId":"u"}\u001e');
  // 18 MB do not fit into the sockets' buffers: they wait here for as long as nobody reads there.
  let waiting = client.socket.bufferedAmount;
  for (let quiet = 0; quiet < 20; waiting = client.socket.bufferedAmount) {
    await new Promise((resolve) => setImmediate(resolve));
    quiet = waiting === client.socket.bufferedAmount ? quiet + 1 : 0;
  }
  expect(waiting).toBeGreaterThan(1_000_000);
  gate.resolve();
  expect(await client.next()).toEqual({ type: 3, invocationId: "1", result: total });
});

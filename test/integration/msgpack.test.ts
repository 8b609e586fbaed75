/** MessagePack from end to end: hubwire's client on hubwire's server, and every frame of the client as a server sees it. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { MessagePackHubProtocol as OfficialProtocol } from "@microsoft/signalr-protocol-msgpack";
import { WebSocketServer, type WebSocket } from "ws";
import { HttpTransportType, HubConnectionBuilder, type HubConnection } from "../../src/index.js";
import { ExtensionCodec, MessagePackHubProtocol, type MessagePackOptions } from "../../src/msgpack.js";
import { JsonHubProtocol } from "../../src/protocol/json-hub-protocol.js";
import { MessageType, type HubMessage } from "../../src/protocol/messages.js";
import { InteropHub } from "../support/interop-hub.js";
import { HubSite } from "./hub-site.js";

const LARGE = 8 * 1024 * 1024;

describe("client and server", () => {
  const options: MessagePackOptions = { useBigInt64: true };
  const held = HubSite.forTests({
    protocols: [new JsonHubProtocol(), new MessagePackHubProtocol(options)],
    maximumReceiveMessageSize: LARGE,
    enableDetailedErrors: true,
    map: (hubs) => hubs.mapHub("/hub", InteropHub),
  });

  function connect(protocol = new MessagePackHubProtocol(options)): Promise<HubConnection> {
    return held.site.connect(held.site.builder().withHubProtocol(protocol));
  }

  test("a megabyte", async () => {
    const connection = await connect();
    const bytes = Uint8Array.from({ length: 1024 * 1024 }, (_, index) => index * 7);
    const echoed = await connection.invoke<Uint8Array>("Echo", bytes);
    expect(Buffer.compare(echoed, bytes)).toBe(0);
  });

  test("a message to everybody reaches clients of both encodings", async () => {
    const connections = [await connect(), await held.site.connect(), await connect()];
    const received = connections.map(
      (connection) => new Promise<unknown>((resolve) => connection.on("Broadcasted", resolve)),
    );
    await connections[0]?.send("Broadcast", "text €");
    await expect(Promise.all(received)).resolves.toEqual(["text €", "text €", "text €"]);
  });

  test("a value that the other encoding cannot carry fails the call, not the connection", async () => {
    const connection = await connect();
    await expect(connection.invoke("Echo", () => 1)).rejects.toMatchObject({ code: "not-serializable" });
    await expect(connection.invoke("Echo", 1)).resolves.toBe(1);
  });

  test("the official encoding in hubwire's client", async () => {
    const builder = held.site.builder().withHubProtocol(new OfficialProtocol());
    const connection = await held.site.connect(builder);
    await expect(connection.invoke("Echo", { a: [1, "b", Uint8Array.of(1)] })).resolves.toEqual({
      a: [1, "b", Uint8Array.of(1)],
    });
    const items: number[] = [];
    for await (const item of connection.stream<number>("Counter", 3, 0)) items.push(item);
    expect(items).toEqual([1, 2, 3]);
  });
});

describe("options on both ends", () => {
  class Money {
    readonly cents: number;
    constructor(cents: number) {
      this.cents = cents;
    }
  }
  const extensionCodec = new ExtensionCodec();
  extensionCodec.register({
    type: 1,
    encode: (object) => (object instanceof Money ? Uint8Array.of(object.cents) : null),
    decode: (data) => new Money(data[0] ?? 0),
  });
  const options: MessagePackOptions = { extensionCodec, propertyNames: "camelCase" };
  const held = HubSite.forTests({
    protocols: [new MessagePackHubProtocol({ extensionCodec })],
    map: (hubs) => hubs.mapHub("/hub", InteropHub),
  });

  test("own types, and names as the other side has them", async () => {
    const connection = await held.site.connect(
      held.site.builder().withHubProtocol(new MessagePackHubProtocol(options)),
    );
    await expect(connection.invoke("Echo", { userName: "a", Price: new Money(7) })).resolves.toEqual({
      userName: "a",
      price: new Money(7),
    });
    expect(await connection.invoke("Echo", new Money(3))).toBeInstanceOf(Money);
  });

  test("a client whose encoding the server does not have learns it", async () => {
    const connection = held.site.build();
    await expect(connection.start()).rejects.toMatchObject({ code: "handshake-failed" });
  });
});

describe("what a server sees", () => {
  const theirs = new OfficialProtocol();
  const logger = { log: () => undefined };
  let server: WebSocketServer;
  let connection: HubConnection;

  beforeEach(async () => {
    server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
    const address = server.address();
    if (typeof address === "string" || address === null) throw new Error("no port");
    connection = new HubConnectionBuilder()
      .withUrl(`http://127.0.0.1:${address.port}/hub`, {
        skipNegotiation: true,
        transport: HttpTransportType.WebSockets,
        logger: null,
      })
      .withHubProtocol(new MessagePackHubProtocol())
      .build();
  });

  afterEach(async () => {
    await connection.stop();
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  });

  /** The socket of the next client, and everything that it sends. */
  async function accept(answer: (socket: WebSocket) => void) {
    const [socket] = (await once(server, "connection")) as [WebSocket, IncomingMessage];
    const frames: (string | Buffer)[] = [];
    const waiting: (() => void)[] = [];
    socket.on("message", (data: Buffer, isBinary) => {
      frames.push(isBinary ? data : data.toString());
      if (frames.length === 1) answer(socket);
      for (const resume of waiting.splice(0)) resume();
    });
    const messages = () => frames.slice(1).flatMap((frame) => parse(frame)) as HubMessage[];
    const until = async (isThere: (messages: HubMessage[]) => boolean) => {
      while (!isThere(messages())) await new Promise<void>((resolve) => waiting.push(resolve));
      return messages();
    };
    return { socket, frames, until };
  }

  const parse = (frame: string | Buffer) => {
    if (typeof frame === "string") throw new Error("a text frame behind the handshake");
    return theirs.parseMessages(new Uint8Array(frame).buffer, logger);
  };
  const write = (message: HubMessage) => Buffer.from(theirs.writeMessage(message as never));
  const accepted = Buffer.from("{}\u001e");

  test("the handshake is text, everything behind it is binary", async () => {
    const accepting = accept((socket) => socket.send(accepted));
    await connection.start();
    const { frames, until, socket } = await accepting;
    void connection.send("Tick", 7, Uint8Array.of(1, 2));
    const messages = await until((seen) => seen.some(({ type }) => type === MessageType.Invocation));
    expect(frames[0]).toBe('{"protocol":"messagepack","version":1}\u001e');
    expect(frames.slice(1).every((frame) => Buffer.isBuffer(frame))).toBe(true);
    expect(messages).toMatchObject([
      { type: MessageType.Ping },
      { type: MessageType.Invocation, target: "Tick", arguments: [7, Uint8Array.of(1, 2)] },
    ]);
    const answer = connection.invoke("Sum", 1, 2);
    const call = (await until((seen) => seen.length > 2)).at(-1);
    if (call?.type !== MessageType.Invocation || call.invocationId === undefined) throw new Error("no call came");
    socket.send(write({ type: MessageType.Completion, invocationId: call.invocationId, result: { sum: 3 } }));
    await expect(answer).resolves.toEqual({ sum: 3 });
  });

  test("messages in the frame of the handshake's answer, then in pieces and together", async () => {
    const received: unknown[] = [];
    const tick = (index: number) => write({ type: MessageType.Invocation, target: "Tick", arguments: [index] });
    const done = new Promise<void>((resolve) => connection.on("Done", resolve));
    connection.on("Tick", (index: unknown) => void received.push(index));
    const accepting = accept((socket) => socket.send(Buffer.concat([accepted, tick(1), tick(2).subarray(0, 3)])));
    await connection.start();
    const { socket } = await accepting;
    socket.send(Buffer.concat([tick(2).subarray(3), tick(3)]));
    for (const byte of tick(4)) socket.send(Buffer.of(byte));
    socket.send(write({ type: MessageType.Invocation, target: "Done", arguments: [] }));
    await done;
    expect(received).toEqual([1, 2, 3, 4]);
  });

  test("what is no MessagePack ends the connection with a ProtocolError", async () => {
    const accepting = accept((socket) => socket.send(accepted));
    await connection.start();
    const { socket } = await accepting;
    const closed = new Promise<unknown>((resolve) => connection.onclose(resolve));
    socket.send(Buffer.of(1, 0xc1));
    await expect(closed).resolves.toMatchObject({ code: "protocol-error" });
  });
});

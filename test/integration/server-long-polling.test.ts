/** Long Polling on the hub server, request by request: polls, back-pressure, times, ends (TRANSPORTS §5). */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createConnection } from "node:net";
import { Deferred } from "../../src/common/deferred.js";
import { Hub, type HubServerOptions, type MapHubOptions } from "../../src/server/index.js";
import { startHubServer, stopAll, type RunningHubServer } from "../support/hub-server.js";
import { callOf, HANDSHAKE, messagesOf, RawHttpClient } from "../support/raw-http-client.js";
import { eventually } from "../support/witness.js";

let disconnected: Deferred<Error | undefined>;
let gate: Deferred<void>;
let filled: Deferred<string>;
/** What `onDisconnected` waits for. */
let farewell: Promise<void> | undefined;

class PollingHub extends Hub {
  override onDisconnected(error?: Error): Promise<void> | undefined {
    disconnected.resolve(error);
    return farewell;
  }

  echo(value: unknown): unknown {
    return value;
  }

  abort(): void {
    this.context.abort();
  }

  wait(): Promise<void> {
    return gate.promise;
  }

  async fillAndAbort(size: number): Promise<void> {
    const fill = () => void this.clients.caller.send("Filling", "x".repeat(size));
    fill();
    await new Promise((resolve) => setImmediate(resolve));
    fill(); // there is no room for it
    this.context.abort();
  }

  async fill(size: number, times: number): Promise<void> {
    try {
      for (let index = 0; index < times; index++) await this.clients.caller.send("Filling", "x".repeat(size));
      filled.resolve("all of it");
    } catch (thrown) {
      filled.resolve((thrown as Error).message);
    }
  }
}

beforeEach(() => {
  disconnected = new Deferred();
  gate = new Deferred();
  filled = new Deferred();
  farewell = undefined;
});

afterEach(stopAll);

function start(options: MapHubOptions = {}, serverOptions: HubServerOptions = {}): Promise<RunningHubServer> {
  return startHubServer((hubs) => hubs.mapHub("/hub", PollingHub, options), { shutdownTimeout: 100, ...serverOptions });
}

async function connect(options?: MapHubOptions, serverOptions?: HubServerOptions): Promise<RawHttpClient> {
  const { port } = await start(options, serverOptions);
  return RawHttpClient.longPolling(port, "/hub");
}

const answerOf = (value: unknown) => ({ type: 3, invocationId: "1", result: value });

describe("polls", () => {
  test("are answered empty when their time is over, and the connection lives on", async () => {
    const client = await connect({ longPolling: { pollTimeout: 50 } });
    expect(await client.poll()).toMatchObject({ status: 200, body: "" });
    expect(await client.poll()).toMatchObject({ status: 200, body: "" });
    await client.post(callOf("1", "echo", "alive"));
    expect(await client.pollMessages()).toEqual([answerOf("alive")]);
  });

  test("replace each other: the older one ends with 204, and loses nothing", async () => {
    const client = await connect();
    const old = client.begin("GET", "");
    await client.post(callOf("1", "wait")); // when this is answered, the poll is waiting
    const newer = client.begin("GET", "");
    expect(await old.answer()).toMatchObject({ status: 204, body: "" });
    gate.resolve();
    expect(messagesOf((await newer.answer()).body)).toEqual([answerOf(null)]);
  });

  test("that are given up lose nothing", async () => {
    const polls: IncomingMessage[] = [];
    const authenticate = (request: IncomingMessage) => {
      if (request.method === "GET") polls.push(request);
      return {};
    };
    const client = await connect({ authenticate });
    const poll = client.begin("GET", "");
    await client.post(callOf("1", "wait"));
    await eventually(() => polls.length >= 3);
    const socket = polls.at(-1)!.socket;
    poll.request.destroy();
    // What is written before the server knows would be lost, and not even a real client could tell.
    await once(socket, "close");
    gate.resolve();
    expect(await client.pollMessages()).toEqual([answerOf(null)]);
  });

  test("may stand in one connection behind those that they replace, and lose nothing", async () => {
    const client = await connect();
    const socket = createConnection(client.port, "127.0.0.1");
    const poll = `GET ${client.path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    socket.write(poll + poll);
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(String(first)).toMatch(/^HTTP\/1.1 204/);
    await client.post(callOf("1", "echo", "through"));
    const [second] = (await once(socket, "data")) as [Buffer];
    expect(String(second)).toContain("through");
    await client.post(callOf("1", "echo", "still here"));
    expect(await client.pollMessages()).toEqual([answerOf("still here")]);
    socket.destroy();
  });

  test("carry text of any kind", async () => {
    const client = await connect();
    const text = 'é€😀\r\n"\\\u0000';
    await client.post(callOf("1", "echo", text));
    expect(await client.pollMessages()).toEqual([answerOf(text)]);
  });
});

describe("what is written between polls", () => {
  test("waits, up to the limit; then senders wait", async () => {
    const client = await connect({ transportMaxBufferSize: 10_000 });
    await client.post(callOf("1", "fill", 1_000, 100));
    const received = [];
    for (let polls = 0; received.at(-1)?.type !== 3; polls++) {
      const { body } = await client.poll();
      // One chunk of the hub's may come on top of what fills the buffer.
      expect(body.length).toBeLessThan(80_000);
      received.push(...messagesOf(body));
      expect(polls).toBeLessThan(100);
    }
    expect(received).toHaveLength(101);
    expect(await filled.promise).toBe("all of it");
  });

  test("arrives with the Close message behind it when the hub ends the connection meanwhile", async () => {
    const client = await connect({ transportMaxBufferSize: 100 });
    await client.post(callOf("1", "fillAndAbort", 100));
    expect(await disconnected.promise).toBeUndefined();
    const filling = { type: 1, target: "Filling", arguments: ["x".repeat(100)] };
    expect([...(await client.pollMessages()), ...(await client.pollMessages())]).toEqual([
      filling,
      filling,
      { type: 7 },
    ]);
    expect(await client.poll()).toMatchObject({ status: 204 });
  });

  test("ends the connection of a client that does not come for it", async () => {
    const client = await connect({ transportMaxBufferSize: 1_000, transportSendTimeout: 100 });
    await client.post(callOf("1", "fill", 10_000, 50));
    expect(await disconnected.promise).toMatchObject({ message: "The client took nothing for 100 ms." });
    expect((await client.poll()).status).not.toBe(200);
  });

  test("ends the connection of a client that does not read what it polled", async () => {
    const client = await connect({ transportSendTimeout: 200, maximumReceiveMessageSize: 2 ** 25 });
    await client.post(callOf("1", "fill", 2 ** 24, 1)); // more than sockets take
    await client.begin("GET", "").response;
    expect(await disconnected.promise).toMatchObject({ message: "The client took nothing for 200 ms." });
  });
});

describe("a client that goes away", () => {
  test("without a word is gone when it has not polled for the time of the option", async () => {
    const client = await connect({ disconnectTimeout: 100 });
    expect(await disconnected.promise).toMatchObject({ message: "The client did not poll for 100 ms." });
    expect(await client.poll()).toMatchObject({ status: 404 });
  });

  test("in the middle of an answer is gone at once", async () => {
    const client = await connect({ maximumReceiveMessageSize: 2 ** 25 });
    await client.post(callOf("1", "fill", 2 ** 24, 1));
    const { request, response } = client.begin("GET", "");
    await response;
    request.destroy();
    expect(await disconnected.promise).toMatchObject({ message: "A poll broke off while it was answered." });
    expect(await client.poll()).toMatchObject({ status: 404 });
  });

  test("with a DELETE is gone, without an error, and its poll ends", async () => {
    const client = await connect();
    const poll = client.begin("GET", "");
    await client.post(callOf("1", "wait"));
    expect(await client.send("DELETE")).toMatchObject({ status: 202, body: "" });
    expect(await poll.answer()).toMatchObject({ status: 204 });
    expect(await disconnected.promise).toBeUndefined();
    for (const method of ["GET", "POST", "DELETE"]) {
      expect(await client.send(method)).toMatchObject({ status: 404, body: "No Connection with that ID" });
    }
    gate.resolve();
  });

  test("with a DELETE gets 204 for a poll that comes while onDisconnected still runs", async () => {
    farewell = gate.promise;
    const client = await connect();
    expect(await client.send("DELETE")).toMatchObject({ status: 202 });
    await disconnected.promise;
    expect(await client.poll()).toMatchObject({ status: 204 });
    gate.resolve();
  });

  test("with a goodbye gets 204", async () => {
    const client = await connect();
    await client.post('{"type":7}\u001e');
    expect(await disconnected.promise).toBeUndefined();
    expect(await client.poll()).toMatchObject({ status: 204 });
    expect(await client.poll()).toMatchObject({ status: 404 });
  });

  test("while it may still fetch the last message is forgotten in the end, and makes room", async () => {
    const { port } = await start({}, { maximumConnections: 1 });
    const client = await RawHttpClient.longPolling(port, "/hub");
    await client.post(callOf("1", "abort"));
    await disconnected.promise;
    expect(await client.send("POST")).toMatchObject({ status: 404 });
    expect(messagesOf((await client.poll()).body)).toEqual([{ type: 7 }]);
    expect(await client.send("DELETE")).toMatchObject({ status: 202 });
    await RawHttpClient.longPolling(port, "/hub");
  });
});

describe("closing the server", () => {
  test("tells clients with their polls, then ends them", async () => {
    const { hubs, port } = await start();
    const client = await RawHttpClient.longPolling(port, "/hub");
    const waiting = await RawHttpClient.longPolling(port, "/hub");
    const poll = waiting.begin("GET", "");
    await waiting.post(callOf("1", "wait"));
    const closed = hubs.close();
    const goodbye = [{ type: 7, allowReconnect: true }];
    expect(messagesOf((await poll.answer()).body)).toEqual(goodbye);
    expect(await waiting.poll()).toMatchObject({ status: 204 });
    expect(messagesOf((await client.poll()).body)).toEqual(goodbye);
    expect(await client.send("DELETE")).toMatchObject({ status: 202 });
    gate.resolve();
    await closed;
  });

  test("does not wait for ever for one that does not come", async () => {
    const { hubs, port } = await start({}, { shutdownTimeout: 50 });
    await RawHttpClient.longPolling(port, "/hub");
    await hubs.close();
    expect(await disconnected.promise).toBeUndefined();
  });
});

test("a handshake that does not come is not waited for", async () => {
  const { port } = await start({ handshakeTimeout: 100 });
  const client = await RawHttpClient.negotiated(port, "/hub");
  await client.poll();
  expect((await client.poll()).body).toBe('{"error":"Handshake was canceled."}\u001e');
  expect((await client.poll()).status).toBe(204);
});

test("a client that pinged and falls silent is not gone: its polls show that it is there", async () => {
  const client = await connect({ clientTimeoutInterval: 50, keepAliveInterval: 20, longPolling: { pollTimeout: 300 } });
  await client.post('{"type":6}\u001e');
  expect(await client.poll()).toMatchObject({ status: 200, body: "" }); // no pings either
  await client.post(callOf("1", "echo", 1));
  expect(await client.pollMessages()).toEqual([answerOf(1)]);
});

test("the handshake may come with what follows it", async () => {
  const { port } = await start();
  const client = await RawHttpClient.negotiated(port, "/hub");
  await client.poll();
  await client.post(HANDSHAKE + callOf("1", "echo", "early"));
  const messages = [];
  while (messages.length < 2) messages.push(...(await client.pollMessages()));
  expect(messages).toEqual([{}, answerOf("early")]);
});

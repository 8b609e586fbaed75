/** What clients POST, and who may: order, limits, broken requests, body parsers, users and origins, over both transports that need it. */
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import express from "express";
import { Deferred } from "../../src/common/deferred.js";
import { accessTokenOf, createHubServer, Hub, type MapHubOptions } from "../../src/server/index.js";
import { listen, send, startHubServer, stopAll } from "../support/hub-server.js";
import { callOf, HANDSHAKE, messagesOf, RawHttpClient, RawStream } from "../support/raw-http-client.js";

let disconnected: Deferred<Error | undefined>;
let gate: Deferred<void>;
let items: unknown[];

class PostedHub extends Hub {
  override onDisconnected(error?: Error): void {
    disconnected.resolve(error);
  }

  echo(value: unknown): unknown {
    items.push(value);
    return value;
  }

  whoAmI(): string | undefined {
    return this.context.userIdentifier;
  }

  async upload(stream: AsyncIterable<unknown>): Promise<number> {
    await gate.promise;
    let count = 0;
    for await (const _ of stream) count++;
    return count;
  }
}

beforeEach(() => {
  disconnected = new Deferred();
  gate = new Deferred();
  items = [];
});

afterEach(stopAll);

async function start(options: MapHubOptions = {}): Promise<number> {
  const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", PostedHub, options), { shutdownTimeout: 100 });
  return port;
}

async function connect(options?: MapHubOptions): Promise<RawStream> {
  return RawStream.connect(await start(options), "/hub");
}

const answerOf = (result: unknown, invocationId = "1") => ({ type: 3, invocationId, result });

describe("bodies", () => {
  test("may hold many messages, or a part of one", async () => {
    const stream = await connect();
    const [one, two] = [callOf("1", "echo", "é€😀"), callOf("2", "echo", 2)];
    const bytes = Buffer.from(one + two);
    const cut = bytes.indexOf(0xe2) + 1; // in the middle of a character
    for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      const { request, answer } = stream.begin("POST");
      request.end(part);
      expect(await answer()).toMatchObject({ status: 200, body: "" });
    }
    const messages = [];
    while (messages.length < 2) messages.push(...((await stream.next()) ?? []));
    expect(messages).toEqual([answerOf("é€😀"), answerOf(2, "2")]);
  });

  test("of any type, and none, are taken", async () => {
    const stream = await connect();
    for (const type of ["text/plain", "application/octet-stream", "application/x-www-form-urlencoded", "nonsense"]) {
      const answer = await stream.send("POST", callOf("1", "echo", type), { "content-type": type });
      expect(answer.status).toBe(200);
      expect(await stream.next()).toEqual([answerOf(type)]);
    }
    expect(await stream.send("POST")).toMatchObject({ status: 200 });
  });

  test("far larger than any buffer pass through, as long as their messages are small", async () => {
    const stream = await connect();
    const { request, answer } = stream.begin("POST");
    const message = callOf("1", "echo", "x".repeat(20_000)).replace('"invocationId":"1",', "");
    for (let index = 0; index < 200; index++) request.write(message);
    request.end();
    expect(await answer()).toMatchObject({ status: 200 });
    expect(items).toHaveLength(200);
  });

  test("with a message over the limit end the connection, and nothing of it is kept", async () => {
    const stream = await connect();
    const { request, response } = stream.begin("POST");
    request.write(`{"type":1,"target":"echo","arguments":["`);
    const pump = (error?: Error | null): void => void (error || request.write("x".repeat(0x4000), pump));
    pump();
    const messages = await stream.rest();
    expect(messages).toEqual([{ type: 7, error: "Connection closed with an error.", allowReconnect: true }]);
    expect(await disconnected.promise).toMatchObject({ limit: "maximumReceiveMessageSize" });
    // The rest is not read for ever: the answer comes, or the socket is closed.
    await response.catch(() => undefined);
    request.destroy();
  });

  test("are taken one after the other, however their parts arrive", async () => {
    const stream = await connect();
    const first = stream.begin("POST");
    const message = callOf("1", "echo", "first");
    first.request.write(message.slice(0, 10));
    const second = stream.begin("POST", callOf("2", "echo", "second"));
    // The second one is complete long before the first, unless it has overtaken it.
    await new Promise((resolve) => second.request.once("finish", resolve));
    first.request.end(message.slice(10));
    expect([await first.answer(), await second.answer()]).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(items).toEqual(["first", "second"]);
    stream.destroy();
  });
});

describe("a request that breaks off", () => {
  test("leaves the connection as it was when it was a small one", async () => {
    const stream = await connect();
    const { request, response } = stream.begin("POST");
    request.write(callOf("1", "echo", "never seen").slice(0, -5));
    const behind = stream.begin("POST", callOf("2", "echo", "seen"));
    await new Promise((resolve) => behind.request.once("finish", resolve));
    request.destroy();
    await expect(response).rejects.toThrow();
    expect(await behind.answer()).toMatchObject({ status: 200 });
    expect(await stream.next()).toEqual([answerOf("seen", "2")]);
    expect(items).toEqual(["seen"]);
    stream.destroy();
  });

  test("ends the connection when a part was taken already: no message is made of two halves", async () => {
    const stream = await connect({ applicationMaxBufferSize: 1_000 });
    const { request } = stream.begin("POST");
    const message = callOf("1", "echo", "x".repeat(5_000));
    request.write(message.slice(0, 3_000));
    request.write(message.slice(3_000, 4_000), () => setImmediate(() => request.destroy()));
    expect(await disconnected.promise).toMatchObject({ code: "connection-lost" });
    await stream.ended;
    expect(items).toEqual([]);
  });
});

describe("while the hub takes nothing", () => {
  const item = `{"type":2,"invocationId":"u","item":"${"x".repeat(1_000)}"}\u001e`;
  const call = '{"type":1,"invocationId":"1","target":"upload","arguments":[],"streamIds":["u"]}\u001e';

  test("requests are answered as long as there is room, then they wait, and nothing is lost", async () => {
    const stream = await connect({ applicationMaxBufferSize: 5_000 });
    await stream.post(call + item.repeat(20));
    // The stream's buffer of ten items is full: from now on the bodies are kept.
    for (let index = 0; index < 4; index++) await stream.post(item);
    const waiting = stream.begin("POST", item.repeat(100));
    const behind = stream.begin("POST", `${item}{"type":3,"invocationId":"u"}\u001e`);
    let isAnswered = false;
    void waiting.response.then(() => (isAnswered = true));
    for (let index = 0; index < 50; index++) await new Promise((resolve) => setImmediate(resolve));
    expect(isAnswered).toBe(false);
    gate.resolve();
    expect([await waiting.answer(), await behind.answer()]).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(await stream.next()).toEqual([answerOf(125)]);
    stream.destroy();
  });

  test("too many requests at once are refused", async () => {
    const stream = await connect({ applicationMaxBufferSize: 1_000 });
    await stream.post(call + item.repeat(20));
    const many = Array.from({ length: 40 }, () => stream.begin("POST", item));
    const { status } = await Promise.race(
      many.map(({ answer }) =>
        answer().then((one) => (one.status === 200 ? new Promise<never>(() => undefined) : one)),
      ),
    );
    expect(status).toBe(429);
    gate.resolve();
    stream.destroy();
    await Promise.allSettled(many.map(({ answer }) => answer()));
  });
});

describe("behind body parsers", () => {
  async function serveBehind(parser: RequestListener | express.RequestHandler): Promise<number> {
    const hubs = createHubServer({ logger: null, shutdownTimeout: 100 }).mapHub("/hub", PostedHub);
    const app = express();
    app.use(parser as express.RequestHandler);
    app.use((request, response, next) => {
      if (!hubs.handleRequest(request, response)) next();
    });
    return listen(createServer(app as RequestListener), () => hubs.close());
  }

  test.each([
    ["text", express.text(), "text/plain;charset=UTF-8"],
    ["bytes", express.raw(), "application/octet-stream"],
    ["everything as bytes", express.raw({ type: () => true }), "text/plain"],
    ["nothing, because of its type", express.json(), "text/plain;charset=UTF-8"],
  ])("that read %s", async (_what, parser, type) => {
    const port = await serveBehind(parser);
    const stream = await RawStream.open(await RawHttpClient.negotiated(port, "/hub"));
    for (const body of [HANDSHAKE, callOf("1", "echo", "é")]) {
      expect(await stream.send("POST", body, { "content-type": type })).toMatchObject({ status: 200 });
    }
    expect([await stream.next(), await stream.next()]).toEqual([[{}], [answerOf("é")]]);
    stream.destroy();
  });

  test("that keep nothing usable, clients are told so", async () => {
    const port = await serveBehind(express.urlencoded({ extended: false, type: () => true }));
    const stream = await RawStream.open(await RawHttpClient.negotiated(port, "/hub"));
    const answer = await stream.send("POST", HANDSHAKE);
    expect(answer).toMatchObject({ status: 500, body: expect.stringContaining("in front of body parsers") });
    stream.destroy();
  });
});

describe("users", () => {
  const authenticate = (request: IncomingMessage) => {
    const id = accessTokenOf(request);
    return id === undefined ? undefined : { id };
  };
  const as = (name: string) => ({ authorization: `Bearer ${name}` });

  test.each(["LongPolling", "ServerSentEvents"])("are asked for with each request of %s", async (transport) => {
    const port = await start({ authenticate });
    const isStream = transport === "ServerSentEvents";
    const client = isStream
      ? await RawStream.connect(port, "/hub", as("ada"))
      : await RawHttpClient.longPolling(port, "/hub", as("ada"));
    for (const method of ["GET", "POST", "DELETE"]) {
      const body = method === "POST" ? callOf("9", "echo", "bob's") : undefined;
      expect(await send(port, method, client.path, {}, body)).toMatchObject({ status: 401, body: "" });
      expect(await send(port, method, client.path, as("bob"), body)).toMatchObject({
        status: 403,
      });
    }
    // The connection has noticed nothing.
    await client.post(callOf("1", "whoAmI"));
    expect(await (client instanceof RawStream ? client.next() : client.pollMessages())).toEqual([answerOf("ada")]);
    expect(items).toEqual([]);
  });
});

describe("origins", () => {
  const page = { origin: "https://page.example" };
  const cors = { "access-control-allow-origin": page.origin, "access-control-allow-credentials": "true" };

  test("of other sites get nothing and change nothing", async () => {
    const port = await start();
    const client = await RawHttpClient.longPolling(port, "/hub");
    for (const method of ["GET", "POST", "DELETE"]) {
      const answer = await client.send(method, method === "POST" ? callOf("1", "echo", "evil") : undefined, page);
      expect(answer).toMatchObject({ status: 403 });
      expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    }
    await client.post(callOf("1", "echo", "good"));
    expect(await client.pollMessages()).toEqual([answerOf("good")]);
    expect(items).toEqual(["good"]);
  });

  test("that are listed get the headers with every answer, streams and errors included", async () => {
    const port = await start({ allowedOrigins: [page.origin] });
    const client = await RawHttpClient.negotiated(port, "/hub", page);
    expect(await client.poll()).toMatchObject({ status: 200, headers: cors });
    expect(await client.send("POST", HANDSHAKE)).toMatchObject({ status: 200, headers: cors });
    const answer = await client.poll();
    expect(answer).toMatchObject({ headers: { ...cors, vary: "Origin" } });
    expect(messagesOf(answer.body)).toEqual([{}]);
    expect(await client.send("DELETE")).toMatchObject({ status: 202, headers: cors });
    expect(await client.poll()).toMatchObject({ status: 404, headers: cors });
    const stream = await RawStream.connect(port, "/hub", page);
    expect(stream.response.headers).toMatchObject(cors);
    stream.destroy();
  });

  test("may ask for each method first", async () => {
    const port = await start({ allowedOrigins: [page.origin] });
    const headers = { ...page, "access-control-request-method": "DELETE" };
    const answer = await send(port, "OPTIONS", "/hub?id=unknown", headers);
    expect(answer).toMatchObject({ status: 204, headers: cors });
    expect(answer.headers["access-control-allow-methods"]).toBe("GET, POST, DELETE");
  });
});

test("no answer repeats what was asked, and no header can be smuggled in", async () => {
  const port = await start();
  const evil = "%0d%0aX-Evil:%201%0d%0a%0d%0a<script>";
  for (const [method, path] of [
    ["GET", `/hub?id=${evil}`],
    ["POST", `/hub?id=${evil}`],
    ["DELETE", `/hub?id=x&evil=${evil}`],
    ["GET", `/hub?${evil}`],
  ] as const) {
    const answer = await send(port, method, path, { accept: "text/event-stream,<script>" });
    expect(answer.body).not.toContain("script");
    expect(answer.headers).not.toHaveProperty("x-evil");
  }
});

test.each(["GET", "POST", "DELETE"])("tokens of another hub mean nothing to %s", async (method) => {
  const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", PostedHub).mapHub("/other", PostedHub));
  const stream = await RawStream.connect(port, "/hub");
  const path = stream.path.replace("/hub", "/other");
  expect(await send(port, method, path)).toMatchObject({ status: 404, body: "No Connection with that ID" });
  stream.destroy();
});

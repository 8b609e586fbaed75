/** What requests of Server-Sent Events and Long Polling are answered with, byte by byte: by the original server, and by ours. */
import { type AspNetCoreServer, BUILD_AND_START_MS, startAspNetCoreServer } from "../../support/aspnetcore-server.js";
import { type RawAnswer, refused, startHubServer, stopAll } from "../../support/hub-server.js";
import { InteropHub } from "../../support/interop-hub.js";
import { callOf, HANDSHAKE, messagesOf, RawHttpClient, RawStream } from "../../support/raw-http-client.js";
import { describeWhen } from "../../support/requirements.js";

const CHANGED = "Cannot change transports mid-connection";
const NOT_ENDED = "Cannot terminate this connection using the DELETE endpoint.";
const STREAM = { accept: "text/event-stream" };
const HUB = "/contract";

const unsupported = (transport: string) => `${transport} transport not supported by this end point type`;

/** What a test compares. */
const shown = ({ status, body }: RawAnswer): string => `${status} ${body}`;

function conversations(portOf: () => number): void {
  const negotiated = (path = HUB): Promise<RawHttpClient> => RawHttpClient.negotiated(portOf(), path);
  const longPolling = (): Promise<RawHttpClient> => RawHttpClient.longPolling(portOf(), HUB);
  const stream = (): Promise<RawStream> => RawStream.connect(portOf(), HUB);

  test.each([
    ["GET", HUB, "400 Connection ID required"],
    ["POST", HUB, "400 Connection ID required"],
    ["DELETE", HUB, "400 Connection ID required"],
    ["GET", `${HUB}?id=unknown`, "404 No Connection with that ID"],
    ["POST", `${HUB}?id=unknown`, "404 No Connection with that ID"],
    ["DELETE", `${HUB}?id=unknown`, "404 No Connection with that ID"],
    ["PUT", `${HUB}?id=unknown`, "405 "],
  ])("%s %s", async (method, path, answer) => {
    expect(shown(await new RawHttpClient(portOf(), path).send(method))).toBe(answer);
  });

  test("a connection that was only negotiated cannot be ended", async () => {
    expect(shown(await (await negotiated()).send("DELETE"))).toBe(`400 ${NOT_ENDED}`);
  });

  test("transports that are off", async () => {
    const webSocketsOnly = await negotiated("/websockets-only");
    expect(shown(await webSocketsOnly.poll())).toBe(`404 ${unsupported("LongPolling")}`);
    expect(shown(await webSocketsOnly.send("GET", undefined, STREAM))).toBe(`404 ${unsupported("ServerSentEvents")}`);
    const others = await negotiated("/no-websockets");
    expect(await refused(portOf(), others.path)).toMatchObject({ status: 404, body: unsupported("WebSockets") });
  });

  test("a polling connection keeps its transport", async () => {
    const client = await longPolling();
    expect(shown(await client.send("GET", undefined, STREAM))).toBe(`400 ${CHANGED}`);
    expect(await refused(portOf(), client.path)).toMatchObject({ status: 400, body: CHANGED });
    await client.post(callOf("1", "Add", 1, 2));
    expect(await client.pollMessages()).toEqual([{ type: 3, invocationId: "1", result: 3 }]);
  });

  test("a stream keeps its transport, and is one", async () => {
    const client = await stream();
    expect(await client.send("GET", undefined, STREAM)).toMatchObject({ status: 409 });
    expect(shown(await client.poll())).toBe(`400 ${CHANGED}`);
    expect(await refused(portOf(), client.path)).toMatchObject({ status: 400, body: CHANGED });
    expect(shown(await client.send("DELETE"))).toBe(`400 ${NOT_ENDED}`);
    await client.post(callOf("1", "Add", 1, 2));
    expect(await client.next()).toEqual([{ type: 3, invocationId: "1", result: 3 }]);
    client.destroy();
  });

  test("polls: the first one at once and empty, then data, and nothing is cached", async () => {
    const client = await negotiated();
    const uncached = { "cache-control": "no-cache, no-store", pragma: "no-cache" };
    const first = await client.poll();
    expect(first).toMatchObject({ status: 200, body: "", headers: { ...uncached, "content-length": "0" } });
    const second = client.begin("GET", "");
    await client.post(HANDSHAKE);
    const headers = { ...uncached, "content-type": "application/octet-stream", "content-length": "3" };
    expect(await second.answer()).toMatchObject({ status: 200, body: "{}\u001e", headers });
  });

  test("what was written between polls comes together", async () => {
    const client = await longPolling();
    await client.post(callOf("1", "Burst", 5) + callOf("2", "Nothing"));
    const messages = [];
    while (messages.length < 7) messages.push(...(await client.pollMessages()));
    expect(messages.map((message) => message.type)).toEqual([1, 1, 1, 1, 1, 3, 3]);
  });

  test("a DELETE ends the connection", async () => {
    const client = await longPolling();
    await client.post(callOf("1", "Nothing"));
    await client.pollMessages();
    expect(shown(await client.send("DELETE"))).toBe("202 ");
    // The original server still answers one poll while it clears up.
    for (let answer = await client.poll(); answer.status !== 404; answer = await client.poll()) {
      expect([200, 204]).toContain(answer.status);
    }
  });

  test("when the hub aborts, the next polls bring its goodbye, and that it was the last", async () => {
    const client = await longPolling();
    await client.post(callOf("1", "AbortMe"));
    expect((await client.pollMessages()).at(-1)).toEqual({ type: 7 });
    expect(shown(await client.poll())).toBe("204 ");
  });

  test("a stream begins with a comment, and each message is an event", async () => {
    const client = await stream();
    await client.post(callOf("1", "Echo", "a\nb"));
    await client.next();
    expect(client.text).toBe(
      ':\r\ndata: {}\u001e\r\n\r\ndata: {"type":3,"invocationId":"1","result":"a\\nb"}\u001e\r\n\r\n',
    );
    expect(client.response).toMatchObject({
      statusCode: 200,
      headers: {
        "content-type": "text/event-stream",
        "cache-control": "no-cache,no-store",
        "content-encoding": "identity",
        pragma: "no-cache",
      },
    });
    await client.post(callOf("2", "AbortMe"));
    expect(await client.rest()).toContainEqual({ type: 7 });
  });

  test("the server pings streams, and not polls", async () => {
    const events = await stream();
    const polling = await longPolling();
    const poll = polling.begin("GET", "");
    // This hub pings each second.
    expect([await events.next(), await events.next()]).toEqual([[{ type: 6 }], [{ type: 6 }]]);
    await polling.post(callOf("1", "Add", 1, 2));
    expect(messagesOf((await poll.answer()).body)).toEqual([{ type: 3, invocationId: "1", result: 3 }]);
    events.destroy();
  });
}

describe("our server", () => {
  let port: number;

  beforeAll(async () => {
    const started = await startHubServer((hubs) => {
      hubs.mapHub(HUB, InteropHub, { keepAliveInterval: 1_000, clientTimeoutInterval: 6_000 });
      hubs.mapHub("/websockets-only", InteropHub, { transports: ["WebSockets"] });
      hubs.mapHub("/no-websockets", InteropHub, { transports: ["LongPolling", "ServerSentEvents"] });
    });
    ({ port } = started);
  });

  afterAll(stopAll);

  conversations(() => port);
});

describeWhen("dotnet", "the original server", () => {
  let server: AspNetCoreServer;

  beforeAll(async () => {
    server = await startAspNetCoreServer();
  }, BUILD_AND_START_MS);

  afterAll(() => server.stop());

  conversations(() => Number(new URL(server.url).port));
});

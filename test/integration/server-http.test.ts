/** The HTTP side of the hub server over real sockets: negotiation, paths, statuses (TRANSPORTS §1 and §2). */
import { createConnection } from "node:net";
import type { HubUser } from "../../src/server/index.js";
import { negotiate, RawClient, refused, send, startHubServer, stopAll } from "../support/hub-server.js";
import { WhoHub } from "../support/who-hub.js";

afterEach(stopAll);

describe("negotiate", () => {
  test("version 1 has an id and a secret token", async () => {
    const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WhoHub));
    const { status, headers, body } = await send(port, "POST", "/hub/negotiate?negotiateVersion=1");
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "content-type": "application/json", "content-length": `${body.length}` });
    expect(headers).not.toHaveProperty("access-control-allow-origin");
    const id = expect.stringMatching(/^[\w-]{22}$/) as string;
    expect(JSON.parse(body)).toEqual({
      negotiateVersion: 1,
      connectionId: id,
      connectionToken: id,
      availableTransports: [
        { transport: "WebSockets", transferFormats: ["Text", "Binary"] },
        { transport: "ServerSentEvents", transferFormats: ["Text"] },
        { transport: "LongPolling", transferFormats: ["Text", "Binary"] },
      ],
    });
    expect(Object.keys(JSON.parse(body))).toEqual([
      "negotiateVersion",
      "connectionId",
      "connectionToken",
      "availableTransports",
    ]);
  });

  test.each([
    ["", 0],
    ["negotiateVersion=0", 0],
    ["NEGOTIATEVERSION=1", 1],
    ["negotiateVersion=7", 1],
  ])("?%s is answered with version %d", async (query, version) => {
    const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WhoHub));
    const answer = await negotiate(port, "/hub", query);
    expect(answer.negotiateVersion).toBe(version);
    expect("connectionToken" in answer).toBe(version > 0);
    const client = await RawClient.connect(port, `/hub?id=${answer.connectionToken ?? answer.connectionId}`);
    client.socket.close();
  });

  test.each([
    ["negotiateVersion=x", "The client requested an invalid protocol version 'x'"],
    ["negotiateVersion=", "The client requested an invalid protocol version ''"],
    ["negotiateVersion=1&negotiateVersion=1", "The client requested an invalid protocol version '1,1'"],
    ["negotiateVersion=-1", "The client requested version '-1', but the server does not support this version."],
  ])("?%s is an error in the body", async (query, error) => {
    const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WhoHub));
    expect(await negotiate(port, "/hub", query)).toEqual({ error });
  });

  test("lists no transport when all are off", async () => {
    const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WhoHub, { transports: [] }));
    const { connectionToken, availableTransports } = await negotiate(port, "/hub");
    expect(availableTransports).toEqual([]);
    expect(await refused(port, `/hub?id=${connectionToken}`)).toMatchObject({
      status: 404,
      body: "WebSockets transport not supported by this end point type",
    });
  });

  test("throws a body away, and drops a client that sends too much of it", async () => {
    const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WhoHub));
    expect(await send(port, "POST", "/hub/negotiate", {}, "x".repeat(10_000))).toMatchObject({ status: 200 });
    const socket = createConnection(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write("POST /hub/negotiate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    const pump = (): void => void (socket.writable && socket.write(chunk, pump));
    pump();
    await new Promise((resolve) => socket.resume().on("close", resolve));
  });
});

describe("paths", () => {
  test.each(["/hub/negotiate", "/HUB/Negotiate", "/hub/negotiate/", "/hub/negotiate?x=/other"])(
    "%s is the hub's",
    async (path) => {
      const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WhoHub));
      expect(await send(port, "POST", path)).toMatchObject({ status: 200 });
    },
  );

  test.each([
    "/",
    "/hubs/negotiate",
    "/hub/negotiate/x",
    "/x/hub/negotiate",
    "/hub//negotiate",
    "/x/../hub/negotiate",
    "/hub/./negotiate",
    "/%68ub/negotiate",
    "/hub%2Fnegotiate",
    "/hub;x/negotiate",
    "/hub\\negotiate",
    "//hub/negotiate",
    "/?/hub/negotiate",
    "http://127.0.0.1/hub/negotiate",
  ])("%s is not", async (path) => {
    const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WhoHub));
    expect(await send(port, "POST", path)).toMatchObject({ status: 404, body: "not a hub" });
  });

  test("a hub may be at the root, and another below it", async () => {
    const { port } = await startHubServer((hubs) => hubs.mapHub("/", WhoHub).mapHub("/negotiate/", WhoHub));
    expect(await send(port, "POST", "/negotiate/negotiate")).toMatchObject({ status: 200 });
    expect(await send(port, "POST", "/negotiate")).toMatchObject({ status: 400, body: "Connection ID required" });
    (await RawClient.connect(port, "/")).socket.close();
  });
});

/** Puts what only the test run knows into a path. */
function fill(path: string, values: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => values[name] ?? "");
}

describe("methods and ids", () => {
  test.each([
    ["GET", "/hub/negotiate", 405, ""],
    ["DELETE", "/hub/negotiate", 405, ""],
    ["GET", "/hub", 400, "Connection ID required"],
    ["POST", "/hub", 400, "Connection ID required"],
    ["DELETE", "/hub", 400, "Connection ID required"],
    ["PUT", "/hub", 405, ""],
    ["OPTIONS", "/hub", 405, ""],
    ["GET", "/hub?id=unknown", 404, "No Connection with that ID"],
    ["POST", "/hub?id=unknown", 404, "No Connection with that ID"],
    ["GET", "/hub?id={used}", 400, "Cannot change transports mid-connection"],
    ["POST", "/hub?id={token}", 400, "The connection is not open yet."],
    ["GET", "/hub?id={id}", 404, "No Connection with that ID"],
    ["GET", "/hub?id={token}&id={token}", 404, "No Connection with that ID"],
    ["GET", "/hub?id={token}%00", 404, "No Connection with that ID"],
    ["DELETE", "/hub?id={token}", 400, "Cannot terminate this connection using the DELETE endpoint."],
    ["POST", "/hub?id={used}", 405, "POST requests are not allowed for WebSocket connections."],
    ["POST", "/other?id={token}", 404, "No Connection with that ID"],
  ])("%s %s is answered with %d", async (method, path, status, body) => {
    const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WhoHub).mapHub("/other", WhoHub));
    const { connectionId, connectionToken } = await negotiate(port, "/hub");
    const { connectionToken: inUse } = await negotiate(port, "/hub");
    const client = await RawClient.connect(port, `/hub?id=${inUse}`);
    const target = fill(path, { id: connectionId, token: connectionToken, used: inUse });
    expect(await send(port, method, target)).toMatchObject({ status, body });

    // Nothing else has changed: both connections are still there.
    client.call("1", "whoAmI");
    expect(await client.next()).toEqual({ type: 3, invocationId: "1", result: null });
    (await RawClient.connect(port, `/hub?id=${connectionToken}`)).socket.close();
  });

  test.each([
    ["WebSockets", {}, "LongPolling"],
    ["WebSockets", { accept: "text/html, text/event-stream;q=0.5" }, "ServerSentEvents"],
    ["LongPolling", { accept: "TEXT/EVENT-STREAM" }, "ServerSentEvents"],
    ["ServerSentEvents", { accept: "text/event-streams, text/*, */*" }, "LongPolling"],
  ] as const)("a hub with nothing but %s answers %j: no %s", async (only, headers, name) => {
    const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WhoHub, { transports: [only] }));
    const { connectionToken, availableTransports } = await negotiate(port, "/hub");
    expect(availableTransports).toMatchObject([{ transport: only }]);
    expect(await send(port, "GET", `/hub?id=${connectionToken}`, headers)).toMatchObject({
      status: 404,
      body: `${name} transport not supported by this end point type`,
    });
    if (only !== "WebSockets") {
      expect(await refused(port, `/hub?id=${connectionToken}`)).toMatchObject({
        status: 404,
        body: "WebSockets transport not supported by this end point type",
      });
    }
  });

  test.each([
    ["/hub?id=unknown", 404, "No Connection with that ID"],
    ["/hub?id=", 404, "No Connection with that ID"],
    ["/hub?id={id}", 404, "No Connection with that ID"],
    ["/hub?id={token}&id={token}", 404, "No Connection with that ID"],
    ["/other?id={token}", 404, "No Connection with that ID"],
    ["/nowhere", 404, ""],
    ["/hub/negotiate", 404, ""],
  ])("an upgrade to %s is answered with %d", async (path, status, body) => {
    const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WhoHub).mapHub("/other", WhoHub));
    const { connectionId, connectionToken } = await negotiate(port, "/hub");
    const target = fill(path, { id: connectionId, token: connectionToken });
    expect(await refused(port, target)).toMatchObject({ status, body });
    (await RawClient.connect(port, `/hub?id=${connectionToken}`)).socket.close();
  });

  test("a second socket on a token is refused, during the connection and after it", async () => {
    const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WhoHub));
    const { connectionToken } = await negotiate(port, "/hub");
    const client = await RawClient.connect(port, `/hub?id=${connectionToken}`);
    expect(await refused(port, `/hub?id=${connectionToken}`)).toMatchObject({ status: 409 });
    client.call("1", "whoAmI");
    expect(await client.next()).toMatchObject({ result: null });
    client.sendText('{"type":7}\u001e');
    await client.closed;
    expect(await refused(port, `/hub?id=${connectionToken}`)).toMatchObject({ status: 404 });
  });

  test("of two sockets at once on a token one gets it", async () => {
    const authenticate = () => new Promise<HubUser>((resolve) => setImmediate(resolve, {}));
    const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WhoHub, { authenticate }));
    const { connectionToken } = await negotiate(port, "/hub");
    const tries = await Promise.allSettled(
      [1, 2, 3].map(async () => {
        const client = await RawClient.connect(port, `/hub?id=${connectionToken}`);
        client.socket.close();
      }),
    );
    expect(tries.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
  });

  test("an upgrade to something else is refused, and costs no connection", async () => {
    const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WhoHub), { maximumConnections: 1 });
    for (const headers of [
      { upgrade: "h2c", connection: "upgrade" },
      { upgrade: "websocket", connection: "upgrade" },
      { upgrade: "websocket", connection: "upgrade", "sec-websocket-version": "99", "sec-websocket-key": "x" },
    ]) {
      expect(await send(port, "GET", "/hub", headers)).toMatchObject({ status: 400 });
    }
    (await RawClient.connect(port, "/hub")).socket.close();
  });
});

describe("limits", () => {
  test("of connections hold for negotiations too, until they expire or end", async () => {
    const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WhoHub), { maximumConnections: 2 });
    const { connectionToken } = await negotiate(port, "/hub");
    const direct = await RawClient.connect(port, "/hub");
    expect(await send(port, "POST", "/hub/negotiate")).toMatchObject({ status: 503 });
    expect(await refused(port, "/hub")).toMatchObject({ status: 503 });
    const negotiated = await RawClient.connect(port, `/hub?id=${connectionToken}`);
    expect(await refused(port, "/hub")).toMatchObject({ status: 503 });
    direct.sendText('{"type":7}\u001e');
    await direct.closed;
    (await RawClient.connect(port, "/hub")).socket.close();
    negotiated.socket.close();
  });

  test("of one hub leave the others alone", async () => {
    const { port } = await startHubServer((hubs) => {
      hubs.mapHub("/small", WhoHub, { maximumConnections: 1 }).mapHub("/hub", WhoHub);
    });
    await negotiate(port, "/small");
    expect(await refused(port, "/small")).toMatchObject({ status: 503 });
    expect(await send(port, "POST", "/hub/negotiate")).toMatchObject({ status: 200 });
  });
});

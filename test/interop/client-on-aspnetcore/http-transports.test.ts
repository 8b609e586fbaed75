/** Server-Sent Events and Long Polling against the real server, beyond the contract: requests, tokens, losses and ends, over both. */
import { Deferred } from "../../../src/common/deferred.js";
import {
  DefaultHttpClient,
  HttpClient,
  HttpTransportType,
  type HttpRequest,
  type HttpResponse,
  type IHttpConnectionOptions,
} from "../../../src/index.js";
import { BUILD_AND_START_MS, startAspNetCoreServer } from "../../support/aspnetcore-server.js";
import { describeWhen } from "../../support/requirements.js";
import { TcpProxy } from "../../support/tcp-proxy.js";
import { calls, RealHub } from "../../support/real-hub.js";
import { failureOf, nextCall } from "../../support/witness.js";

const names = ["ServerSentEvents", "LongPolling"] as const;

/** Sends requests with a token that the server refuses, as long as the connection holds the one that has expired. */
class ExpiringClient extends HttpClient {
  readonly #client = new DefaultHttpClient();
  /** The token that is good no more. */
  expired: string | undefined;
  /** The methods that it is not good for any more. */
  methods = ["GET", "POST"];
  /** Requests that were sent with it. */
  readonly refused: string[] = [];

  send(request: HttpRequest): Promise<HttpResponse> {
    const { headers, method = "" } = request;
    const isExpired = this.expired && headers?.["Authorization"] === `Bearer ${this.expired}`;
    if (!isExpired || !this.methods.includes(method)) return this.#client.send(request);
    this.refused.push(method);
    return this.#client.send({ ...request, headers: { ...headers, Authorization: "Bearer expired" } });
  }
}

for (const name of names) {
  describeWhen("dotnet", `${name} on ASP.NET Core`, () => {
    const hub = new RealHub();
    const builder = (path = "/hub", options: IHttpConnectionOptions = {}) =>
      hub.builder(path, { transport: HttpTransportType[name], ...options });
    const connect = (path?: string, options?: IHttpConnectionOptions) => hub.connect(builder(path, options));

    test("connects, calls and is called", async () => {
      const connection = await connect();
      expect(connection.transport).toBe(name);
      const inbox = calls(connection, "Received");
      await expect(connection.invoke("MyConnectionId")).resolves.toBe(connection.connectionId);
      await expect(connection.invoke("EchoMany", "ä\r\n\u2028😀", 1, true, ["x"])).resolves.toEqual([
        "ä\r\n\u2028😀",
        1,
        true,
        ["x"],
      ]);
      await connection.send("SendToCaller", "hello");
      await expect(inbox.next()).resolves.toEqual(["caller", "hello"]);
      expect((await failureOf(connection.invoke("ThrowHub", "no"))).message).toContain("HubException: no");
    });

    test("calls made together share requests, and arrive in order", async () => {
      const marker = hub.newMarker();
      const connection = await connect(`/hub?marker=${marker}`);
      const texts = Array.from({ length: 500 }, (_, index) => `note ${index}`);
      await Promise.all(texts.map((text) => connection.send("Note", text)));
      await expect(connection.invoke("Notes")).resolves.toEqual(texts);
      const requests = await hub.server.requests(marker);
      const posts = requests.filter(({ method, path }) => method === "POST" && path === "/hub");
      expect(posts.length).toBeLessThan(20);
      for (const { headers } of posts) expect(headers["content-type"]).toBe("text/plain;charset=UTF-8");
    });

    test("large messages go both ways", async () => {
      const connection = await connect("/large");
      const text = "xyz😀".repeat(600_000);
      await expect(connection.invoke("LengthOf", text)).resolves.toBe(text.length);
      await expect(connection.invoke("Echo", text)).resolves.toBe(text);
    });

    test("stop says goodbye: the server sees a clean end", async () => {
      const marker = hub.newMarker();
      const connection = await connect(`/hub?marker=${marker}`);
      const { connectionId } = connection;
      const closed = jest.fn();
      connection.onclose(closed);
      await connection.stop();
      expect(closed.mock.calls).toEqual([[undefined]]);
      await expect(hub.server.waitForEvent("disconnected", { connectionId })).resolves.toMatchObject({ detail: null });
      await connection.start();
      expect(connection.connectionId).not.toBe(connectionId);
    });

    test("what was sent right before stop arrives", async () => {
      const connection = await connect();
      const other = await hub.connect();
      const inbox = calls(other, "Received");
      const sent = connection.send("SendToConnection", other.connectionId, "last words");
      await connection.stop();
      await sent;
      await expect(inbox.next()).resolves.toEqual(["connection", "last words"]);
    });

    test("a network that resets everything is reconnected, with a new id", async () => {
      const proxy = await TcpProxy.start(hub.server.url);
      try {
        const connection = hub.build(
          builder().withUrl(`${proxy.url}/parallel`, HttpTransportType[name]).withAutomaticReconnect([0, 100, 200]),
        );
        await connection.start();
        const { connectionId } = connection;
        const lost = nextCall<Error>((callback) => connection.onreconnecting(callback));
        const reconnected = nextCall<string>((callback) => connection.onreconnected(callback));
        const inFlight = failureOf(connection.invoke("TakeLong", 600_000));
        await connection.invoke("Add", 1, 1);
        proxy.strike("reset");
        expect(await lost).toMatchObject({ name: "ConnectionError", code: "connection-lost" });
        expect(await inFlight).toMatchObject({ name: "ConnectionError", code: "connection-lost" });
        expect(await reconnected).toBe(connection.connectionId);
        expect(connection.connectionId).not.toBe(connectionId);
        expect(connection.transport).toBe(name);
        await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
        await connection.stop();
      } finally {
        await proxy.stop();
      }
    });

    test.each(["kill", "shutDown"] as const)(
      "a server that restarts on its port is found again (%s)",
      async (how) => {
        const server = await startAspNetCoreServer();
        const policy = { nextRetryDelayInMilliseconds: () => 50 };
        const connection = hub.build(builder().withUrl(`${server.url}/hub`).withAutomaticReconnect(policy));
        await connection.start();
        const reconnected = nextCall<string>((callback) => connection.onreconnected(callback));
        await server[how]();
        const second = await startAspNetCoreServer({ port: Number(new URL(server.url).port) });
        try {
          expect(await reconnected).toBe(connection.connectionId);
          expect(connection.transport).toBe(name);
          await expect(connection.invoke("MyConnectionId")).resolves.toBe(connection.connectionId);
          await connection.stop();
        } finally {
          await second.stop();
        }
      },
      BUILD_AND_START_MS,
    );

    test("token and headers travel in headers, never in the query", async () => {
      const marker = hub.newMarker();
      const accessTokenFactory = jest.fn(() => "good-ada");
      const headers = { "X-Custom": "mine" };
      const connection = await connect(`/secure?marker=${marker}&q=a/b`, { accessTokenFactory, headers });
      await expect(connection.invoke("WhoAmI")).resolves.toBe("ada");
      await connection.stop();
      const requests = await hub.server.requests(marker);
      expect(requests.length).toBeGreaterThan(3);
      for (const { headers, query } of requests) {
        expect(headers).toMatchObject({ authorization: "Bearer good-ada", "x-custom": "mine" });
        expect(headers["x-requested-with"]).toBe("XMLHttpRequest");
        expect(query).toMatchObject({ q: "a/b" });
        expect(query).not.toHaveProperty("access_token");
      }
      expect(accessTokenFactory).toHaveBeenCalledTimes(1);
      expect(hub.logged.join("\n")).not.toContain("good-ada");
    });

    test.each(name === "LongPolling" ? ["POST", "GET"] : ["POST"])(
      "a token that expires in mid-life is asked for again when a %s is refused, and nothing is lost",
      async (method) => {
        const httpClient = new ExpiringClient();
        httpClient.methods = [method];
        let count = 0;
        const accessTokenFactory = () => `good-user${++count}`;
        const connection = await connect("/secure", { accessTokenFactory, httpClient });
        const told = jest.fn();
        connection.onStateChange(told);
        httpClient.expired = "good-user1";
        for (const number of [1, 2, 3]) await expect(connection.invoke("Add", number, 0)).resolves.toBe(number);
        expect(httpClient.refused).toEqual([method]);
        expect(told).not.toHaveBeenCalled();
        expect(count).toBe(2);
      },
    );

    test("a token that stays refused ends the connection with the status, and fails the send that it was needed for", async () => {
      const httpClient = new ExpiringClient();
      const connection = await connect("/secure", { accessTokenFactory: () => "good-ada", httpClient });
      const closed = nextCall<Error>((callback) => connection.onclose(callback));
      httpClient.expired = "good-ada";
      expect(await failureOf(connection.send("Note", "lost"))).toMatchObject({ name: "HttpError", statusCode: 401 });
      expect(await closed).toMatchObject({ name: "HttpError", statusCode: 401 });
      expect(connection.state).toBe("Disconnected");
    });

    test("the opening request asks for the token again, too", async () => {
      const httpClient = new ExpiringClient();
      const tokens = ["good-first", "good-second"];
      const accessTokenFactory = () => tokens.shift() ?? "none";
      const send = httpClient.send.bind(httpClient);
      httpClient.send = (request) => {
        const negotiation = request.url?.includes("/negotiate");
        if (negotiation) request.headers = { ...request.headers, Authorization: "Bearer good-negotiator" };
        return send(request);
      };
      // The stream of events does not go through the user's client, so there the token itself has to be a bad one.
      if (name === "ServerSentEvents") tokens.splice(0, 1, "expired");
      else httpClient.expired = "good-first";
      const connection = await connect("/secure", { accessTokenFactory, httpClient });
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
      expect(tokens).toEqual([]);
    });

    test("a hub that does not offer it", async () => {
      const error = await failureOf(connect("/websockets-only"));
      expect(error).toMatchObject({ name: "ConnectFailedError" });
      expect(error.message).toContain("'WebSockets' skipped: disabled by the client.");
    });
  });
}

describeWhen("dotnet", "keep-alive of the HTTP transports", () => {
  const hub = new RealHub();

  test("pings of both sides keep an idle event stream alive", async () => {
    // This hub gives up on a client that is silent for 2 s, and this client on a server that is silent for 3.5 s.
    const builder = hub.builder("/quick", { transport: HttpTransportType.ServerSentEvents });
    const connection = await hub.connect(builder.withKeepAliveInterval(500).withServerTimeout(3_500));
    const told = jest.fn();
    connection.onStateChange(told);
    const observer = await hub.connect();
    await observer.invoke("TakeLong", 4_500);
    expect(told).not.toHaveBeenCalled();
  });

  test("Long Polling needs no pings and knows no server timeout", async () => {
    const marker = hub.newMarker();
    const builder = hub.builder(`/quick?marker=${marker}`, { transport: HttpTransportType.LongPolling });
    const connection = await hub.connect(builder.withKeepAliveInterval(100).withServerTimeout(300));
    const told = jest.fn();
    connection.onStateChange(told);
    const observer = await hub.connect();
    await observer.invoke("TakeLong", 3_500);
    expect(told).not.toHaveBeenCalled();
    const posts = (await hub.server.requests(marker)).filter(({ method }) => method === "POST");
    expect(posts).toHaveLength(2); // the negotiation and the handshake
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("a poll that is given up after its time is followed by a look whether the server is there, and another poll", async () => {
    const client = new DefaultHttpClient();
    const looked = new Deferred<number>();
    let isHasty = false;
    const httpClient = new (class extends HttpClient {
      async send(request: HttpRequest): Promise<HttpResponse> {
        const { method, content } = request;
        // One poll gets no time at all instead of its 100 s, and nothing is on its way to it then.
        const timeout = isHasty && method === "GET" ? 1 : request.timeout;
        if (timeout === 1) isHasty = false;
        const response = await client.send({ ...request, ...(timeout === undefined ? {} : { timeout }) });
        if (method === "POST" && content === "" && !request.url?.includes("/negotiate"))
          looked.resolve(response.statusCode);
        return response;
      }
    })();
    const options = { transport: HttpTransportType.LongPolling, httpClient };
    const connection = await hub.connect(hub.builder("/hub", options));
    isHasty = true;
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    await expect(looked.promise).resolves.toBe(200);
    await expect(connection.invoke("Add", 2, 2)).resolves.toBe(4);
  });
});

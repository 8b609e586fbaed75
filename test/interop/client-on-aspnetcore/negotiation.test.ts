/** The way to the real server: versions, redirects, errors, the user's query and headers, and connecting without negotiation. */
import {
  ConnectFailedError,
  HttpError,
  HttpTransportType,
  InvalidArgumentError,
  NegotiationError,
} from "../../../src/index.js";
import { describeWhen } from "../../support/requirements.js";
import { RealHub } from "../../support/real-hub.js";
import { failureOf, nextCall } from "../../support/witness.js";

describeWhen("dotnet", "negotiation with ASP.NET Core", () => {
  const hub = new RealHub();

  test("two requests: the negotiation, then the upgrade with its token; the user's query is on both", async () => {
    const marker = hub.newMarker();
    const connection = await hub.connect(hub.builder(`/hub?marker=${marker}&q=my/Data%20x&empty=&flag`));
    const [negotiate, upgrade, ...more] = await hub.server.requests(marker);
    expect(more).toEqual([]);
    const query = { marker, q: "my/Data x", empty: "", flag: "" };
    expect(negotiate).toMatchObject({
      method: "POST",
      path: "/hub/negotiate",
      isWebSocketUpgrade: false,
      query: { ...query, negotiateVersion: "1" },
    });
    expect(upgrade).toMatchObject({ method: "GET", path: "/hub", isWebSocketUpgrade: true, query });
    expect(upgrade?.query["id"]).toMatch(/^[\w-]{22}$/);
    expect(upgrade?.query["id"]).not.toBe(connection.connectionId);
    for (const { headers } of [negotiate, upgrade].filter((request) => request !== undefined)) {
      expect(headers["user-agent"]).toMatch(
        /^Microsoft SignalR\/\d+\.\d+ \([^;]+; Linux; NodeJS; [\d.]+\)$|^Microsoft SignalR\//,
      );
      expect(headers["x-requested-with"]).toBe("XMLHttpRequest");
      expect(headers).not.toHaveProperty("authorization");
    }
  });

  test("the user's headers are on both requests, and win", async () => {
    const marker = hub.newMarker();
    const headers = { "X-Custom": "value; with = signs", "user-agent": "mine/1.0", "X-User": "heading" };
    const connection = await hub.connect(hub.builder(`/hub?marker=${marker}`, { headers }));
    await expect(connection.invoke("WhoAmI")).resolves.toBe("heading");
    for (const request of await hub.server.requests(marker)) {
      expect(request.headers).toMatchObject({ "x-custom": headers["X-Custom"], "user-agent": "mine/1.0" });
    }
  });

  test.each(["/hub/", "/hub?", "/HUB", "/hub#fragment"])("the address may be written %s", async (path) => {
    const connection = await hub.connect(hub.builder(path));
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test.each([
    ["a server of version 0", "/version-zero?"],
    ["a query that asks for version 0", "/hub?negotiateVersion=0&"],
  ])("%s: the id is the token too", async (_name, path) => {
    const marker = hub.newMarker();
    const connection = await hub.connect(hub.builder(`${path}marker=${marker}`));
    await expect(connection.invoke("MyConnectionId")).resolves.toBe(connection.connectionId);
    const [, upgrade] = await hub.server.requests(marker);
    expect(upgrade?.query["id"]).toBe(connection.connectionId);
  });

  test.each(["/stateful", "/websockets-only", "/large", "/detailed"])("%s is a hub like any other", async (path) => {
    const connection = await hub.connect(hub.builder(path));
    expect(connection.transport).toBe("WebSockets");
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("a redirect leads to the other hub with its token; the user's factory is only asked before it", async () => {
    const marker = hub.newMarker();
    const accessTokenFactory = jest.fn(() => "good-own");
    const builder = hub.builder(`/redirect-to-secure?marker=${marker}`, { accessTokenFactory });
    const connection = await hub.connect(builder.withAutomaticReconnect([0]));
    await expect(connection.invoke("WhoAmI")).resolves.toBe("redirected");
    const seen = (await hub.server.requests(marker)).map(({ path, accessToken }) => [path, accessToken]);
    const once = [
      ["/redirect-to-secure/negotiate", "good-own"],
      ["/secure/negotiate", "good-redirected"],
      ["/secure", "good-redirected"],
    ];
    expect(seen).toEqual(once);
    expect(accessTokenFactory).toHaveBeenCalledTimes(1);
    expect(connection.baseUrl).toBe(`${hub.server.url}/redirect-to-secure?marker=${marker}`);

    // A reconnect begins anew, at the user's address and with the user's token.
    const reconnected = nextCall<string>((callback) => connection.onreconnected(callback));
    await hub.server.drop(connection.connectionId as string);
    await reconnected;
    const all = (await hub.server.requests(marker)).map(({ path, accessToken }) => [path, accessToken]);
    expect(all).toEqual([...once, ...once]);
  });

  test("redirects may follow each other, and may come without a token", async () => {
    const marker = hub.newMarker();
    const twice = await hub.connect(hub.builder(`/redirect-twice?marker=${marker}`));
    await expect(twice.invoke("WhoAmI")).resolves.toBe("redirected");
    expect((await hub.server.requests(marker)).map(({ path, accessToken }) => [path, accessToken])).toEqual([
      ["/redirect-twice/negotiate", null],
      ["/redirect-to-secure/negotiate", "good-first"],
      ["/secure/negotiate", "good-redirected"],
      ["/secure", "good-redirected"],
    ]);
    const plain = hub.builder("/redirect-without-token", { accessTokenFactory: () => "good-own" });
    await expect((await hub.connect(plain)).invoke("WhoAmI")).resolves.toBe("own");
    await expect((await hub.connect(hub.builder("/redirect"))).invoke("WhoAmI")).resolves.toBe("redirected");
  });

  test("redirects without end are given up after 100 requests", async () => {
    const marker = hub.newMarker();
    const error = await failureOf(hub.build(hub.builder(`/redirect-loop?marker=${marker}`)).start());
    expect(error).toBeInstanceOf(NegotiationError);
    expect(error.message).toContain("too many redirects");
    expect(await hub.server.requests(marker)).toHaveLength(100);
  });

  test.each([
    ["/negotiate-error", NegotiationError, "Negotiation refused by the test."],
    ["/not-json", NegotiationError, "is there a SignalR hub at this URL?"],
    ["/unavailable", HttpError, "Try later.: Status code '503'"],
    ["/classic", NegotiationError, "classic ASP.NET SignalR"],
    ["/nothing-here", HttpError, "Status code '404'"],
    ["/no-transports", ConnectFailedError, "No transport could be connected."],
  ])("%s: start rejects with what is wrong", async (path, errorClass, message) => {
    const connection = hub.build(hub.builder(path));
    const error = await failureOf(connection.start());
    expect(error).toBeInstanceOf(errorClass);
    expect(error.message).toContain(message);
    expect(connection.state).toBe("Disconnected");
  });

  test("transports that are unknown, missing or switched off are named with the reason", async () => {
    const attemptsOf = async (path: string, transport?: HttpTransportType) => {
      const error = await failureOf(hub.build(hub.builder(path, transport === undefined ? {} : { transport })).start());
      expect(error).toBeInstanceOf(ConnectFailedError);
      const { attempts } = error as ConnectFailedError;
      for (const attempt of attempts) expect(attempt.code).toBe("transport-skipped");
      return attempts.map((attempt) => attempt.transport);
    };
    expect(await attemptsOf("/unknown-transport")).toEqual(["CarrierPigeon"]);
    expect(await attemptsOf("/no-websockets", HttpTransportType.WebSockets)).toEqual([
      "ServerSentEvents",
      "LongPolling",
    ]);
    expect(await attemptsOf("/websockets-only", HttpTransportType.LongPolling)).toEqual(["WebSockets"]);
  });

  test.each([
    HttpTransportType.None,
    HttpTransportType.WebSockets,
    HttpTransportType.WebSockets | HttpTransportType.LongPolling,
  ])("transport %p allows WebSockets", async (transport) => {
    expect((await hub.connect(hub.builder("/hub", { transport }))).transport).toBe("WebSockets");
  });

  test("skipNegotiation: only the upgrade, without an id; the token goes with it", async () => {
    const marker = hub.newMarker();
    const transport = HttpTransportType.WebSockets;
    const options = { skipNegotiation: true, transport, accessTokenFactory: () => "good-skipper" };
    const connection = await hub.connect(hub.builder(`/secure?marker=${marker}`, options));
    expect(connection.connectionId).toBeNull();
    await expect(connection.invoke("WhoAmI")).resolves.toBe("skipper");
    const requests = await hub.server.requests(marker);
    expect(requests.map(({ path, isWebSocketUpgrade, query }) => [path, isWebSocketUpgrade, query])).toEqual([
      ["/secure", true, { marker }],
    ]);
  });

  test("skipNegotiation: reconnects, and tells no id", async () => {
    const options = { skipNegotiation: true, transport: HttpTransportType.WebSockets };
    const connection = await hub.connect(hub.builder("/hub", options).withAutomaticReconnect([0, 100]));
    const reconnected = nextCall<string>((callback) => connection.onreconnected(callback));
    connection.send("DropMe").catch(() => undefined);
    expect(await reconnected).toBeUndefined();
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("skipNegotiation needs WebSockets alone", async () => {
    const error = await failureOf(hub.build(hub.builder("/hub", { skipNegotiation: true })).start());
    expect(error).toBeInstanceOf(InvalidArgumentError);
  });

  test("baseUrl may be changed before the next start", async () => {
    const connection = hub.build(hub.builder("/nothing-here"));
    await failureOf(connection.start());
    connection.baseUrl = `${hub.server.url}/hub`;
    await connection.start();
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });
});

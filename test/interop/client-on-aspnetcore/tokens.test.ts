/** Access tokens on the real server: where they travel, how they are renewed, and where they must never appear. */
import { inspect } from "node:util";
import { ConnectFailedError, HttpError, HttpTransportType, NegotiationError } from "../../../src/index.js";
import { describeWhen } from "../../support/requirements.js";
import { RealHub } from "../../support/real-hub.js";
import { failureOf, nextCall } from "../../support/witness.js";

describeWhen("dotnet", "access tokens on ASP.NET Core", () => {
  const hub = new RealHub();

  test.each([
    ["a value", () => "good-ada"],
    ["a promise", () => Promise.resolve("good-ada")],
  ])("the factory's token (%s) is in the header of both requests, never in the query", async (_name, factory) => {
    const marker = hub.newMarker();
    const accessTokenFactory = jest.fn<string | Promise<string>, []>(factory);
    const connection = await hub.connect(hub.builder(`/secure?marker=${marker}`, { accessTokenFactory }));
    await expect(connection.invoke("WhoAmI")).resolves.toBe("ada");
    await expect(connection.invoke("Secret")).resolves.toBe("secret of ada");
    expect((await failureOf(connection.invoke("AdminSecret"))).message).toBe(
      "Failed to invoke 'AdminSecret' because user is unauthorized",
    );
    const requests = await hub.server.requests(marker);
    expect(requests.map(({ headers }) => headers["authorization"])).toEqual(["Bearer good-ada", "Bearer good-ada"]);
    for (const { query } of requests) expect(query).not.toHaveProperty("access_token");
    expect(accessTokenFactory).toHaveBeenCalledTimes(2);
  });

  test("each reconnect asks for a fresh token", async () => {
    let count = 0;
    const accessTokenFactory = () => `good-user${++count}`;
    const connection = await hub.connect(hub.builder("/secure", { accessTokenFactory }).withAutomaticReconnect([0]));
    await expect(connection.invoke("WhoAmI")).resolves.toBe("user2");
    const reconnected = nextCall<string>((callback) => connection.onreconnected(callback));
    await hub.server.drop(connection.connectionId as string);
    await reconnected;
    await expect(connection.invoke("WhoAmI")).resolves.toBe("user4");
  });

  // GAPS 25: the official client never gets to ask again.
  test("a refused token is asked for once more", async () => {
    const marker = hub.newMarker();
    const tokens = ["expired", "good-fresh", "good-fresh"];
    const accessTokenFactory = () => tokens.shift() ?? "";
    const connection = await hub.connect(hub.builder(`/secure?marker=${marker}`, { accessTokenFactory }));
    await expect(connection.invoke("WhoAmI")).resolves.toBe("fresh");
    expect((await hub.server.requests(marker)).map(({ path, accessToken }) => [path, accessToken])).toEqual([
      ["/secure/negotiate", "expired"],
      ["/secure/negotiate", "good-fresh"],
      ["/secure", "good-fresh"],
    ]);
  });

  test.each([
    ["no factory", undefined],
    ["an empty token", () => ""],
    ["no token", () => undefined as unknown as string],
    ["a wrong token", () => "wrong"],
  ])("with %s the start fails with the status", async (_name, accessTokenFactory) => {
    const connection = hub.build(hub.builder("/secure", accessTokenFactory ? { accessTokenFactory } : {}));
    const error = await failureOf(connection.start());
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ statusCode: 401 });
  });

  test("a token that is refused at the upgrade only fails there, with the status", async () => {
    const tokens = ["good-first", "wrong", "wrong"];
    const options = { accessTokenFactory: () => tokens.shift() ?? "", transport: HttpTransportType.WebSockets };
    const error = await failureOf(hub.build(hub.builder("/secure", options)).start());
    expect(error).toBeInstanceOf(ConnectFailedError);
    expect((error as ConnectFailedError).attempts[0]?.cause).toMatchObject({ statusCode: 401 });
  });

  test("a factory that fails fails the start with its message", async () => {
    for (const accessTokenFactory of [
      () => {
        throw new Error("no token today");
      },
      () => Promise.reject(new Error("no token today")),
    ]) {
      const error = await failureOf(hub.build(hub.builder("/secure", { accessTokenFactory })).start());
      expect(error).toBeInstanceOf(NegotiationError);
      expect(error.message).toContain("no token today");
    }
  });

  test("the user's own Authorization header is used when there is no factory", async () => {
    const headers = { Authorization: "Bearer good-header" };
    const connection = await hub.connect(hub.builder("/secure", { headers }));
    await expect(connection.invoke("WhoAmI")).resolves.toBe("header");
  });

  // With everything logged (`real-hub.ts` takes all levels) and message contents shown.
  test.each([
    ["a good connection", "/secure"],
    ["redirects", "/redirect-twice"],
    ["a refused negotiation", "/negotiate-error"],
    ["an answer that is none", "/not-json"],
    ["an unavailable server", "/unavailable"],
    ["no hub", "/nothing-here"],
    ["redirects without end", "/redirect-loop"],
    ["a server from before", "/classic"],
    ["no transport", "/no-transports"],
  ])("neither logs nor errors show tokens: %s", async (_name, path) => {
    const marker = hub.newMarker();
    const token = "good-TOPSECRET";
    const key = "QUERYSECRET";
    const builder = hub.builder(`${path}?marker=${marker}&key=${key}`, {
      accessTokenFactory: () => token,
      logMessageContent: true,
    });
    const connection = hub.build(builder.withAutomaticReconnect([0]));
    const texts: string[] = [];
    try {
      await connection.start();
      await connection.invoke("Add", 1, 1);
      const reconnected = nextCall<string>((callback) => connection.onreconnected(callback));
      connection.onreconnecting((error) => texts.push(inspect(error, { depth: 10 })));
      await hub.server.drop(connection.connectionId as string);
      await reconnected;
    } catch (thrown) {
      texts.push(inspect(thrown, { depth: 10, showHidden: true }));
    }
    await connection.stop();
    const requests = await hub.server.requests(marker);
    expect(requests.length).toBeGreaterThan(0);
    const connectionTokens = requests.flatMap(({ query }) => query["id"] ?? []);
    const text = [...hub.logged, ...texts].join("\n");
    for (const secret of ["TOPSECRET", key, "good-redirected", "good-first", ...connectionTokens]) {
      expect(text).not.toContain(secret);
    }
  });

  test("a failed upgrade does not show them either", async () => {
    const tokens = ["good-TOPSECRET", "TOPSECRET-wrong"];
    const builder = hub.builder("/secure?key=QUERYSECRET", { accessTokenFactory: () => tokens.shift() ?? "TOPSECRET" });
    const error = await failureOf(hub.build(builder).start());
    const text = [...hub.logged, inspect(error, { depth: 10, showHidden: true })].join("\n");
    expect(text).not.toMatch(/TOPSECRET|QUERYSECRET/);
    expect(text).not.toMatch(/[?&]id=/);
  });

  test("a token in the query of the address is the user's business", async () => {
    const options = { skipNegotiation: true, transport: HttpTransportType.WebSockets };
    const connection = await hub.connect(hub.builder("/secure?access_token=good-inquery", options));
    await expect(connection.invoke("WhoAmI")).resolves.toBe("inquery");
  });
});

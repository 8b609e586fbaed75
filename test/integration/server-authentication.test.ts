/** Authentication on the server, request by request: refreshes, and whose a connection stays (DOTNET11 §1). */
import { authenticate, bearer, startAuthenticated, tokenOf } from "../support/authenticated-hub.js";
import { negotiate, RawClient, send, stopAll } from "../support/hub-server.js";
import { callOf, RawHttpClient, RawStream } from "../support/raw-http-client.js";
import type { HubUser, MapHubOptions } from "../../src/server/index.js";
import { eventually } from "../support/witness.js";
import { connect, bodyOf, failure, DONE } from "../support/authenticated-client.js";

afterEach(async () => {
  jest.restoreAllMocks();
  await stopAll();
});

describe("the negotiation tells how long a token lasts", () => {
  test("in whole seconds, between the connection token and the transports", async () => {
    const { port } = await startAuthenticated();
    const answer = await negotiate(port, "/hub", "negotiateVersion=1", bearer(tokenOf("ada", "", 90.9)));
    expect(answer).toMatchObject({ tokenLifetimeSeconds: 90 });
    expect(Object.keys(answer)).toEqual([
      "negotiateVersion",
      "connectionId",
      "connectionToken",
      "tokenLifetimeSeconds",
      "availableTransports",
    ]);
  });

  test.each<[string, string, MapHubOptions]>([
    ["does not expire", tokenOf("ada"), {}],
    ["has expired", tokenOf("ada", "", -5), {}],
    ["expires at once", tokenOf("ada", "", 0.5), {}],
    ["cannot be refreshed", tokenOf("ada", "", 90), { enableAuthenticationRefresh: false }],
  ])("but not when it %s", async (_name, token, options) => {
    const { port } = await startAuthenticated(options);
    expect(await negotiate(port, "/hub", "negotiateVersion=1", bearer(token))).not.toHaveProperty(
      "tokenLifetimeSeconds",
    );
  });

  test.each([
    [tokenOf("ada"), 60],
    [tokenOf("ada", "", 90), 60],
    [tokenOf("ada", "", 30), 30],
  ])("and no longer than the server allows: %s", async (token, lifetime) => {
    const { port } = await startAuthenticated({ maximumAuthenticationExpiration: 60_000 });
    const answer = await negotiate(port, "/hub", "negotiateVersion=1", bearer(token));
    expect(answer).toMatchObject({ tokenLifetimeSeconds: lifetime });
  });

  test("and never more than clients understand", async () => {
    const { port } = await startAuthenticated();
    const answer = await negotiate(port, "/hub", "negotiateVersion=1", bearer(tokenOf("ada", "", 1e10)));
    expect(answer).toMatchObject({ tokenLifetimeSeconds: 2 ** 31 - 1 });
  });

  test.each([["soon"], [NaN], [new Date(NaN)], [{}]])("an expiresAt of %p is the server's fault", async (expiresAt) => {
    const { port, logged } = await startAuthenticated({ authenticate: () => ({ id: "ada", expiresAt }) as HubUser });
    expect(await send(port, "POST", "/hub/negotiate")).toMatchObject({ status: 500, body: "" });
    expect(logged.join("\n")).toContain("expiresAt");
  });

  test("which does not matter where nothing depends on it", async () => {
    const options = { authenticate: () => ({ id: "ada", expiresAt: "soon" }) as HubUser };
    const { port } = await startAuthenticated({ ...options, enableAuthenticationRefresh: false });
    expect(await send(port, "POST", "/hub/negotiate")).toMatchObject({ status: 200 });
  });
});

describe("a refresh", () => {
  test("is answered with the lifetime of the new token, and later calls have the new user", async () => {
    const site = await startAuthenticated();
    const { refresh, ask } = await connect(site, tokenOf("ada", "first", 60));
    expect(await ask("same")).toBe(true);
    const told = site.nextRefreshed();
    const answer = await refresh(tokenOf("ada", "second", 120));
    expect(answer).toMatchObject({ status: 200, body: '{"tokenLifetimeSeconds":120}' });
    expect(answer.headers).toMatchObject({ "content-type": "application/json", "content-length": "28" });
    await told;
    expect(await ask("who")).toEqual(["ada", "second"]);
    expect(await ask("same")).toBe(true);
    expect(site.refreshed).toEqual(["second"]);
  });

  test("is answered with {} when the new token does not expire", async () => {
    const { refresh } = await connect(await startAuthenticated());
    expect(await refresh(tokenOf("ada", "second"))).toMatchObject(DONE);
  });

  test("does not change the user of a call that runs, and the hub hears of it in its turn", async () => {
    const site = await startAuthenticated();
    const { client, refresh } = await connect(site);
    const begun = site.nextWaiting();
    client.call("1", "wait");
    await begun;
    client.call("2", "who"); // waits for the first one
    expect(await refresh(tokenOf("ada", "second"))).toMatchObject(DONE);
    expect(await refresh(tokenOf("ada", "third"))).toMatchObject(DONE);
    expect(site.refreshed).toEqual([]);
    site.release();
    expect([await client.next(), await client.next()]).toEqual([
      { type: 3, invocationId: "1", result: ["first", "first"] },
      { type: 3, invocationId: "2", result: ["ada", "third"] },
    ]);
    client.call("3", "who");
    await client.next();
    expect(site.refreshed).toEqual(["third"]); // the one in between is not the user's any more
  });

  test("of which there are many while a call runs waits as one", async () => {
    const told: string[] = [];
    const site = await startAuthenticated({
      filters: [{ invokeMethod: (invocation, next) => (told.push(invocation.method), next(invocation)) }],
    });
    const { client, refresh } = await connect(site);
    const begun = site.nextWaiting();
    client.call("1", "wait");
    await begun;
    for (const tag of ["second", "third", "fourth"]) expect(await refresh(tokenOf("ada", tag))).toMatchObject(DONE);
    site.release();
    await client.next();
    client.call("2", "who");
    expect(await client.next()).toMatchObject({ result: ["ada", "fourth"] });
    expect(told).toEqual(["wait", "onAuthenticationRefreshed", "who"]);
    expect(site.refreshed).toEqual(["fourth"]);
  });

  test("that comes before onConnected is done is told behind it", async () => {
    const site = await startAuthenticated();
    let connected = (): void => undefined;
    site.onConnected = () => new Promise<void>((resolve) => (connected = resolve));
    const { refresh, ask } = await connect(site);
    expect(await refresh(tokenOf("ada", "second"))).toMatchObject(DONE);
    expect(site.refreshed).toEqual([]);
    const told = site.nextRefreshed();
    connected();
    await told;
    expect(await ask("who")).toEqual(["ada", "second"]);
  });

  test.each([
    ["throws", () => Promise.reject(new Error("hook failed")), "hook failed"],
    [
      "asks a client",
      (hub: { clients: { caller: { invoke(name: string): unknown } } }) => hub.clients.caller.invoke("Ask"),
      "asked for results inside onAuthenticationRefreshed",
    ],
  ])("is not undone by a hook that %s", async (_name, hook, logged) => {
    const site = await startAuthenticated();
    const { refresh, ask } = await connect(site);
    site.onRefreshed = hook;
    expect(await refresh(tokenOf("ada", "second"))).toMatchObject(DONE);
    expect(await ask("who")).toEqual(["ada", "second"]);
    expect(site.logged.join("\n")).toContain(logged);
  });

  test("cannot be called as a method", async () => {
    const { client } = await connect(await startAuthenticated());
    client.call("1", "onAuthenticationRefreshed");
    expect(await client.next()).toMatchObject({ error: expect.stringContaining("Method does not exist") });
  });

  test("works over the transports without a socket too", async () => {
    const site = await startAuthenticated();
    const headers = bearer(tokenOf("ada", "first"));
    const stream = await RawStream.connect(site.port, "/hub", headers);
    const refreshOf = (path: string) =>
      send(site.port, "POST", path.replace("/hub?", "/hub/refresh?"), bearer(tokenOf("ada", "second")));
    expect(await refreshOf(stream.path)).toMatchObject(DONE);
    await stream.post(callOf("1", "who"));
    expect(await stream.next()).toMatchObject([{ result: ["ada", "second"] }]);
    const polling = await RawHttpClient.longPolling(site.port, "/hub", headers);
    expect(await refreshOf(polling.path)).toMatchObject(DONE);
    await polling.post(callOf("1", "who"));
    expect(await polling.pollMessages()).toMatchObject([{ result: ["ada", "second"] }]);
    stream.destroy();
  });
});

describe("a refresh is refused", () => {
  test.each([
    ["GET", "?id={token}", 405, ""],
    ["POST", "", 400, failure("missing_connection_token")],
    ["POST", "?id=", 400, failure("missing_connection_token")],
    ["POST", "?id=unknown", 404, failure("connection_not_found")],
    ["POST", "?id={id}", 404, failure("connection_not_found")],
    ["POST", "?id={negotiated}", 404, failure("connection_not_found")],
    ["POST", "?id={old}", 400, failure("unsupported_negotiate_version")],
  ])("%s /hub/refresh%s: %d %s", async (method, query, status, body) => {
    const site = await startAuthenticated();
    const headers = bearer(tokenOf("ada", "first"));
    const { connectionId, connectionToken } = await connect(site);
    const negotiated = await negotiate(site.port, "/hub", "negotiateVersion=1", headers);
    const { connectionId: old } = await negotiate(site.port, "/hub", "", headers);
    await RawClient.connect(site.port, `/hub?id=${old}`, headers);
    const values = { token: connectionToken, id: connectionId, negotiated: negotiated.connectionToken, old };
    const path = query.replace(/\{(\w+)\}/, (_match, name: keyof typeof values) => values[name]);
    const answer = await send(site.port, method, `/hub/refresh${path}`, bearer(tokenOf("ada", "second")));
    expect(answer).toMatchObject({ status, body });
    if (body) expect(answer.headers["content-type"]).toBe("application/json");
  });

  test.each([
    ["from nobody", tokenOf("stranger"), 401, ""],
    ["by another user", tokenOf("eve", "second"), 403, failure("user_changed")],
    ["by a user without an id", tokenOf("", "second"), 403, failure("user_changed")],
    ["that the application does not allow", tokenOf("ada", "no"), 403, failure("permission_change_rejected")],
    ["on which the application fails", tokenOf("ada", "fail"), 500, ""],
  ])("%s, and nothing changes", async (_name, token, status, body) => {
    const asked: unknown[] = [];
    const site = await startAuthenticated({
      onAuthenticationRefresh: ({ newUser }) => {
        const { tag } = newUser as { tag: string };
        asked.push(tag);
        if (tag === "fail") throw new Error("the application failed");
        return tag !== "no";
      },
    });
    const { refresh, ask } = await connect(site);
    expect(await refresh(token)).toMatchObject({ status, body });
    expect(await ask("who")).toEqual(["ada", "first"]);
    expect(asked.length).toBe(status === 500 || body.includes("rejected") ? 1 : 0);
    expect(await refresh(tokenOf("ada", "fine"))).toMatchObject(DONE);
    expect(await ask("who")).toEqual(["ada", "fine"]);
  });

  test("where it is switched off: the path is not the hub's", async () => {
    const site = await startAuthenticated({ enableAuthenticationRefresh: false });
    const { refresh } = await connect(site);
    expect(await refresh(tokenOf("ada", "second"))).toMatchObject({ status: 404, body: "not a hub" });
  });

  test("when the connection ends while the application thinks about it", async () => {
    let decide = (): void => undefined;
    const asked = new Promise<void>((resolve) => (decide = resolve));
    const site = await startAuthenticated({
      onAuthenticationRefresh: async ({ connectionId, previousUser }) => {
        client.client.socket.terminate();
        await asked;
        expect([connectionId, previousUser]).toEqual([client.connectionId, { id: "ada", tag: "first" }]);
        return true;
      },
    });
    const client = await connect(site);
    const refreshing = client.refresh(tokenOf("ada", "second"));
    await eventually(() => site.ends.length > 0);
    decide();
    expect(await refreshing).toMatchObject({ status: 404, body: failure("connection_not_found") });
    expect(site.refreshed).toEqual([]);
  });

  test("users without ids are the same when all of them but the expiry is", async () => {
    const site = await startAuthenticated();
    const { refresh } = await connect(site, tokenOf("", "guest", 60));
    expect(await refresh(tokenOf("", "guest", 120))).toMatchObject({ body: '{"tokenLifetimeSeconds":120}' });
    expect(await refresh(tokenOf("", "admin", 180))).toMatchObject({ status: 403, body: failure("user_changed") });
    expect(await refresh(tokenOf("ada", "guest", 180))).toMatchObject({ status: 403, body: failure("user_changed") });
  });

  test("the application is told what it decides about", async () => {
    const contexts: unknown[] = [];
    const site = await startAuthenticated({
      maximumAuthenticationExpiration: 60_000,
      onAuthenticationRefresh: ({ newExpiration, newUser, request }) => {
        contexts.push([newExpiration, newUser, request.url?.split("?")[0]]);
        return true;
      },
    });
    const { refresh } = await connect(site);
    await refresh(tokenOf("ada", "second", 30));
    const newUser = { id: "ada", tag: "second", expiresAt: new Date(Date.now() + 30_000) };
    expect(contexts).toEqual([[new Date(Date.now() + 30_000), newUser, "/hub/refresh"]]);
  });
});

test("pages of other origins may refresh as they may connect", async () => {
  const site = await startAuthenticated({ allowedOrigins: ["https://app.test"] });
  const { connectionToken } = await connect(site);
  const path = `/hub/refresh?id=${connectionToken}`;
  const headers = { ...bearer(tokenOf("ada", "second")), origin: "https://app.test" };
  const preflight = { origin: headers.origin, "access-control-request-method": "POST" };
  expect(await send(site.port, "OPTIONS", path, preflight)).toMatchObject({ status: 204 });
  const answer = await send(site.port, "POST", path, headers);
  expect(answer).toMatchObject(DONE);
  expect(answer.headers).toMatchObject({ "access-control-allow-origin": "https://app.test" });
  expect(await send(site.port, "POST", path, { ...headers, origin: "https://evil.test" })).toMatchObject({
    status: 403,
  });
});

test("tokens are not logged, whatever happens to them", async () => {
  const site = await startAuthenticated({
    onAuthenticationRefresh: ({ newUser }) => (newUser as { tag: string }).tag !== "no",
  });
  const { connectionToken, refresh } = await connect(site, tokenOf("ada", "SECRET", 60));
  for (const token of [
    tokenOf("ada", "no"),
    tokenOf("eve", "SECRET"),
    tokenOf("stranger", "SECRET"),
    tokenOf("ada", "SECRET", 120),
  ]) {
    await refresh(token);
  }
  expect(authenticate({ headers: bearer(tokenOf("ada", "SECRET")) } as never)).toMatchObject({ tag: "SECRET" });
  expect(site.logged.join("\n")).not.toMatch(new RegExp(`SECRET|${connectionToken}`));
  expect(bodyOf(await refresh(tokenOf("ada", "last", 180)))).toEqual({ tokenLifetimeSeconds: 180 });
});

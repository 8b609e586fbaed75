/** Requests that bring authentication of their own for a connection that is open: polls, and WebSockets that resume (DOTNET11 §1.7). */
import { bearer, startAuthenticated, tokenOf, type AuthenticatedSite } from "../support/authenticated-hub.js";
import { negotiate, RawClient, refused, stopAll } from "../support/hub-server.js";
import { callOf, RawHttpClient } from "../support/raw-http-client.js";
import { failure } from "../support/authenticated-client.js";

afterEach(async () => {
  jest.restoreAllMocks();
  await stopAll();
});

describe("a poll brings authentication of its own", () => {
  const poll = (client: RawHttpClient, token: string) => client.send("GET", undefined, bearer(token));
  async function polling(site: AuthenticatedSite, token = tokenOf("ada", "first", 60)) {
    const client = await RawHttpClient.longPolling(site.port, "/hub", bearer(token));
    return { client, ask: () => client.post(callOf("1", "who")) };
  }

  test("which counts like that of a refresh", async () => {
    const site = await startAuthenticated();
    const { client, ask } = await polling(site);
    const told = site.nextRefreshed();
    const waiting = poll(client, tokenOf("ada", "second", 120));
    await told;
    await ask();
    expect((await waiting).body).toContain('["ada","second"]');
  });

  test("which is nothing new when it is the same or older", async () => {
    const onAuthenticationRefresh = jest.fn(() => true);
    const site = await startAuthenticated({ onAuthenticationRefresh });
    const { client, ask } = await polling(site);
    for (const token of [tokenOf("ada", "first", 60), tokenOf("ada", "older", 30)]) {
      await ask();
      expect((await poll(client, token)).body).toContain('["ada","first"]');
    }
    expect(onAuthenticationRefresh).not.toHaveBeenCalled();
  });

  test("which ends the connection when the application rejects it", async () => {
    const site = await startAuthenticated({ onAuthenticationRefresh: () => false });
    const { client } = await polling(site);
    const answer = await poll(client, tokenOf("ada", "second", 120));
    expect(answer).toMatchObject({ status: 403, body: failure("permission_change_rejected") });
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(await client.poll()).toMatchObject({ status: 404 });
    expect(site.ends).toMatchObject([{ name: "ConnectionError" }]);
  });

  test.each(["GET", "POST", "DELETE"])(
    "a %s by another user is refused, and the connection is left alone",
    async (method) => {
      const { client, ask } = await polling(await startAuthenticated());
      expect(await client.send(method, "", bearer(tokenOf("eve")))).toMatchObject({
        status: 403,
        body: "The user associated with this connection changed.",
      });
      await ask();
      expect(await client.pollMessages()).toMatchObject([{ result: ["ada", "first"] }]);
    },
  );

  test("which is refused when it is somebody else's, also where users have no ids", async () => {
    const onAuthenticationRefresh = jest.fn(() => true);
    const { client, ask } = await polling(
      await startAuthenticated({ onAuthenticationRefresh }),
      tokenOf("", "guest", 60),
    );
    await ask();
    expect(await poll(client, tokenOf("", "admin", 120))).toMatchObject({
      status: 403,
      body: "The user associated with this connection changed.",
    });
    expect((await poll(client, tokenOf("", "guest", 60))).body).toContain('[null,"guest"]');
    expect(onAuthenticationRefresh).not.toHaveBeenCalled();
  });

  test("which only moves the end of the connection where refreshes are off", async () => {
    const options = { enableAuthenticationRefresh: false, closeOnAuthenticationExpiration: true };
    const site = await startAuthenticated(options);
    const { client, ask } = await polling(site, tokenOf("ada", "first", 3));
    await ask();
    expect((await poll(client, tokenOf("ada", "second", 6))).body).toContain('["ada","first"]');
    await site.pass(4);
    await ask();
    expect((await poll(client, tokenOf("ada", "second", 6))).body).toContain('["ada","first"]');
    const last = poll(client, tokenOf("ada", "second", 6));
    await site.pass(2);
    expect((await last).body).toContain('{"type":7,"allowReconnect":true}');
  });
});

describe("a WebSocket that takes up a connection again", () => {
  async function visit(site: AuthenticatedSite) {
    const headers = bearer(tokenOf("ada", "first", 60));
    const query = "negotiateVersion=1&useStatefulReconnect=true";
    const { connectionToken } = await negotiate(site.port, "/hub", query, headers);
    const path = `/hub?id=${connectionToken}`;
    const client = await RawClient.open(site.port, path, headers);
    client.sendText('{"protocol":"json","version":2}\u001e{"type":6}\u001e');
    expect(await client.next()).toEqual({});
    client.socket.terminate();
    await client.closed;
    return path;
  }

  test("brings authentication of its own", async () => {
    const site = await startAuthenticated({ allowStatefulReconnects: true });
    const path = await visit(site);
    const told = site.nextRefreshed();
    const client = await RawClient.open(site.port, path, bearer(tokenOf("ada", "second", 120)));
    client.sendText('{"type":9,"sequenceId":1}\u001e');
    await told;
    expect(site.refreshed).toEqual(["second"]);
    client.socket.terminate();
  });

  test("is refused to others, and is the end when the application rejects it", async () => {
    const options = { allowStatefulReconnects: true, onAuthenticationRefresh: () => false };
    const site = await startAuthenticated(options);
    const path = await visit(site);
    expect(await refused(site.port, path, bearer(tokenOf("eve")))).toMatchObject({ status: 403 });
    expect(site.ends).toEqual([]);
    const answer = await refused(site.port, path, bearer(tokenOf("ada", "second", 120)));
    expect(answer).toMatchObject({ status: 403, body: failure("permission_change_rejected") });
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(await refused(site.port, path, bearer(tokenOf("ada", "first", 60)))).toMatchObject({ status: 404 });
  });
});

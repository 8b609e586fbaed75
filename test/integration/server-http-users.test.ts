/** Who may use the hub server over HTTP: users and origins (TRANSPORTS §1 and §2). */
import { accessTokenOf, type HubUser } from "../../src/server/index.js";
import { negotiate, RawClient, refused, send, startHubServer, stopAll } from "../support/hub-server.js";
import { WhoHub } from "../support/who-hub.js";

afterEach(stopAll);

describe("users", () => {
  const tokens: Record<string, (HubUser & { readonly role?: string }) | null> = {
    ada: { id: "ada" },
    bob: { id: "bob" },
    anonymous: {},
    guest: { role: "guest", expiresAt: 1 },
    sameGuest: { role: "guest", expiresAt: new Date() },
    admin: { role: "admin", expiresAt: 1 },
    nobody: null,
  };

  function startWithUsers() {
    return startHubServer((hubs) => {
      hubs.mapHub("/hub", WhoHub, {
        authenticate: (request) => {
          const token = accessTokenOf(request);
          if (token === "broken") throw new Error("secret");
          return Promise.resolve(tokens[token ?? "nobody"]);
        },
      });
    });
  }

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  test.each([undefined, "nobody", "unknown"])("%s is refused everywhere", async (name) => {
    const { port } = await startWithUsers();
    const headers: Record<string, string> = name === undefined ? {} : bearer(name);
    for (const [method, path] of [
      ["POST", "/hub/negotiate"],
      ["GET", "/hub?id=x"],
      ["POST", "/hub?id=x"],
    ] as const) {
      expect(await send(port, method, path, headers)).toMatchObject({ status: 401 });
    }
    expect(await refused(port, "/hub", headers)).toMatchObject({
      status: 401,
      headers: { "www-authenticate": "Bearer" },
    });
  });

  test("connect with the token in the header or in the query", async () => {
    const { port } = await startWithUsers();
    for (const [path, headers] of [
      ["/hub", bearer("ada")],
      ["/hub?access_token=ada", {}],
    ] as const) {
      const client = await RawClient.connect(port, path, headers);
      client.call("1", "whoAmI");
      expect(await client.next()).toMatchObject({ result: "ada" });
      client.socket.close();
    }
  });

  test("need no id", async () => {
    const { port } = await startWithUsers();
    const client = await RawClient.connect(port, "/hub", bearer("anonymous"));
    client.call("1", "whoAmI");
    expect(await client.next()).toMatchObject({ result: null });
    client.socket.close();
  });

  test("cannot take over what another has negotiated", async () => {
    const { port } = await startWithUsers();
    const { connectionToken } = await negotiate(port, "/hub", "negotiateVersion=1", bearer("ada"));
    for (const other of ["bob", "anonymous"]) {
      expect(await refused(port, `/hub?id=${connectionToken}`, bearer(other))).toMatchObject({ status: 403 });
      expect(await send(port, "POST", `/hub?id=${connectionToken}`, bearer(other))).toMatchObject({ status: 403 });
    }
    (await RawClient.connect(port, `/hub?id=${connectionToken}`, bearer("ada"))).socket.close();
  });

  describe("without ids are the same when all of them but the expiry is", () => {
    const changed = { status: 403, body: "The user associated with this connection changed." };

    test("when they connect", async () => {
      const { port } = await startWithUsers();
      const { connectionToken } = await negotiate(port, "/hub", "negotiateVersion=1", bearer("guest"));
      for (const other of ["admin", "anonymous", "ada"]) {
        expect(await refused(port, `/hub?id=${connectionToken}`, bearer(other))).toMatchObject(changed);
      }
      (await RawClient.connect(port, `/hub?id=${connectionToken}`, bearer("sameGuest"))).socket.close();
    });

    test("when they poll, post and end the connection", async () => {
      const { port } = await startWithUsers();
      const { connectionToken } = await negotiate(port, "/hub", "negotiateVersion=1", bearer("guest"));
      const path = `/hub?id=${connectionToken}`;
      expect(await send(port, "GET", path, bearer("sameGuest"))).toMatchObject({ status: 200, body: "" });
      for (const other of ["admin", "anonymous", "ada"]) {
        for (const method of ["GET", "POST", "DELETE"]) {
          expect(await send(port, method, path, bearer(other))).toMatchObject(changed);
        }
      }
      const handshake = '{"protocol":"json","version":1}\u001e';
      expect(await send(port, "POST", path, bearer("sameGuest"), handshake)).toMatchObject({ status: 200 });
      expect(await send(port, "GET", path, bearer("guest"))).toMatchObject({ status: 200, body: "{}\u001e" });
      expect(await send(port, "DELETE", path, bearer("sameGuest"))).toMatchObject({ status: 202 });
    });
  });

  test("a failing check is the server's own error, and says nothing", async () => {
    const { port } = await startWithUsers();
    expect(await send(port, "POST", "/hub/negotiate", bearer("broken"))).toMatchObject({ status: 500, body: "" });
    expect(await refused(port, "/hub", bearer("broken"))).toMatchObject({ status: 500, body: "" });
  });
});

describe("origins", () => {
  const page = { origin: "https://page.example" };

  test("of other sites are refused, whatever they ask for", async () => {
    const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WhoHub));
    expect(await send(port, "POST", "/hub/negotiate", page)).toMatchObject({ status: 403 });
    expect(
      await send(port, "OPTIONS", "/hub/negotiate", { ...page, "access-control-request-method": "POST" }),
    ).toMatchObject({
      status: 403,
    });
    const answer = await refused(port, "/hub", page);
    expect(answer.status).toBe(403);
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
  });

  test("of the server itself may connect", async () => {
    const { port } = await startHubServer((hubs) => hubs.mapHub("/hub", WhoHub));
    const own = { origin: `http://127.0.0.1:${port}` };
    expect(await send(port, "POST", "/hub/negotiate", own)).toMatchObject({ status: 200 });
    (await RawClient.connect(port, "/hub", own)).socket.close();
  });

  test("that are listed get the headers that browsers want, also with errors", async () => {
    const { port } = await startHubServer((hubs) => {
      hubs.mapHub("/hub", WhoHub, {
        allowedOrigins: [page.origin],
        authenticate: (request) => (accessTokenOf(request) === "good" ? { id: "good" } : undefined),
      });
    });
    const cors = {
      "access-control-allow-origin": page.origin,
      "access-control-allow-credentials": "true",
      vary: "Origin",
    };
    const preflight = await send(port, "OPTIONS", "/hub/negotiate?negotiateVersion=1", {
      ...page,
      "access-control-request-method": "POST",
      "access-control-request-headers": "x-requested-with,x-signalr-user-agent",
    });
    expect(preflight).toMatchObject({ status: 204, headers: cors, body: "" });
    expect(preflight.headers["access-control-allow-headers"]).toBe("x-requested-with,x-signalr-user-agent");
    expect(preflight.headers["access-control-allow-methods"]).toContain("POST");
    expect(await send(port, "POST", "/hub/negotiate", page)).toMatchObject({ status: 401, headers: cors });
    expect(await send(port, "POST", "/hub/negotiate?access_token=good", page)).toMatchObject({
      status: 200,
      headers: cors,
    });
    (await RawClient.connect(port, "/hub?access_token=good", page)).socket.close();
  });
});

/** Which token each request takes when the authentication has been refreshed (DOTNET11 §1.8 to §1.10). */
import type { HttpConnectionOptions } from "../../../src/client/options.js";
import { HttpResponse } from "../../../src/http/http-client.js";
import { MemoryHub } from "./memory-hub.js";
import { LIFETIME, DUE_MS, type Observed, observed } from "./refreshing-connection.js";

const authorizationOf = ({ headers }: { headers?: Record<string, string> }) => headers?.["Authorization"];

describe("tokens after a refresh", () => {
  const redirect = { url: "http://service/hub?x=1", accessToken: "theirs" };

  /** A connection behind a redirect. */
  async function redirected(http: HttpConnectionOptions = {}): Promise<Observed> {
    const set = observed({ http, negotiated: {} });
    const { negotiate } = set.hub;
    set.hub.negotiate = (n) => (n === 1 ? { ...redirect, tokenLifetimeSeconds: LIFETIME } : negotiate(n));
    await set.connection.start();
    return set;
  }

  it("of a redirect: the application's goes to the hub's own address, in time", async () => {
    const { hub, connection } = await redirected();
    await hub.clock.advanceAsync(DUE_MS);
    expect(hub.refreshes.map(({ url }) => url)).toEqual(["http://hub/chat/refresh?id=token-2"]);
    expect(hub.refreshes.map(authorizationOf)).toEqual(["Bearer token-2"]);
    expect(hub.socket.target.headers?.["Authorization"]).toBe("Bearer theirs");
    await connection.stop();
  });

  it("of a redirect: without a factory nobody's", async () => {
    const { hub, connection } = await redirected({ accessTokenFactory: undefined as never });
    await connection.refreshAuthentication();
    expect(hub.refreshes.map(authorizationOf)).toEqual([undefined]);
    await connection.stop();
  });

  it.each<[string, unknown, string]>([
    ["another one that the answer brings", { accessToken: "next" }, "Bearer next"],
    ["the redirect's, when the answer brings none", {}, "Bearer theirs"],
    ["the redirect's, when the refresh is refused", new HttpResponse(403, "Forbidden"), "Bearer theirs"],
  ])("of a redirect: a resumed connection uses %s", async (_name, answer, expected) => {
    const hub = new MemoryHub();
    const { negotiate } = hub;
    const granted = { useStatefulReconnect: true, countsEveryMessage: true };
    hub.negotiate = (n) => (n === 1 ? redirect : { ...(negotiate(n) as object), ...granted });
    hub.refresh = () => answer;
    const connection = hub
      .builder({ accessTokenFactory: () => "mine" })
      .withStatefulReconnect()
      .build();
    await connection.start();
    await connection.refreshAuthentication().catch(() => undefined);
    hub.socket.drop();
    await hub.clock.settle();
    expect(hub.sockets.map(({ target }) => target.headers?.["Authorization"])).toEqual(["Bearer theirs", expected]);
    await connection.stop();
  });

  it.each<[string, unknown, string]>([
    ["the one that the answer brings", "next", "Bearer next"],
    ["one of the factory, when the answer brings none", undefined, "Bearer token-4"],
    ["one of the factory, when the answer brings an empty one", "", "Bearer token-4"],
    ["one of the factory, when the answer brings something else", 7, "Bearer token-4"],
  ])("without a redirect: a resumed connection uses %s", async (_name, accessToken, expected) => {
    const { hub, connection } = observed({
      negotiated: { useStatefulReconnect: true, countsEveryMessage: true },
      url: "http://hub/chat?useStatefulReconnect=true",
    });
    hub.refresh = () => ({ accessToken });
    await connection.start();
    await connection.refreshAuthentication();
    hub.socket.drop();
    await hub.clock.settle();
    const sent = hub.sockets.map(({ target }) => target.headers["Authorization"]);
    expect(sent).toEqual(["Bearer token-2", expected]);
    await connection.stop();
  });

  it("a server's that no header can carry fails the refresh", async () => {
    const { hub, connection } = observed();
    hub.refresh = () => ({ accessToken: "SECRET\nx" });
    await connection.start();
    await expect(connection.refreshAuthentication()).rejects.toThrow(
      "The access token is no text, or contains a line break or a zero.",
    );
    await connection.stop();
  });
});

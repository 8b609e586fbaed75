/** Refreshing the authentication of a connection: when, with which token, and what becomes of it (DOTNET11 §1.8 to §1.10). */
import { inspect } from "node:util";
import { refreshDelayMs } from "../../../src/client/authentication-refresher.js";
import { InvalidArgumentError, InvalidStateError } from "../../../src/errors/call-errors.js";
import { HttpError } from "../../../src/errors/http-errors.js";
import type { AccessTokenContext } from "../../../src/http/access-token.js";
import { HttpResponse } from "../../../src/http/http-client.js";
import { HttpTransportType } from "../../../src/transports/transport.js";
import { MemoryHub } from "./memory-hub.js";
import { LIFETIME, DUE_MS, type Setting, type Observed, observed, patient, started } from "./refreshing-connection.js";

const authorizationOf = ({ headers }: { headers?: Record<string, string> }) => headers?.["Authorization"];

const never = (): Promise<never> => new Promise(() => undefined);

describe("the time of a refresh", () => {
  it.each([
    [3_600, 300_000, 3_300_000], // five minutes before
    [601, 300_000, 301_000],
    [600, 300_000, 300_000], // half-way
    [60, 300_000, 30_000],
    [60, 0, 60_000],
    [1, 500, 500],
    [0.01, 0, 10],
    [1e9, 300_000, 2 ** 31 - 1], // as long as timers can be
  ])("for a token of %d s, %d ms ahead: %d ms", (lifetime, ahead, delay) => {
    expect(refreshDelayMs(lifetime, ahead)).toBe(delay);
  });
});

describe("options", () => {
  it.each([-1, NaN, Infinity, "300000"])("a lead of %p is refused", (lead) => {
    const options = { refreshBeforeExpirationInMilliseconds: lead as number };
    expect(() => new MemoryHub().builder().withAuthenticationRefresh(options)).toThrow(InvalidArgumentError);
  });

  it("of several calls are merged", async () => {
    const hub = new MemoryHub();
    const { negotiate } = hub;
    hub.negotiate = (n) => ({ ...(negotiate(n) as object), tokenLifetimeSeconds: LIFETIME });
    const builder = hub.builder().withAuthenticationRefresh({ refreshBeforeExpirationInMilliseconds: 1_000 });
    const connection = builder.withAuthenticationRefresh({ enableAutoRefresh: true }).build();
    patient(connection);
    await connection.start();
    await hub.clock.advanceAsync(LIFETIME * 1_000 - 1_001);
    expect(hub.refreshes).toHaveLength(0);
    await hub.clock.advanceAsync(1);
    expect(hub.refreshes).toHaveLength(1);
    await connection.stop();
  });
});

describe("the automatic refresh", () => {
  it("comes in time, again and again", async () => {
    const { hub, connection, told } = await started();
    hub.refresh = (n) => ({ tokenLifetimeSeconds: n === 1 ? 60 : LIFETIME });
    await hub.clock.advanceAsync(DUE_MS - 1);
    expect(hub.refreshes).toHaveLength(0);
    await hub.clock.advanceAsync(1);
    expect(hub.refreshes).toHaveLength(1);
    await hub.clock.advanceAsync(29_999);
    expect(hub.refreshes).toHaveLength(1);
    await hub.clock.advanceAsync(1);
    expect(hub.refreshes).toHaveLength(2);
    expect(told).toEqual([60, LIFETIME]);
    await connection.stop();
    expect(hub.clock.pendingTimers).toBe(0);
  });

  it.each<[string, Setting]>([
    ["is not configured", { options: null }],
    ["is switched off", { options: { enableAutoRefresh: false } }],
    ["has nothing to go by", { negotiated: {} }],
  ])("does not come when it %s", async (_name, setting) => {
    const { hub, connection } = await started(setting);
    hub.refresh = () => ({});
    await hub.clock.advanceAsync(LIFETIME * 1_000);
    expect(hub.refreshes).toHaveLength(0);
    await connection.refreshAuthentication();
    expect(hub.refreshes).toHaveLength(1);
    await connection.stop();
  });

  it("is put off by one that the application asks for", async () => {
    const { hub, connection } = await started();
    await hub.clock.advanceAsync(DUE_MS - 1_000);
    await connection.refreshAuthentication();
    await hub.clock.advanceAsync(DUE_MS - 1);
    expect(hub.refreshes).toHaveLength(1);
    await hub.clock.advanceAsync(1);
    expect(hub.refreshes).toHaveLength(2);
    await connection.stop();
  });

  it("stays planned when that tells no lifetime, and is the last one when it tells none itself", async () => {
    const { hub, connection, told } = await started();
    hub.refresh = () => ({});
    await expect(connection.refreshAuthentication()).resolves.toBeUndefined();
    await hub.clock.advanceAsync(DUE_MS);
    expect(hub.refreshes).toHaveLength(2);
    await hub.clock.advanceAsync(2 * LIFETIME * 1_000);
    expect(hub.refreshes).toHaveLength(2);
    expect(told).toEqual([undefined, undefined]);
    await connection.stop();
  });

  it("that fails is told and logged, and is not repeated; the connection goes on", async () => {
    const { hub, connection, told } = await started();
    hub.refresh = () => new HttpResponse(403, "Forbidden");
    await hub.clock.advanceAsync(DUE_MS);
    expect(told).toEqual([new HttpError("Forbidden", 403)]);
    expect(hub.logged.join("\n")).toContain("The authentication was not refreshed: Forbidden");
    await hub.clock.advanceAsync(2 * LIFETIME * 1_000);
    expect(hub.refreshes).toHaveLength(1);
    expect([connection.state, hub.sockets.length]).toEqual(["Connected", 1]);
    await connection.stop();
  });

  it("is planned anew for each connection to the server", async () => {
    const { hub, connection } = await started();
    await hub.clock.advanceAsync(DUE_MS - 1_000);
    hub.socket.drop();
    await hub.clock.advanceAsync(0);
    expect(connection.state).toBe("Connected");
    await hub.clock.advanceAsync(DUE_MS - 1);
    expect(hub.refreshes).toHaveLength(0);
    await hub.clock.advanceAsync(1);
    expect(hub.refreshes[0]?.url).toContain("id=token-2");
    await connection.stop();
  });

  it("stays planned when the connection is resumed, with the same id", async () => {
    const hub = new MemoryHub();
    const { negotiate } = hub;
    const granted = { useStatefulReconnect: true, countsEveryMessage: true, tokenLifetimeSeconds: LIFETIME };
    hub.negotiate = (n) => ({ ...(negotiate(n) as object), ...granted });
    const connection = hub.builder().withStatefulReconnect().withAuthenticationRefresh().build();
    patient(connection);
    await connection.start();
    await hub.clock.advanceAsync(DUE_MS - 1_000);
    hub.socket.drop();
    await hub.clock.settle();
    hub.socket.receiveText('{"type":9,"sequenceId":1}\u001e');
    await hub.clock.advanceAsync(1_000);
    expect(hub.sockets).toHaveLength(2);
    expect(hub.refreshes.map(({ url }) => url)).toEqual(["http://hub/chat/refresh?id=token-1"]);
    await connection.stop();
  });
});

describe("a refresh", () => {
  it.each([
    ["http://hub/chat", "http://hub/chat/refresh?id=token-1"],
    ["http://hub/chat/?q=a%20b", "http://hub/chat/refresh?q=a%20b&id=token-1"],
  ])("of %s posts nothing to %s, like a negotiation", async (url, expected) => {
    const { hub, connection, asked } = await started({ url, http: { headers: { "X-A": "1" }, timeout: 77 } });
    await expect(connection.refreshAuthentication()).resolves.toBe(LIFETIME);
    expect(hub.refreshes).toMatchObject([
      {
        method: "POST",
        url: expected,
        content: "",
        timeout: 77,
        withCredentials: true,
        headers: { "X-A": "1", "User-Agent": "test", Authorization: "Bearer token-3" },
      },
    ]);
    expect(asked.map(({ reason }) => reason)).toEqual(["negotiate", "connect", "refresh"]);
    expect(asked[2]?.url).toBe("http://hub/chat/refresh");
    await connection.stop();
  });

  it("tells its context, to callbacks with the connection as `this`, until they are removed", async () => {
    const { hub, connection } = await started();
    const refreshed = jest.fn();
    const failed = jest.fn();
    const disposers = [
      connection.onAuthenticationRefreshed(refreshed),
      connection.onAuthenticationRefreshFailed(failed),
    ];
    await connection.refreshAuthentication();
    const refreshedAt = expect.any(Date) as Date;
    expect(refreshed.mock.calls).toEqual([[{ connection, newTokenLifetimeInSeconds: LIFETIME, refreshedAt }]]);
    expect(refreshed.mock.contexts).toEqual([connection]);
    const error = new HttpError("no", 500);
    hub.refresh = () => Promise.reject(error);
    await expect(connection.refreshAuthentication()).rejects.toBe(error);
    expect(failed.mock.calls).toEqual([[{ connection, error }]]);
    for (const dispose of disposers) dispose();
    await expect(connection.refreshAuthentication()).rejects.toBe(error);
    expect([refreshed, failed].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    await connection.stop();
  });

  it.each<[string, (n: number) => unknown]>([
    ["no JSON", () => new HttpResponse(200, "OK", "SECRET")],
    ["no text", () => new HttpResponse(200, "OK")],
    ["bytes", () => new HttpResponse(200, "OK", new ArrayBuffer(2))],
    ["nothing", () => new HttpResponse(204, "No Content", "")],
  ])("answered with %s fails, and shows nothing of it", async (_name, refresh) => {
    const { hub, connection, told } = await started();
    hub.refresh = refresh;
    await expect(connection.refreshAuthentication()).rejects.toThrow("The answer to the refresh is not JSON.");
    expect(told).toHaveLength(1);
    expect(inspect(told)).not.toContain("SECRET");
    await connection.stop();
  });

  it("whose token is refused asks for another one, once", async () => {
    const { hub, connection, asked } = await started();
    hub.refresh = (n) => (n === 1 ? new HttpResponse(401, "Unauthorized") : {});
    await connection.refreshAuthentication();
    expect(hub.refreshes.map(authorizationOf)).toEqual(["Bearer token-3", "Bearer token-4"]);
    expect(asked[3]).toEqual({ reason: "unauthorized", url: "http://hub/chat/refresh" });
    hub.refresh = () => new HttpResponse(401, "Unauthorized");
    await expect(connection.refreshAuthentication()).rejects.toMatchObject({ statusCode: 401 });
    expect(hub.refreshes).toHaveLength(4);
    await connection.stop();
  });

  it("without a factory leaves authentication to headers and cookies", async () => {
    const headers = { Authorization: "Basic own" };
    const { hub, connection } = await started({ http: { headers, accessTokenFactory: undefined as never } });
    await connection.refreshAuthentication();
    expect(hub.refreshes.map(authorizationOf)).toEqual(["Basic own"]);
    await connection.stop();
  });

  it("whose factory fails, fails with its error", async () => {
    const failure = new Error("signed out");
    const accessTokenFactory = ({ reason }: AccessTokenContext) =>
      reason === "refresh" ? Promise.reject(failure) : Promise.resolve("t");
    const { connection, told } = await started({ http: { accessTokenFactory } });
    await expect(connection.refreshAuthentication()).rejects.toBe(failure);
    expect(told).toEqual([failure]);
    await connection.stop();
  });

  it("is refused while not connected, and without a negotiation; nobody else is told", async () => {
    const { connection, told } = observed();
    await expect(connection.refreshAuthentication()).rejects.toBeInstanceOf(InvalidStateError);
    const transport = HttpTransportType.WebSockets;
    const direct = await started({ http: { skipNegotiation: true, transport } });
    await expect(direct.connection.refreshAuthentication()).rejects.toBeInstanceOf(InvalidStateError);
    expect([told, direct.told, direct.hub.refreshes]).toEqual([[], [], []]);
    await direct.connection.stop();
  });

  it.each<[string, (set: Observed) => Promise<unknown>]>([
    ["stopped", ({ connection }) => connection.stop()],
    ["lost and made again", async ({ hub }) => (hub.socket.drop(), hub.clock.advanceAsync(0))],
  ])("of a connection that is %s meanwhile is given up, and changes nothing", async (_name, end) => {
    const set = await started();
    const { hub, connection, told } = set;
    let answer: (value: unknown) => void = () => undefined;
    for (const refresh of [never, () => new Promise((resolve) => (answer = resolve))]) {
      hub.refresh = refresh;
      const refreshing = connection.refreshAuthentication();
      await hub.clock.settle();
      await end(set);
      answer({ tokenLifetimeSeconds: 1 });
      await expect(refreshing).resolves.toBeUndefined();
      if (connection.state === "Disconnected") await connection.start();
    }
    await hub.clock.advanceAsync(2_000);
    expect([told, hub.refreshes.length]).toEqual([[], 2]);
    await connection.stop();
    expect(hub.clock.pendingTimers).toBe(0);
  });

  it("may be asked for in the very moment in which the connection is made, and belongs to that one", async () => {
    const { hub, connection, told } = observed({ options: null });
    const refreshed: Promise<unknown>[] = [];
    connection.onStateChange(({ current }) => {
      if (current === "Connected") refreshed.push(connection.refreshAuthentication());
    });
    await connection.start();
    await Promise.all(refreshed);
    hub.socket.drop();
    await hub.clock.advanceAsync(0);
    expect(await Promise.all(refreshed)).toEqual([LIFETIME, LIFETIME]);
    expect(told).toEqual([LIFETIME, LIFETIME]);
    await connection.stop();
  });

  it("gives the network back when the last one of several is done", async () => {
    const { hub, connection } = await started();
    const answers: (() => void)[] = [];
    hub.refresh = () => new Promise((resolve) => answers.push(() => resolve({})));
    const [one, other] = [connection.refreshAuthentication(), connection.refreshAuthentication()];
    await hub.clock.settle();
    const before = hub.disposals;
    answers[0]?.();
    await one;
    expect(hub.disposals).toBe(before);
    answers[1]?.();
    await other;
    expect(hub.disposals).toBe(before + 1);
    await connection.stop();
  });
});

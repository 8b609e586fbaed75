/** Tokens that expire, from both ends: hubwire's client on hubwire's server, over every transport (DOTNET11 §1). */
import { inspect } from "node:util";
import {
  HttpTransportType,
  HubConnectionBuilder,
  type AccessTokenContext,
  type HubConnection,
} from "../../src/index.js";
import { startAuthenticated, tokenOf, type AuthenticatedSite } from "../support/authenticated-hub.js";
import { stopAll } from "../support/hub-server.js";

const connections: HubConnection[] = [];

afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(connections.splice(0).map((connection) => connection.stop()));
  await stopAll();
});

/** A client, and what it saw. */
interface Client {
  readonly connection: HubConnection;
  readonly reasons: string[];
  readonly logged: string[];
}

/** A builder's client whose tokens the test makes. */
async function connect(
  { url }: AuthenticatedSite,
  transport: HttpTransportType,
  factory: (context: AccessTokenContext) => string,
  configure: (builder: HubConnectionBuilder) => HubConnectionBuilder = (builder) => builder,
): Promise<Client> {
  const reasons: string[] = [];
  const logged: string[] = [];
  const accessTokenFactory = (context: AccessTokenContext) => {
    reasons.push(context.reason);
    return factory(context);
  };
  const builder = new HubConnectionBuilder()
    .withUrl(url, { transport, accessTokenFactory, logMessageContent: false })
    .configureLogging({ log: (_level, message) => void logged.push(message) });
  const connection = configure(builder).build();
  connections.push(connection);
  await connection.start();
  return { connection, reasons, logged };
}

const transports = ["WebSockets", "ServerSentEvents", "LongPolling"] as const;

describe.each(transports)("%s", (name) => {
  const transport = HttpTransportType[name];

  test("a token is refreshed before it expires; the connection goes on, with the new user", async () => {
    const site = await startAuthenticated({ closeOnAuthenticationExpiration: true });
    const factory = ({ reason }: AccessTokenContext) =>
      reason === "refresh" ? tokenOf("ada", "second", 3_600) : tokenOf("ada", "first", 1);
    const { connection, reasons } = await connect(site, transport, factory, (builder) =>
      builder.withAuthenticationRefresh({ refreshBeforeExpirationInMilliseconds: 900 }),
    );
    const { connectionId } = connection;
    const changed = jest.fn();
    connection.onStateChange(changed);
    await expect(connection.invoke("who")).resolves.toEqual(["ada", "first"]);
    const refreshed = await new Promise((resolve) => connection.onAuthenticationRefreshed(resolve));
    expect(refreshed).toMatchObject({ connection, newTokenLifetimeInSeconds: 3_600 });
    await site.pass(5);
    await expect(connection.invoke("who")).resolves.toEqual(["ada", "second"]);
    expect(site.refreshed).toEqual(["second"]);
    expect(connection.connectionId).toBe(connectionId);
    expect(changed).not.toHaveBeenCalled();
    expect(reasons.at(-1)).toBe("refresh");
  });

  test("what a refresh brought is what later requests carry", async () => {
    const site = await startAuthenticated();
    let count = 0;
    const { connection } = await connect(site, transport, ({ reason }) =>
      tokenOf("ada", `${reason} ${++count}`.replace(" ", "-"), 60 * count),
    );
    for (let turn = 0; turn < 3; turn++) {
      await expect(connection.refreshAuthentication()).resolves.toBeGreaterThan(0);
      await expect(connection.invoke("who")).resolves.toEqual(["ada", `refresh-${count}`]);
    }
    expect(site.refreshed).toHaveLength(3);
  });

  test("a refresh by another user is refused, and the connection lives on", async () => {
    const site = await startAuthenticated();
    let user = "ada";
    const { connection } = await connect(site, transport, ({ reason }) => tokenOf(user, reason));
    const failed = new Promise((resolve) => connection.onAuthenticationRefreshFailed(resolve));
    user = "eve";
    const error = await connection.refreshAuthentication().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "HttpError", statusCode: 403 });
    expect((error as Error).message).toContain('{"error":"user_changed"}');
    expect(await failed).toEqual({ connection, error });
    await expect(connection.invoke("who")).resolves.toMatchObject(["ada", expect.not.stringMatching("refresh")]);
    user = "ada";
    await expect(connection.refreshAuthentication()).resolves.toBeUndefined();
    await expect(connection.invoke("who")).resolves.toEqual(["ada", "refresh"]);
  });

  test("a token that is not refreshed ends the connection, and the client comes back with another", async () => {
    const site = await startAuthenticated({ closeOnAuthenticationExpiration: true });
    let tag = "first";
    const { connection } = await connect(
      site,
      transport,
      () => tokenOf("ada", tag, tag === "first" ? 5 : 3_600),
      (builder) => builder.withAutomaticReconnect([0]),
    );
    const reconnecting = jest.fn();
    connection.onreconnecting(reconnecting);
    const reconnected = new Promise((resolve) => connection.onreconnected(resolve));
    const old = connection.connectionId;
    tag = "second";
    await site.pass(5);
    expect(await reconnected).not.toBe(old);
    expect(reconnecting.mock.calls).toEqual([[undefined]]);
    await expect(connection.invoke("who")).resolves.toEqual(["ada", "second"]);
  });

  test("neither end logs tokens, whatever happens to them", async () => {
    const site = await startAuthenticated();
    let user = "ada";
    const { connection, logged } = await connect(site, transport, () => tokenOf(user, "TOPSECRET", 3_600));
    const errors: unknown[] = [];
    for (user of ["ada", "eve", "stranger"])
      errors.push(await connection.refreshAuthentication().catch((thrown: unknown) => thrown));
    expect(errors).toMatchObject([3_600, { statusCode: 403 }, { statusCode: 401 }]);
    expect(logged.length).toBeGreaterThan(0);
    const text = [...logged, ...site.logged, inspect(errors, { depth: 10, showHidden: true })].join("\n");
    expect(text).not.toMatch(/TOPSECRET|[?&]id=/);
  });
});

test("what a server does not offer is a status, and the connection lives on", async () => {
  const site = await startAuthenticated({ enableAuthenticationRefresh: false });
  const { connection } = await connect(site, HttpTransportType.WebSockets, () => tokenOf("ada", "first"));
  await expect(connection.refreshAuthentication()).rejects.toMatchObject({ statusCode: 404 });
  await expect(connection.invoke("who")).resolves.toEqual(["ada", "first"]);
});

test("a connection that was resumed is refreshed as before", async () => {
  const site = await startAuthenticated({ allowStatefulReconnects: true });
  let tag = "first";
  const { connection } = await connect(
    site,
    HttpTransportType.WebSockets,
    () => tokenOf("ada", tag),
    (builder) => builder.withStatefulReconnect(),
  );
  const resumed = new Promise((resolve) => connection.onStateChange(({ recovered }) => recovered && resolve(true)));
  tag = "second";
  site.cut();
  await resumed;
  await expect(connection.invoke("who")).resolves.toEqual(["ada", "second"]);
  tag = "third";
  await connection.refreshAuthentication();
  await expect(connection.invoke("who")).resolves.toEqual(["ada", "third"]);
});

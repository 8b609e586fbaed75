/** The options of servers and hubs: defaults, inheritance, and what is refused. */
import { InvalidArgumentError } from "../../../src/errors/call-errors.js";
import { LogLevel } from "../../../src/logging/log-level.js";
import { createHubServer, Hub } from "../../../src/server/index.js";
import { resolveHubOptions, resolveHubServerOptions } from "../../../src/server/options.js";

class EmptyHub extends Hub {}

test("the defaults are those of ASP.NET Core", () => {
  expect(resolveHubOptions({}, {})).toMatchObject({
    keepAliveInterval: 15_000,
    clientTimeoutInterval: 30_000,
    handshakeTimeout: 15_000,
    maximumReceiveMessageSize: 32 * 1024,
    streamBufferCapacity: 10,
    maximumParallelInvocationsPerClient: 1,
    enableDetailedErrors: false,
    maximumConnections: Infinity,
    transportSendTimeout: 10_000,
    disconnectTimeout: 15_000,
    allowStatefulReconnects: false,
    statefulReconnectBufferSize: 100_000,
    applicationMaxBufferSize: 64 * 1024,
    transportMaxBufferSize: 64 * 1024,
    transports: ["WebSockets", "ServerSentEvents", "LongPolling"],
    webSockets: { closeTimeout: 5_000, maximumFrameSize: 4 * 1024 * 1024 },
    longPolling: { pollTimeout: 90_000 },
    allowedOrigins: [],
    authenticate: undefined,
    enableAuthenticationRefresh: false,
    closeOnAuthenticationExpiration: false,
    maximumAuthenticationExpiration: Infinity,
    onAuthenticationRefresh: undefined,
    protocols: [expect.objectContaining({ name: "json" })],
  });
});

test("a hub's options override those of the server, one by one", () => {
  const resolved = resolveHubOptions(
    { keepAliveInterval: 1, handshakeTimeout: 2, enableDetailedErrors: true, statefulReconnectBufferSize: 5 },
    { keepAliveInterval: 3, webSockets: { closeTimeout: 4 } },
  );
  expect(resolved.statefulReconnectBufferSize).toBe(5);
  expect(resolved).toMatchObject({ keepAliveInterval: 3, handshakeTimeout: 2, enableDetailedErrors: true });
  expect(resolved.webSockets).toEqual({ closeTimeout: 4, maximumFrameSize: 4 * 1024 * 1024 });
});

test("null and undefined mean the default", () => {
  const nothing = { keepAliveInterval: undefined, protocols: null, webSockets: { closeTimeout: null } };
  const resolved = resolveHubOptions({}, nothing as object);
  expect(resolved.keepAliveInterval).toBe(15_000);
  expect(resolved.webSockets.closeTimeout).toBe(5_000);
});

test.each([
  ["keepAliveInterval", 0],
  ["keepAliveInterval", -1],
  ["clientTimeoutInterval", NaN],
  ["handshakeTimeout", "15"],
  ["maximumReceiveMessageSize", 0],
  ["streamBufferCapacity", 0],
  ["maximumParallelInvocationsPerClient", 0],
  ["maximumStreamingInvocationsPerClient", -5],
  ["maximumGroupsPerConnection", {}],
  ["maximumConnections", false],
  ["transportSendTimeout", 0],
  ["disconnectTimeout", "soon"],
  ["applicationMaxBufferSize", 0],
  ["transportMaxBufferSize", -1],
  ["enableDetailedErrors", "yes"],
  ["allowStatefulReconnects", "yes"],
  ["statefulReconnectBufferSize", 0],
  ["protocols", []],
  ["protocols", "json"],
  ["transports", ["Pigeons"]],
  ["transports", "WebSockets"],
  ["allowedOrigins", "https://example.com"],
  ["authenticate", {}],
  ["enableAuthenticationRefresh", "yes"],
  ["closeOnAuthenticationExpiration", 1],
  ["onAuthenticationRefresh", true],
  ["maximumAuthenticationExpiration", 0],
  ["maximumAuthenticationExpiration", 60_000], // without refreshes
  ["createHub", EmptyHub.name],
])("mapHub refuses %s: %j and names it", (name, value) => {
  const server = createHubServer({ logger: null });
  const map = () => server.mapHub("/hub", EmptyHub, { [name]: value });
  expect(map).toThrow(InvalidArgumentError);
  expect(map).toThrow(`'${name}'`);
});

test.each([
  ["closeTimeout", 0],
  ["maximumFrameSize", "1 MiB"],
])("mapHub refuses webSockets.%s: %j", (name, value) => {
  const server = createHubServer({ logger: null });
  expect(() => server.mapHub("/hub", EmptyHub, { webSockets: { [name]: value } })).toThrow(`'webSockets.${name}'`);
});

test("mapHub refuses longPolling.pollTimeout: 0", () => {
  const server = createHubServer({ logger: null });
  expect(() => server.mapHub("/hub", EmptyHub, { longPolling: { pollTimeout: 0 } })).toThrow(
    "'longPolling.pollTimeout'",
  );
});

test.each([
  ["shutdownTimeout", 0],
  ["maximumConnections", -1],
  ["logger", {}],
  ["keepAliveInterval", 0],
])("createHubServer refuses %s: %j and names it", (name, value) => {
  const create = () => createHubServer({ [name]: value });
  expect(create).toThrow(InvalidArgumentError);
  expect(create).toThrow(`'${name}'`);
});

test("an encoding that is none is refused", () => {
  expect(() => resolveHubOptions({}, { protocols: [{} as never] })).toThrow(InvalidArgumentError);
});

test("warnings are logged unless the options say otherwise", () => {
  const levels = (options: object) => {
    const { log } = resolveHubServerOptions(options);
    return [LogLevel.Information, LogLevel.Warning, LogLevel.Critical].map((level) => log.isEnabled(level));
  };
  expect(levels({})).toEqual([false, true, true]);
  expect(levels({ logger: LogLevel.Critical })).toEqual([false, false, true]);
  expect(levels({ logger: null })).toEqual([false, false, false]);
  expect(levels({ logger: { log: () => undefined } })).toEqual([true, true, true]);
});

describe("mapHub", () => {
  test.each(["hub", "", "/hub?x=1", "/hub#x", "http://localhost/hub"])("refuses the path %j", (path) => {
    expect(() => createHubServer({ logger: null }).mapHub(path, EmptyHub)).toThrow(InvalidArgumentError);
  });

  test("refuses a path that is taken, in any case and form", () => {
    const server = createHubServer({ logger: null }).mapHub("/Hub", EmptyHub);
    expect(() => server.mapHub("/hub/", EmptyHub)).toThrow(InvalidArgumentError);
    expect(() => server.mapHub("/hub2", EmptyHub)).not.toThrow();
  });

  test("and attach are refused when the server is closed", async () => {
    const server = createHubServer({ logger: null });
    await server.close();
    expect(() => server.mapHub("/hub", EmptyHub)).toThrow("closed");
    expect(() => server.attach(new EventTarget() as never)).toThrow("closed");
  });
});

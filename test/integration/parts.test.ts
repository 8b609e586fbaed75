/** Connections made of named parts with `createHubConnection`: what each part gives, and what is said where one is missing. */
import { build } from "esbuild";
import {
  authenticationRefresh,
  automaticReconnect,
  configurableCalls,
  createHubConnection,
  HttpTransportType,
  HubConnectionBuilder,
  InvalidArgumentError,
  InvalidStateError,
  longPolling,
  negotiation,
  serverSentEvents,
  statefulReconnect,
  streams,
  Subject,
  waitingCalls,
  webSockets,
  type HubConnectionOptions,
} from "../../src/index.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import { HubSite } from "./hub-site.js";
import { RoomHub, RoomState } from "./room-hub.js";
import { failureOf } from "../support/witness.js";

const running = HubSite.forTests({
  map: (hubs) => {
    const state = new RoomState();
    hubs.mapHub("/hub", RoomHub, { createHub: () => new RoomHub(state), allowStatefulReconnects: true });
  },
});

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop();
});

type Parts = Partial<HubConnectionOptions>;

async function connected(parts: Parts = {}, url = running.site.url) {
  const connection = createHubConnection(`${url}/hub`, { transports: [webSockets], negotiation, ...parts });
  open.push(connection);
  await connection.start();
  return connection;
}

test.each([
  ["WebSockets", webSockets],
  ["ServerSentEvents", serverSentEvents],
  ["LongPolling", longPolling],
])("a connection that knows %s only uses that", async (name, transport) => {
  const connection = await connected({ transports: [transport] });
  expect(connection.transport).toBe(name);
  await expect(connection.invoke("Add", 20, 22)).resolves.toBe(42);
});

test.each<[string, Parts]>([
  ["without the part that negotiates", { negotiation: undefined }],
  ["with it, when it is skipped", { skipNegotiation: true }],
])("%s the WebSocket is connected at once", async (_title, parts) => {
  const accessTokenFactory = jest.fn(() => "token");
  const connection = await connected({ ...parts, accessTokenFactory });
  expect([connection.transport, connection.connectionId]).toEqual(["WebSockets", null]);
  expect(accessTokenFactory.mock.calls).toEqual([[{ reason: "connect", url: `${running.site.url}/hub` }]]);
  await expect(connection.invoke("Add", 20, 22)).resolves.toBe(42);
});

test.each<[string, Parts]>([
  ["LongPolling", { transports: [webSockets, longPolling] }],
  ["ServerSentEvents", { transports: [serverSentEvents] }],
  ["transport", { transport: HttpTransportType.LongPolling }],
  ["statefulReconnect", { statefulReconnect: statefulReconnect() }],
  ["authenticationRefresh", { authenticationRefresh: authenticationRefresh() }],
])("%s is refused without the part that negotiates, by name", (name, parts) => {
  const refused = new InvalidArgumentError(`'${name}' needs the part 'negotiation'.`);
  const create = (more: Parts) => createHubConnection("http://h/hub", { transports: [webSockets], ...parts, ...more });
  expect(() => create({})).toThrow(refused);
  expect(() => create({ negotiation })).not.toThrow();
});

test("a negotiation is not skipped where another transport could be meant", async () => {
  const several = createHubConnection("http://h/hub", {
    transports: [webSockets, longPolling],
    negotiation,
    skipNegotiation: true,
  });
  const builder = new HubConnectionBuilder().withUrl("http://h/hub", { skipNegotiation: true });
  for (const connection of [several, builder.build()]) {
    await expect(connection.start()).rejects.toThrow("skipNegotiation needs transport: HttpTransportType.WebSockets.");
  }
});

test("of several transports the server's order decides", async () => {
  const connection = await connected({ transports: [longPolling, webSockets] });
  expect(connection.transport).toBe("WebSockets");
});

test("without the part for calls there are neither options nor interceptors, and the call says so", async () => {
  const connection = await connected();
  const missing = new InvalidStateError("The connection was made without the part 'calls'.");
  expect(() => connection.with({ timeout: 1 })).toThrow(missing);
  expect(() => connection.use({ invoke: (call, next) => next(call) })).toThrow(missing);
  await expect(connection.refreshAuthentication()).rejects.toMatchObject({ code: "invalid-state" });
  await connection.stop();
  await expect(failureOf(connection.invoke("Add", 1, 1))).resolves.toMatchObject({ code: "invalid-state" });
  await expect(failureOf(connection.send("Add", 1, 1))).resolves.toMatchObject({ code: "invalid-state" });
});

/** Everything that an argument may be to count as a stream. */
async function* generated() {
  yield 1;
}
const sources = [
  ["a Subject", () => new Subject<number>()],
  ["an async iterable", generated],
  ["a ReadableStream", () => new ReadableStream<number>()],
  ["what only has a reader", () => ({ getReader: () => ({}) })],
] as const;

const noStreams = new InvalidStateError("The connection was made without the part 'streams'.");

describe.each<[string, HubConnectionOptions["calls"]]>([
  ["plain calls", undefined],
  ["configurable calls", configurableCalls],
])("without the part for streams, with %s,", (_calls, calls) => {
  test("stream() says so at the call", async () => {
    const connection = await connected({ calls });
    expect(() => connection.stream("Counter", 3)).toThrow(noStreams);
    if (calls) expect(() => connection.with({ timeout: 1_000 }).stream("Counter", 3)).toThrow(noStreams);
    await connection.stop();
    expect(() => connection.stream("Counter", 3)).toThrow(noStreams);
  });

  test.each(sources)("%s among the arguments is refused, and never sent as an object", async (_what, source) => {
    const connection = await connected({ calls });
    const failures = [failureOf(connection.invoke("Add", 1, source())), failureOf(connection.send("Add", source(), 1))];
    if (calls) failures.push(failureOf(connection.with({ timeout: 1_000 }).invoke("Add", 1, source())));
    for (const failure of await Promise.all(failures)) expect(failure).toEqual(noStreams);
    await expect(connection.invoke("Add", 20, 22)).resolves.toBe(42);
  });
});

test.each<[string, HubConnectionOptions["calls"]]>([
  ["plain calls", undefined],
  ["configurable calls", configurableCalls],
  ["waiting calls", waitingCalls()],
])("with streams and %s both directions work", async (_calls, calls) => {
  const connection = await connected({ streams, calls });
  const items: number[] = [];
  for await (const item of connection.stream<number>("Counter", 3)) items.push(item);
  expect(items).toEqual([1, 2, 3]);
  await expect(connection.invoke("Sum", generated())).resolves.toBe(1);
});

test.each([
  ["configurableCalls", configurableCalls],
  ["waitingCalls()", waitingCalls()],
])("with %s calls have options and interceptors", async (_name, calls) => {
  const connection = await connected({ calls });
  const seen: string[] = [];
  connection.use({
    invoke: (call, next) => {
      seen.push(call.method);
      return next(call);
    },
  });
  await expect(connection.with({ timeout: 10_000 }).invoke("Add", 1, 2)).resolves.toBe(3);
  expect(seen).toEqual(["Add"]);
});

test.each([
  ["without the part that reconnects a lost connection stays lost", {}, ["Disconnected"]],
  ["automaticReconnect() brings it back", { reconnect: automaticReconnect([0]) }, ["Reconnecting", "Connected"]],
  ["statefulReconnect() goes on as if nothing had happened", { statefulReconnect: statefulReconnect() }, ["recovered"]],
])("%s", async (_title, parts: Parts, expected) => {
  const proxy = await TcpProxy.start(running.site.url);
  open.push(proxy);
  const connection = await connected(parts, proxy.url);
  const states: string[] = [];
  const told = new Promise<void>((resolve) => {
    connection.onStateChange(({ current, recovered }) => {
      if (states.push(recovered ? "recovered" : current) === expected.length) resolve();
    });
  });
  proxy.strike("reset");
  await told;
  expect(states).toEqual(expected);
});

test("bundles have what is named, and nothing else", async () => {
  const bundle = async (parts: string, options: string) => {
    const contents = `import { createHubConnection, ${parts} } from "./src/index.browser.ts";
      export const connection = createHubConnection("/hub", { ${options} });`;
    const stdin = { contents, resolveDir: process.cwd(), loader: "ts" } as const;
    const result = await build({ stdin, bundle: true, format: "esm", metafile: true, write: false });
    const [output] = Object.values(result.metafile.outputs);
    return Object.entries(output?.inputs ?? {})
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([file]) => file);
  };
  const optional = [
    "src/client/resuming-channel.ts",
    "src/client/negotiator.ts",
    "src/client/transport-selector.ts",
    "src/client/reconnect-loop.ts",
    "src/client/outgoing-calls.ts",
    "src/client/serial-queue.ts",
    "src/client/authentication-refresher.ts",
    "src/client/hub-connection-builder.ts",
    "src/http/fetch-http-client.ts",
    "src/http/http-context.ts",
    "src/session/resumable-channel.ts",
    "src/session/subject.ts",
    "src/session/streams.ts",
    "src/session/result-stream.ts",
    "src/session/item-queue.ts",
    "src/session/uploads.ts",
    "src/session/stream-sender.ts",
    "src/transports/long-polling.ts",
    "src/transports/event-stream-parser.ts",
    "src/protocol/json-values.ts",
  ];
  const small = await bundle("webSockets", "transports: [webSockets]");
  expect(small.filter((file) => optional.includes(file))).toEqual([]);
  const resuming = await bundle(
    "webSockets, negotiation, statefulReconnect",
    "transports: [webSockets], negotiation, statefulReconnect: statefulReconnect()",
  );
  expect(resuming).toEqual(
    expect.arrayContaining(["src/client/resuming-channel.ts", "src/session/resumable-channel.ts"]),
  );
});

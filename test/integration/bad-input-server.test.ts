/** What the server's own methods cannot use: refused by name where it is passed, and the hub goes on. */
import { createServer } from "node:http";
import { JsonHubProtocol, LogLevel, type HubConnection } from "../../src/index.js";
import { MessagePackHubProtocol } from "../../src/msgpack.js";
import {
  createHubServer,
  Hub,
  InvalidArgumentError,
  Subject,
  type ClientProxy,
  type HubServer,
  type SingleClientProxy,
} from "../../src/server/index.js";
import { HubSite } from "./hub-site.js";
import { failureOf, nextCall } from "../support/witness.js";

class EchoHub extends Hub {
  echo(value: unknown): unknown {
    return value;
  }
  answer(kind: string): unknown {
    return kind === "function" ? () => 1 : kind === "symbol" ? Symbol("s") : kind === "BigInt" ? 5n : circle();
  }
  async *items(kind: string): AsyncIterable<unknown> {
    yield 1;
    yield this.answer(kind);
  }
}

function circle(): object {
  const object: Record<string, unknown> = {};
  object["self"] = object;
  return object;
}

const noOptions: readonly unknown[] = [null, 5, "x", true];
const noNumbers: readonly unknown[] = [0, -1, NaN, "100", {}];
const noTexts: readonly unknown[] = [undefined, null, 5, {}, ["lobby"], Symbol("lobby")];
const noLists: readonly unknown[] = [undefined, null, "lobby", 5, {}, new Set(["lobby"])];

const numbers = [
  "keepAliveInterval",
  "clientTimeoutInterval",
  "handshakeTimeout",
  "maximumReceiveMessageSize",
  "streamBufferCapacity",
  "maximumParallelInvocationsPerClient",
  "maximumStreamingInvocationsPerClient",
  "maximumGroupsPerConnection",
  "statefulReconnectBufferSize",
  "maximumConnections",
];
const ofHubs = [
  "maximumAuthenticationExpiration",
  "disconnectTimeout",
  "applicationMaxBufferSize",
  "transportMaxBufferSize",
  "transportSendTimeout",
];

const invalid = expect.objectContaining({ code: "invalid-argument" });

function map(name: string, value: unknown): () => unknown {
  return () => createHubServer({ logger: null }).mapHub("/hub", EchoHub, { [name]: value });
}

describe("options", () => {
  test.each(noOptions)("%p are none", (options) => {
    expect(() => createHubServer(options as never)).toThrow(invalid);
    expect(() => createHubServer({ logger: null }).mapHub("/hub", EchoHub, options as never)).toThrow(invalid);
  });

  test.each([...numbers, "shutdownTimeout"])("of the server: %s", (name) => {
    for (const value of noNumbers) {
      expect(() => createHubServer({ [name]: value })).toThrow(`The option '${name}' has a wrong value.`);
    }
  });

  test.each([...numbers, ...ofHubs])("of a hub: %s", (name) => {
    for (const value of noNumbers) expect(map(name, value)).toThrow(`The option '${name}' has a wrong value.`);
  });

  test.each<[string, readonly unknown[]]>([
    ["enableDetailedErrors", ["yes", 1]],
    ["allowStatefulReconnects", ["yes", 1]],
    ["closeOnAuthenticationExpiration", ["yes", 1]],
    ["enableAuthenticationRefresh", ["yes", 1]],
    ["onAuthenticationRefresh", ["yes", {}]],
    ["authenticate", ["yes", {}]],
    ["createHub", ["yes", {}]],
    ["allowedOrigins", ["https://a.example", 5, {}]],
    ["filters", ["x", {}, [{}], [null], [() => undefined]]],
    ["transports", ["WebSockets", ["Pigeons"], [1], {}]],
    ["protocols", ["json", [], {}]],
  ])("of a hub: %s", (name, values) => {
    for (const value of values) expect(map(name, value)).toThrow(`The option '${name}' has a wrong value.`);
  });

  test("encodings and parts of options", () => {
    for (const value of [[null], ["json"], [{}]]) expect(map("protocols", value)).toThrow(InvalidArgumentError);
    expect(map("webSockets", { closeTimeout: 0 })).toThrow("'webSockets.closeTimeout'");
    expect(map("longPolling", { pollTimeout: "1" })).toThrow("'longPolling.pollTimeout'");
    for (const logger of ["info", {}, 7, -1, true]) {
      expect(() => createHubServer({ logger: logger as never })).toThrow("'logger'");
    }
  });

  test("misspelt ones are told in the log", () => {
    const lines: string[] = [];
    const logger = { log: (level: LogLevel, line: string) => lines.push(`${LogLevel[level]}: ${line}`) };
    const server = createHubServer({ logger, keepAliveIntervall: 5 } as never);
    server.mapHub("/hub", EchoHub, { authentication: 5, webSockets: { timeout: 5 }, nothing: undefined } as never);
    expect(lines).toEqual([
      `Warning: Unknown option "keepAliveIntervall".`,
      `Warning: Unknown option "authentication".`,
      `Warning: Unknown option "webSockets.timeout".`,
    ]);
  });
});

describe("a hub server", () => {
  let server: HubServer;
  beforeEach(() => (server = createHubServer({ logger: null })));

  test.each([undefined, null, "", "hub", "/hub?x", "/hub#x", 5, ["/hub"], {}])("maps no hub to %p", (path) => {
    expect(() => server.mapHub(path as never, EchoHub)).toThrow(invalid);
  });

  test.each([undefined, null, {}, class {}, () => undefined, "EchoHub"])("takes no %p for a hub class", (hubClass) => {
    expect(() => server.mapHub("/hub", hubClass as never)).toThrow(invalid);
    expect(() => server.hub(hubClass as never)).toThrow(invalid);
  });

  test("has no path twice, in whatever case", () => {
    server.mapHub("/hub", EchoHub);
    expect(() => server.mapHub("/HUB", EchoHub)).toThrow(invalid);
  });

  test.each([undefined, null, {}, 5, () => undefined])("is not attached to %p", (http) => {
    expect(() => server.attach(http as never)).toThrow(invalid);
  });

  test("that is closed takes nothing more, and can be closed again", async () => {
    await Promise.all([server.close(), server.close()]);
    const closed = expect.objectContaining({ code: "invalid-state" });
    expect(() => server.mapHub("/hub", EchoHub)).toThrow(closed);
    expect(() => server.attach(createServer())).toThrow(closed);
    const { clients } = server.hub(EchoHub);
    await expect(clients.all.send("Notice")).resolves.toBeUndefined();
    expect(await failureOf(clients.client("x").invoke("Notice"))).toMatchObject({ code: "client-result-failed" });
  });
});

describe.each([JsonHubProtocol, MessagePackHubProtocol])("clients and groups, %p", (Protocol) => {
  const running = HubSite.forTests({
    protocols: [new Protocol()],
    map: (hubs) => hubs.mapHub("/hub", EchoHub),
  });
  let connection: HubConnection;
  let hub: ReturnType<HubServer["hub"]>;
  beforeEach(async () => {
    connection = await running.site.connect(running.site.builder().withHubProtocol(new Protocol()));
    hub = running.site.hubs.hub(EchoHub);
  });
  const id = (): string => connection.connectionId ?? "";
  /** Nothing of what was refused has reached anybody, and what comes next does. */
  async function expectAllWell(): Promise<void> {
    const call = nextCall((callback) => connection.on("Notice", callback));
    await hub.clients.all.send("Notice", "good");
    await expect(call).resolves.toBe("good");
  }

  test.each(noTexts)("%p is no id and no name of a group", async (name) => {
    const text = name as string;
    for (const address of [
      () => hub.clients.client(text),
      () => hub.clients.group(text),
      () => hub.clients.user(text),
      () => hub.clients.groupExcept(text, []),
      () => hub.clients.groupExcept("lobby", [text]),
      () => hub.clients.clients([text]),
      () => hub.clients.groups([text]),
      () => hub.clients.users([text]),
      () => hub.clients.allExcept([text]),
    ]) {
      expect(address).toThrow(invalid);
    }
    expect(await failureOf(hub.groups.add(id(), text))).toEqual(invalid);
    await expectAllWell();
  });

  test.each(noLists)("%p is no list", async (list) => {
    const names = list as string[];
    for (const address of [
      () => hub.clients.clients(names),
      () => hub.clients.groups(names),
      () => hub.clients.users(names),
      () => hub.clients.allExcept(names),
      () => hub.clients.groupExcept("lobby", names),
    ]) {
      expect(address).toThrow(invalid);
    }
    await expectAllWell();
  });

  test.each(["", ...noTexts])("%p is no method", async (name) => {
    const method = name as never;
    const proxies: (ClientProxy | SingleClientProxy)[] = [hub.clients.all, hub.clients.client(id())];
    for (const proxy of proxies) expect(await failureOf(proxy.send(method, 1))).toEqual(invalid);
    expect(await failureOf(hub.clients.client(id()).invoke(method))).toEqual(invalid);
    await expectAllWell();
  });

  test.each([
    ["a function", () => 1],
    ["a symbol", Symbol("s")],
    ["a BigInt", 5n],
    ["an object that contains itself", circle()],
  ])("%s cannot be sent", async (_what, value) => {
    const none = expect.objectContaining({ code: "not-serializable" });
    expect(await failureOf(hub.clients.all.send("Notice", value as never))).toEqual(none);
    const asked = await failureOf(hub.clients.client(id()).invoke("Notice", value));
    expect(asked).toEqual(none);
    await expectAllWell();
  });

  test("a stream is no argument of a client's method", async () => {
    const subject = new Subject() as never;
    expect(await failureOf(hub.clients.all.send("Notice", subject))).toEqual(invalid);
    expect(await failureOf(hub.clients.client(id()).invoke("Notice", subject))).toEqual(invalid);
    await expectAllWell();
  });

  test.each([5, "x", {}, new AbortController()])("%p is no signal", (signal) => {
    expect(() => hub.clients.client(id()).with({ signal: signal as never })).toThrow(invalid);
  });

  test.each(["function", "symbol", "BigInt", "circle"])(
    "a hub method whose result is a %s fails alone",
    async (kind) => {
      expect(await failureOf(connection.invoke("Answer", kind))).toMatchObject({ code: "hub-error" });
      const items: unknown[] = [];
      const reading = (async () => {
        for await (const item of connection.stream("Items", kind)) items.push(item);
      })();
      expect(await failureOf(reading)).toMatchObject({ code: "hub-error" });
      expect(items).toEqual([1]);
      await expect(connection.invoke("Echo", 1)).resolves.toBe(1);
      await expectAllWell();
    },
  );
});

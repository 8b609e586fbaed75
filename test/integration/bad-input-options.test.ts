/** What a connection is built with: whatever it cannot use is refused by name before anything goes out, and the builder can be mended. */
import { Agent } from "node:http";
import {
  authenticationRefresh,
  automaticReconnect,
  createHubConnection,
  HttpTransportType,
  HubConnectionBuilder,
  InvalidArgumentError,
  JsonHubProtocol,
  LogLevel,
  statefulReconnect,
  webSockets,
  type IHttpConnectionOptions,
} from "../../src/index.js";
import { MessagePackHubProtocol } from "../../src/msgpack.js";
import { HubSite } from "./hub-site.js";
import { RoomHub, RoomState } from "./room-hub.js";
import { failureOf } from "../support/witness.js";

const URL = "http://localhost/hub";
const DURATIONS: readonly unknown[] = [0, -1, NaN, Infinity, "100", {}, 5n];
const FUNCTIONS = ["accessTokenFactory", "fetch", "WebSocket", "EventSource"];

const wrongOptions: readonly (readonly [name: string, values: readonly unknown[]])[] = [
  ["timeout", DURATIONS],
  ["connectTimeout", DURATIONS],
  ["transport", [99, 8, -1, 1.5, NaN, "WebSockets", {}, { connect: () => undefined }, true]],
  [
    "headers",
    [
      "A: 1",
      5,
      ["A: 1"],
      new Map(),
      new Headers({ A: "1" }),
      { A: {} },
      { A: () => "1" },
      { A: null },
      () => ({ A: "1" }),
    ],
  ],
  ["logger", ["info", {}, { log: 5 }, 7, -1, 1.5, NaN, true]],
  ["httpClient", [{}, "fetch", { send: 5 }, () => undefined]],
  ["withCredentials", ["yes", 1]],
  ["cookieJar", ["a=1", {}, { getCookieString: () => "" }]],
  ["httpAgent", ["x", {}, 5]],
  ["proxy", ["proxy.example:80", "", 5, true, {}, "socks5://h"]],
  ["tls", ["x", 5, true]],
  ["webSocketOptions", ["x", 5, true]],
  ["skipNegotiation", ["yes", 1]],
  ["logMessageContent", ["yes", 1]],
  ...FUNCTIONS.map((name) => [name, ["x", 5, {}, true]] as const),
];

const wrongArguments: readonly (readonly [method: keyof HubConnectionBuilder, values: readonly unknown[]])[] = [
  ["withUrl", [undefined, null, "", "  ", 5, {}, ["/hub"], Symbol("/hub")]],
  ["configureLogging", [undefined, null, {}, { log: 5 }, 99, -1, NaN, "loud", "", true]],
  [
    "withHubProtocol",
    [undefined, null, "json", {}, { name: "x", transferFormat: 1 }, protocolWith("", 1), protocolWith("x", 9)],
  ],
  [
    "withAutomaticReconnect",
    [
      [-1],
      [NaN],
      [Infinity],
      ["5"],
      [null],
      "5",
      { maxRetries: -1 },
      { delays: 5 },
      { jitter: 2 },
      { policy: {} },
      { nextRetryDelayInMilliseconds: 5 },
      () => 5,
    ],
  ],
  [
    "withAuthenticationRefresh",
    [
      ...[-1, NaN, Infinity, "5", null].map((value) => ({ refreshBeforeExpirationInMilliseconds: value })),
      ...["yes", 1, null].map((value) => ({ enableAutoRefresh: value })),
    ],
  ],
  ["withSerialHandlers", [0, -1, NaN, "5"].map((value) => ({ capacity: value }))],
  ["withWaitingCalls", [0, -1, NaN, "5"].flatMap((value): unknown[] => [{ timeout: value }, { maximumCalls: value }])],
  ["withServerTimeout", [...DURATIONS, null, undefined]],
  ["withKeepAliveInterval", [...DURATIONS, null, undefined]],
  ["withHandshakeTimeout", [...DURATIONS, null, undefined]],
  [
    "withStatefulReconnect",
    ["bufferSize", "resumeTimeout"].flatMap((name) => DURATIONS.map((value) => ({ [name]: value }))),
  ],
];

function protocolWith(name: string, transferFormat: number): object {
  return { name, version: 1, transferFormat, parseMessages: () => [], writeMessage: () => "" };
}

function pairs<Name>(table: readonly (readonly [Name, readonly unknown[]])[]): [Name, unknown][] {
  return table.flatMap(([name, values]) => values.map((value): [Name, unknown] => [name, value]));
}

function build(name: string, value: unknown): () => unknown {
  return () => new HubConnectionBuilder().withUrl(URL, { [name]: value }).build();
}

test.each(pairs(wrongOptions))("the option %s: %p is refused, with its name and without its value", (name, value) => {
  expect(build(name, value)).toThrow(InvalidArgumentError);
  expect(build(name, value)).toThrow(`The option '${name}' has a wrong value.`);
});

test.each(wrongOptions.map(([name]) => name))("the option %s: null and undefined mean the default", (name) => {
  for (const nothing of [null, undefined]) expect(build(name, nothing)).not.toThrow();
});

test.each(pairs(wrongArguments))("%s(%p) is refused, and the builder stays good", (method, value) => {
  const builder = new HubConnectionBuilder().withUrl(URL).configureLogging(LogLevel.None);
  const refused = () => (builder[method] as (argument: unknown) => unknown).call(builder, value);
  expect(refused).toThrow(expect.objectContaining({ code: "invalid-argument" }));
  expect(builder.withAutomaticReconnect().build().state).toBe("Disconnected");
});

test("what the official client takes is taken", () => {
  const build = (transport: HttpTransportType | undefined) =>
    new HubConnectionBuilder().withUrl(URL, transport).build();
  for (const transport of [undefined, 0, 1, 2, 3, 4, 5, 6, 7]) expect(() => build(transport)).not.toThrow();
  expect(() => build(HttpTransportType.WebSockets | HttpTransportType.LongPolling)).not.toThrow();
  for (const delays of [undefined, [], [0], [0, 1.5]]) {
    expect(() => new HubConnectionBuilder().withAutomaticReconnect(delays as number[])).not.toThrow();
  }
  for (const level of ["trace", "INFO", "Information", "warn", "none", LogLevel.Trace, LogLevel.None]) {
    expect(() => new HubConnectionBuilder().configureLogging(level)).not.toThrow();
  }
  const headers = { Text: "x", Number: 5, Nothing: undefined } as unknown as Record<string, string>;
  expect(() => new HubConnectionBuilder().withUrl(URL, { headers }).build()).not.toThrow();
});

describe("URLs", () => {
  const build = (url: string) => new HubConnectionBuilder().withUrl(url).build();

  test.each(["/hub", "hub", "//h/hub", "ftp://h/hub", "javascript:alert(1)", "http://", "file:///etc/passwd"])(
    "%s is none that Node can use",
    (url) => {
      expect(() => build(url)).toThrow(`'${url}' is not an absolute http(s) URL.`);
      const connection = build(URL);
      expect(() => (connection.baseUrl = url)).toThrow(InvalidArgumentError);
      expect(connection.baseUrl).toBe(URL);
    },
  );

  test("that are refused are shown without what may be secret", () => {
    expect(() => build("//me:s3cr3t@h/hub?key=s3cr3t")).toThrow(/^(?!.*s3cr3t)/);
  });

  test("of a WebSocket stand for those of HTTP", () => {
    expect(build("ws://h/hub").baseUrl).toBe("http://h/hub");
    expect(build("wss://h/hub?a=1").baseUrl).toBe("https://h/hub?a=1");
  });

  test.each([undefined, null, "", 5, {}])("the property baseUrl takes no %p", (url) => {
    const connection = build(URL);
    expect(() => (connection.baseUrl = url as never)).toThrow(expect.objectContaining({ code: "invalid-argument" }));
    expect(connection.baseUrl).toBe(URL);
  });

  test("withUrl must have been called", () => {
    expect(() => new HubConnectionBuilder().build()).toThrow(expect.objectContaining({ code: "invalid-state" }));
  });
});

test.each([undefined, null, "webSockets", {}])(
  "createHubConnection needs a list of transports, not %p",
  (transports) => {
    expect(() => createHubConnection(URL, { transports: transports as never })).toThrow("'transports'");
  },
);

test.each<[string, unknown]>([
  ["calls", {}],
  ["streams", true],
  ["reconnect", "yes"],
  ["reconnect", automaticReconnect], // not called
  ["statefulReconnect", statefulReconnect],
  ["authenticationRefresh", authenticationRefresh],
  ["negotiation", () => undefined],
  ["transports", [undefined]],
  ["transports", ["WebSockets"]],
  ["serialHandlers", {}],
  ["protocol", { name: "json" }],
  ["serverTimeout", 0],
  ["handshakeTimeout", "5"],
])("createHubConnection refuses %s: %p by its name", (name, value) => {
  const build = () => createHubConnection(URL, { transports: [webSockets], [name]: value });
  expect(build).toThrow(`The option '${name}' has a wrong value.`);
});

test("what the builder has methods for means nothing among the options of withUrl", () => {
  const options = { protocol: "x", reconnect: true, serverTimeout: -1, transports: [], calls: 5 };
  const connection = new HubConnectionBuilder().withUrl(URL, options as object).build();
  expect(connection.serverTimeoutInMilliseconds).toBe(30_000);
});

test("the options of the encodings are checked", () => {
  for (const options of [{ replacer: ["a"] }, { reviver: "a" }]) {
    expect(() => new JsonHubProtocol(options as never)).toThrow(/The option 're\w+' has a wrong value/);
  }
  const names = ["maxDepth", "maxStrLength", "maxBinLength", "maxArrayLength", "maxMapLength", "maxExtLength"];
  const wrong = [...names, "initialBufferSize"].flatMap((name) => [-1, NaN, "5"].map((value) => ({ [name]: value })));
  for (const options of [...wrong, { dates: "Text" }, { propertyNames: "snake" }, { extensionCodec: {} }]) {
    expect(() => new MessagePackHubProtocol(options as never)).toThrow(InvalidArgumentError);
  }
  for (const nothing of [undefined, null, {}]) {
    expect(() => new JsonHubProtocol(nothing)).not.toThrow();
    expect(() => new MessagePackHubProtocol(nothing)).not.toThrow();
  }
});

describe("with a hub", () => {
  const seen: (string | undefined)[] = [];
  const running = HubSite.forTests({
    map: (hubs) =>
      hubs.mapHub("/hub", RoomHub, {
        createHub: () => new RoomHub(new RoomState()),
        authenticate: ({ headers }) => {
          seen.push(headers.authorization);
          return {};
        },
      }),
  });
  beforeEach(() => (seen.length = 0));
  const recording = (options: object) => {
    const lines: string[] = [];
    const logger = { log: (_level: LogLevel, line: string) => lines.push(line) };
    return { lines, builder: running.site.builder("/hub", { logger, ...options }) };
  };

  test("a misspelt option is told in the log, and does no harm", async () => {
    const { lines, builder } = recording({ acessTokenFactory: () => "s3cr3t", nothing: undefined });
    const connection = await running.site.connect(builder);
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    expect(lines.filter((line) => line.includes("Unknown"))).toEqual([`Unknown option "acessTokenFactory".`]);
  });

  test("what is no option takes the place of nothing", async () => {
    const strangers = {
      clock: {},
      platform: {},
      url: "http://elsewhere",
      log: {},
      wakeSource: {},
      maximumMessageSize: 1,
      connectCustom: () => undefined,
      trace: () => undefined,
    };
    const { lines, builder } = recording(JSON.parse(`{"__proto__":{"timeout":0}}`) as object);
    builder.withUrl(`${running.site.url}/hub`, strangers as object);
    const connection = await running.site.connect(builder);
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    expect(lines.filter((line) => line.includes("Unknown"))).toHaveLength(Object.keys(strangers).length + 1);
  });

  test("the options that there are are no unknown ones", () => {
    const options: Required<Omit<IHttpConnectionOptions, "logger">> = {
      headers: {},
      httpClient: { send: () => undefined } as never,
      transport: HttpTransportType.WebSockets,
      accessTokenFactory: () => "",
      logMessageContent: false,
      skipNegotiation: false,
      withCredentials: true,
      timeout: 1,
      connectTimeout: 1,
      fetch: globalThis.fetch,
      WebSocket: class {} as never,
      EventSource: class {} as never,
      cookieJar: { getCookieString: () => "", setCookie: () => undefined },
      httpAgent: new Agent(),
      proxy: false,
      tls: {},
      webSocketOptions: {},
    };
    const { lines, builder } = recording(options);
    builder.build();
    expect(lines).toEqual([]);
  });

  test("a URL with a user's name and password: Node sends them as Basic authorization, nobody shows them", async () => {
    const { lines, builder } = recording({});
    const url = running.site.url.replace("//", "//me:s3cr3t@");
    const connection = await running.site.connect(builder.withUrl(`${url}/hub`));
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    const basic = `Basic ${Buffer.from("me:s3cr3t").toString("base64")}`;
    expect(seen.splice(0)).toEqual([basic, basic]);
    expect(lines.filter((line) => line.includes("s3cr3t"))).toEqual([]);
  });

  test.each(["LongPolling", "ServerSentEvents"] as const)(
    "fetch refuses such a URL by name (%s)",
    async (transport) => {
      const options = { fetch: globalThis.fetch, transport: HttpTransportType[transport] };
      const { lines, builder } = recording(options);
      const url = running.site.url.replace("//", "//me:s3cr3t@");
      const error = await failureOf(running.site.build(builder.withUrl(`${url}/hub?key=s3cr3t`)).start());
      expect(error).toMatchObject({ code: "invalid-argument" });
      expect([error.message, ...lines].filter((text) => text.includes("s3cr3t"))).toEqual([]);
    },
  );

  test.each([5, {}, ["token"], "line\nbreak", true])("a token factory that gives %p", async (token) => {
    let answer: unknown = token;
    const builder = running.site.builder("/hub", { accessTokenFactory: () => answer as string });
    const connection = running.site.build(builder);
    const error = await failureOf(connection.start());
    expect(error).toMatchObject({ code: "invalid-argument" });
    expect(error.message).not.toContain('break"');
    answer = "good";
    await connection.start();
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test.each([undefined, null, "", false])("a token factory that gives %p has no token", async (token) => {
    const builder = running.site.builder("/hub", { accessTokenFactory: () => token as string });
    await running.site.connect(builder);
    expect(seen.splice(0)).toEqual([undefined, undefined]);
  });

  test("start takes no signal that is none, and ignores what the official client ignores", async () => {
    const connection = running.site.build();
    for (const signal of [5, "x", {}, new AbortController(), () => undefined]) {
      const error = await failureOf(connection.start({ signal } as never));
      expect(error).toMatchObject({ code: "invalid-argument" });
      expect(connection.state).toBe("Disconnected");
    }
    for (const nothing of [undefined, null, 5, "x", {}, { signal: null }, new Event("click")]) {
      await connection.start(nothing as never);
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
      await connection.stop();
    }
  });
});

/** Requests, tokens, logs and Long Polling, by hubwire's client and by the official one: what that one gets wrong, and what stays as it is. */
import * as official from "@microsoft/signalr";
import * as hubwire from "../../src/index.js";
import { compare, fateOf, hubwireClient, officialClient } from "../support/both-clients.js";
import { pass, settle, type ClientPackage, type ScriptedHub } from "../support/scripted-hub.js";
import { LocalServer } from "../unit/platform/local-server.js";

const never = (): Promise<never> => new Promise(() => undefined);
const { HttpTransportType, LogLevel } = hubwire;

/** A started Long Polling connection; its next poll waits, and every POST is answered. */
async function longPolling(hub: ScriptedHub): Promise<hubwire.HubConnection> {
  const ok = (content = "") => new hub.client.HttpResponse(200, "OK", content);
  let posted: () => void = () => undefined;
  const handshake = new Promise<void>((resolve) => (posted = resolve));
  const answers = [() => ok(), () => handshake.then(() => ok("{}\u001e"))];
  hub.answer = ({ method }) => {
    if (method === "GET") return answers.shift()?.() ?? never();
    posted();
    return ok();
  };
  return hub.connect(hub.builder({ transport: HttpTransportType.LongPolling }));
}

const methods = (hub: ScriptedHub) => hub.requests.map(({ method }) => method);

compare(
  "Long Polling notices a dead network (GAPS 18)",
  async (hub) => {
    const { client } = hub;
    const timeout = () => new Promise((_, reject) => setTimeout(() => reject(new client.TimeoutError()), 100_000));
    const start = longPolling(hub);
    const { answer } = hub;
    let polls = 0;
    hub.answer = (request) => (request.method === "GET" && ++polls > 2 ? timeout() : answer(request));
    const connection = await start;
    hub.answer = timeout;
    await pass(600_000);
    return connection.state;
  },
  { hubwire: "Disconnected", official: "Connected" },
);

compare(
  "the connection token is percent-encoded in URLs (GAPS 29)",
  async (hub) => {
    hub.negotiate = (n) => hub.negotiated(n, { connectionToken: "a+b=c&d/e" });
    await hub.connect();
    return hub.socket.url;
  },
  { hubwire: "ws://hub/chat?id=a%2Bb%3Dc%26d%2Fe", official: "ws://hub/chat?id=a+b=c&d/e" },
);

compare(
  "the DELETE of Long Polling waits for the Close message (GAPS 32)",
  async (hub) => {
    const connection = await longPolling(hub);
    hub.requests.length = 0;
    hub.answer = never;
    fateOf(connection.stop());
    await settle();
    return methods(hub);
  },
  { hubwire: ["POST"], official: ["POST", "DELETE"] },
);

compare(
  "stop() of Long Polling settles on a dead network (GAPS 46c)",
  async (hub) => {
    const connection = await longPolling(hub);
    hub.answer = never;
    const stop = fateOf(connection.stop());
    await pass(8_000);
    return stop.state;
  },
  { hubwire: "fulfilled", official: "pending" },
);

compare(
  "an unanswered handshake of Long Polling does not leave start() pending (GAPS 46d)",
  async (hub) => {
    let polls = 0;
    hub.answer = ({ method }) =>
      method === "POST" || ++polls === 1 ? new hub.client.HttpResponse(200, "OK", "") : never();
    const start = fateOf(hub.builder({ transport: HttpTransportType.LongPolling }).build().start());
    await pass(100_000);
    return start.state;
  },
  { hubwire: "rejected", official: "pending" },
);

const console_ = ["log", "info", "warn", "error"] as const;

compare(
  "a builder without logging prints no information, that of the connection included (GAPS 37)",
  async (hub) => {
    const spies = console_.map((name) => jest.spyOn(console, name).mockImplementation(() => undefined));
    try {
      await hub.connect(hub.unloggedBuilder());
      return spies.some((spy) => spy.mock.calls.length > 0);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  },
  { hubwire: false, official: true },
);

compare(
  "errors are of classes that are exported, and have a name of their own (GAPS 38)",
  async (hub) => {
    hub.negotiate = () => ({ error: "no" });
    const start = fateOf(hub.builder().build().start());
    await settle();
    const exported = Object.values(hub.client === hubwireClient ? hubwire : official);
    const classes = exported.filter((value): value is new () => Error => "prototype" in Object(value) && (value as { prototype: unknown }).prototype instanceof Error); // prettier-ignore
    return [(start.value as Error).name, classes.some((one) => start.value instanceof one)];
  },
  { hubwire: ["NegotiationError", true], official: ["Error", false] },
);

compare(
  "the token factory is asked for the negotiation and for the WebSocket: documented, so it stays (GAPS 41)",
  async (hub) => {
    let asked = 0;
    await hub.connect(hub.builder({ accessTokenFactory: () => `token-${++asked}` }));
    return asked;
  },
  { hubwire: 2 },
);

compare(
  "the transport None means any: documented, so it stays (GAPS 44)",
  async (hub) => (await hub.connect(hub.builder({ transport: HttpTransportType.None }))).state,
  { hubwire: "Connected" },
);

compare(
  "any 2xx answers a negotiation (GAPS 46)",
  async (hub) => {
    hub.negotiate = (n) => new hub.client.HttpResponse(201, "Created", JSON.stringify(hub.negotiated(n)));
    const start = fateOf(hub.builder().build().start());
    await settle();
    return start.state;
  },
  { hubwire: "fulfilled", official: "rejected" },
);

compare(
  "no log of a printed level shows the connection token (GAPS 46a)",
  async (hub) => {
    const logger = {
      log: (level: hubwire.LogLevel, message: string) =>
        void (level >= LogLevel.Information && hub.logged.push(message)),
    };
    await hub.connect(hub.builder({ logger }));
    return hub.logged.join("\n").includes("token-1");
  },
  { hubwire: false, official: true },
);

compare(
  "a logger that throws does not make start() fail (GAPS 46b)",
  async (hub) => {
    const log = (): never => {
      throw new Error("the disk is full");
    };
    const start = fateOf(hub.builder({ logger: { log } }).build().start());
    await settle();
    return start.state;
  },
  { hubwire: "fulfilled", official: "rejected" },
);

/** What `onclose` is called with when the event stream of a started connection breaks. */
async function endOfEventStream(client: ClientPackage): Promise<unknown> {
  let answered = false;
  let stream: { write(text: string): unknown; destroy(): unknown } | undefined;
  const availableTransports = [{ transport: "ServerSentEvents", transferFormats: ["Text"] }];
  const negotiation = { negotiateVersion: 1, connectionId: "i", connectionToken: "t", availableTransports };
  const server = await LocalServer.start((request, response) => {
    request.resume();
    if (request.url?.includes("/negotiate")) return void response.end(JSON.stringify(negotiation));
    if (request.method === "GET") {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).write(":\n\n");
      stream = response;
      return;
    }
    response.end();
    // Behind the handshake's answer there is nothing: a ping follows it.
    if (!answered) stream?.write("data: {}\u001e\n\n");
    answered = true;
  });
  try {
    const transport = HttpTransportType.ServerSentEvents;
    const builder = new client.HubConnectionBuilder().withUrl(server.url("/hub"), { transport, logger: null });
    const connection = builder.configureLogging(LogLevel.None).build();
    const closed = new Promise((resolve) => connection.onclose(resolve));
    await connection.start();
    stream?.destroy();
    return await closed;
  } finally {
    await server.close();
  }
}

/** Counts how often a connection asks for a token when the first negotiation is refused with 401. */
async function askedAfterRefusal(client: ClientPackage, httpClient?: hubwire.HttpClient): Promise<number> {
  const server = await LocalServer.start((_request, response) => response.writeHead(401).end());
  let asked = 0;
  try {
    const accessTokenFactory = () => `token-${++asked}`;
    const options = { accessTokenFactory, logger: null, ...(httpClient && { httpClient }) };
    const builder = new client.HubConnectionBuilder().withUrl(server.url("/hub"), options);
    await builder.configureLogging(LogLevel.None).build().start().catch(() => undefined); // prettier-ignore
    return asked;
  } finally {
    await server.close();
  }
}

/** The cookies that come with the upgrade when the negotiation sets one. */
async function cookiesOfUpgrade(client: ClientPackage): Promise<string> {
  const availableTransports = [{ transport: "WebSockets", transferFormats: ["Text"] }];
  const negotiation = { negotiateVersion: 1, connectionId: "i", connectionToken: "t", availableTransports };
  const server = await LocalServer.start((_request, response) =>
    response.setHeader("Set-Cookie", "affinity=1; Path=/; HttpOnly").end(JSON.stringify(negotiation)),
  );
  const cookies = new Promise<string>((resolve) => {
    server.server.on("upgrade", ({ headers }, socket) => {
      resolve(headers.cookie ?? "");
      socket.destroy();
    });
  });
  try {
    const builder = new client.HubConnectionBuilder().withUrl(server.url("/hub"), { logger: null });
    await builder.configureLogging(LogLevel.None).build().start().catch(() => undefined); // prettier-ignore
    return await cookies;
  } finally {
    await server.close();
  }
}

// What follows is about the clients' own network, so it is real.
test.each([
  ["a 401 asks for a fresh token once more (GAPS 25)", hubwireClient, 2],
  ["not so the official client: a 401 asks for a fresh token once more (GAPS 25)", officialClient, 1],
])("%s", async (_title, client, times) => {
  expect(await askedAfterRefusal(client)).toBe(times);
});

test.each([
  ["attributes of cookies are not sent with an upgrade (GAPS 26)", hubwireClient, false],
  ["not so the official client: attributes of cookies are not sent with an upgrade (GAPS 26)", officialClient, true],
])("%s", async (_title, client, hasAttributes) => {
  expect((await cookiesOfUpgrade(client)).includes("Path")).toBe(hasAttributes);
});

test("so does a connection with an HTTP client of the official package (GAPS 25)", async () => {
  const httpClient = new official.DefaultHttpClient(official.NullLogger.instance);
  expect(await askedAfterRefusal(hubwireClient, httpClient)).toBe(2);
});

test.each([
  [
    "an event stream that breaks closes with an error (GAPS 30)",
    hubwireClient,
    expect.objectContaining({ code: "connection-lost" }),
  ],
  ["not so the official client: an event stream that breaks closes with an error (GAPS 30)", officialClient, undefined],
])("%s", async (_title, client, error: unknown) => {
  expect(await endOfEventStream(client)).toEqual(error);
});

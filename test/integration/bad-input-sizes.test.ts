/** Calls with what is too large, in both encodings: a named error at the call, or a named end of the connection for both ends; never anything else. */
import {
  HttpTransportType,
  InvalidArgumentError,
  JsonHubProtocol,
  Subject,
  type HubConnection,
  type IHttpConnectionOptions,
} from "../../src/index.js";
import { MessagePackHubProtocol } from "../../src/msgpack.js";
import { Hub } from "../../src/server/index.js";
import { HubSite } from "./hub-site.js";
import { collect, eventually, failureOf, nextCall } from "../support/witness.js";

const MEGABYTE = 1024 * 1024;
const LONG_MS = 120_000;
const protocols = [JsonHubProtocol, MessagePackHubProtocol];

/** More than the server takes of one message (32 KB), and than it takes in one frame (4 MB). */
const [TOO_LARGE, FAR_TOO_LARGE, HUGE] = [40_000, 5 * MEGABYTE, 200 * MEGABYTE];

/** Longer than a string may be, when JSON writes each of its characters as six. */
const beyondStrings = () => "\u0001".repeat(90 * MEGABYTE);

/** What connections ended with on the server, by their ids. */
const ends = new Map<string | null, Error | undefined>();

class SizeHub extends Hub {
  override onDisconnected(error?: Error): void {
    ends.set(this.context.connectionId, error);
  }

  echo(value: unknown): unknown {
    return value;
  }

  async *repeat(value: string): AsyncGenerator<string> {
    yield value;
  }

  async length(items: AsyncIterable<string>): Promise<number> {
    let length = 0;
    for await (const item of items) length += item.length;
    return length;
  }

  ask(): Promise<unknown> {
    return this.clients.caller.invoke("Answer");
  }

  beyond(): string {
    return beyondStrings();
  }

  async *items(): AsyncGenerator<string> {
    yield beyondStrings();
  }
}

const server = HubSite.forTests({
  protocols: protocols.map((Protocol) => new Protocol()),
  map: (hubs) => {
    hubs.mapHub("/hub", SizeHub);
    hubs.mapHub("/large", SizeHub, { maximumReceiveMessageSize: 4 * MEGABYTE });
  },
});

/** Each way for a text to get into a message. */
const ways: Readonly<Record<string, (connection: HubConnection, text: string) => Promise<unknown>>> = {
  "an argument of invoke": (connection, text) => connection.invoke("Echo", text),
  "an argument of send": (connection, text) => connection.send("Echo", text),
  "an argument of stream": (connection, text) => collect(connection.stream("Repeat", text)),
  "an item of an upload": (connection, text) => connection.invoke("Length", itemsOf(text)),
  "an item of a Subject": (connection, text) => {
    const subject = new Subject<string>();
    const call = connection.invoke("Length", subject);
    subject.next(text);
    return call;
  },
  "a header of a message": (connection, text) => connection.with({ headers: { text } }).invoke("Echo", 1),
  "the name of a method": (connection, text) => connection.invoke(text),
};

async function* itemsOf(...texts: string[]): AsyncGenerator<string> {
  yield* texts;
}

async function connect(Protocol = JsonHubProtocol as (typeof protocols)[number], path = "/hub") {
  const connection = await server.site.connect(server.site.builder(path).withHubProtocol(new Protocol()));
  const { connectionId } = connection;
  return { connection, connectionId, closed: nextCall<Error>((callback) => connection.onclose(callback)) };
}

async function expectUsable(connection: HubConnection): Promise<void> {
  await expect(connection.invoke("Echo", "next")).resolves.toBe("next");
  await expect(collect(connection.stream("Repeat", "next"))).resolves.toEqual(["next"]);
}

/** How calls fail whose connection ends so. `send` has done its part before that. */
async function expectEnd(
  { connection, connectionId, closed }: Awaited<ReturnType<typeof connect>>,
  call: Promise<unknown>,
  onClient: object,
  onServer: object,
): Promise<void> {
  const outcome = call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(await closed).toMatchObject(onClient);
  expect((await outcome) ?? onClient).toMatchObject(onClient);
  expect(connection.state).toBe("Disconnected");
  await eventually(() => ends.has(connectionId));
  expect(ends.get(connectionId)).toMatchObject(onServer);
  await connection.start();
  await expectUsable(connection);
}

describe.each(protocols)("%p", (Protocol) => {
  describe.each(Object.entries(ways))("%s", (_way, write) => {
    test("larger than the server's messages: the server says so, and ends the connection", async () => {
      const live = await connect(Protocol);
      const call = write(live.connection, "x".repeat(TOO_LARGE));
      const onServer = { name: "LimitError", limit: "maximumReceiveMessageSize" };
      await expectEnd(live, call, { name: "ConnectionError", code: "server-closed" }, onServer);
    });

    test("larger than its frames: the WebSocket is closed with the code for that", async () => {
      const live = await connect(Protocol);
      const call = write(live.connection, "x".repeat(FAR_TOO_LARGE));
      const onClient = { name: "ConnectionError", code: "connection-lost", closeCode: 1009 };
      await expectEnd(live, call, onClient, { name: "LimitError", limit: "maximumFrameSize" });
    });
  });

  test.each(["an argument of invoke", "an item of an upload"])(
    "200 megabytes as %s are no different",
    async (way) => {
      const live = await connect(Protocol);
      const call = ways[way]?.(live.connection, "x".repeat(HUGE)) ?? Promise.reject(new Error("no such way"));
      const onClient = { name: "ConnectionError", code: "connection-lost" };
      await expectEnd(live, call, onClient, { name: "LimitError", limit: "maximumFrameSize" });
    },
    LONG_MS,
  );

  test("a megabyte as the name of a method is a method that does not exist, where the server takes as much", async () => {
    const { connection } = await connect(Protocol, "/large");
    const error = await failureOf(connection.invoke("x".repeat(MEGABYTE)));
    expect(error).toMatchObject({ name: "HubError", code: "hub-error" });
    expect(error.message).toContain("does not exist");
    await expectUsable(connection);
  });
});

describe("what JSON makes too long for a string", () => {
  test.each(Object.entries(ways).filter(([way]) => !way.startsWith("an item")))(
    "is refused at the call, as %s",
    async (_way, write) => {
      const { connection } = await connect();
      const error = await failureOf(write(connection, beyondStrings()));
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error).toMatchObject({ code: "not-serializable" });
      await expectUsable(connection);
    },
    LONG_MS,
  );

  test.each(["an item of an upload", "an item of a Subject"])(
    "fails the stream, as %s",
    async (way) => {
      const { connection } = await connect();
      const error = await failureOf(ways[way]?.(connection, beyondStrings()) ?? Promise.resolve());
      expect(error).toMatchObject({ name: "HubError", code: "hub-error" });
      await expectUsable(connection);
    },
    LONG_MS,
  );

  test(
    "fails the question, as an answer of a client",
    async () => {
      const { connection } = await connect();
      connection.on("Answer", beyondStrings);
      expect(await failureOf(connection.invoke("Ask"))).toMatchObject({ name: "HubError" });
      await expectUsable(connection);
    },
    LONG_MS,
  );

  test(
    "fails the call, as a result and as an item of a hub method",
    async () => {
      const { connection } = await connect();
      expect(await failureOf(connection.invoke("Beyond"))).toMatchObject({ name: "HubError" });
      expect(await failureOf(collect(connection.stream("Items")))).toMatchObject({ name: "HubError" });
      await expectUsable(connection);
    },
    LONG_MS,
  );
});

describe("what is too long for the head of an HTTP request", () => {
  const long = "x".repeat(MEGABYTE);
  const straight = { skipNegotiation: true, transport: HttpTransportType.WebSockets };
  const refused = { name: "HttpError", statusCode: 431 };

  test.each<[string, string, IHttpConnectionOptions]>([
    ["a header", "/hub", { headers: { "X-Long": long } }],
    ["a token", "/hub", { accessTokenFactory: () => long }],
    ["a query", `/hub?q=${long}`, {}],
  ])("%s fails the start with the server's answer, and the next one may work", async (_what, path, options) => {
    const negotiating = server.site.build(server.site.builder(path, options));
    expect(await failureOf(negotiating.start())).toMatchObject(refused);
    expect(await failureOf(negotiating.start())).toMatchObject(refused);
    const connecting = server.site.build(server.site.builder(path, { ...straight, ...options }));
    const error = await failureOf(connecting.start());
    expect(error).toMatchObject({ name: "ConnectFailedError", attempts: [{ cause: refused }] });
  });

  test("a token that grows beyond it while the connection is open fails what takes it, not the connection", async () => {
    let token = "short";
    const connection = await server.site.connect(server.site.builder("/hub", { accessTokenFactory: () => token }));
    token = long;
    expect(await failureOf(connection.refreshAuthentication())).toMatchObject(refused);
    await expectUsable(connection);
  });
});

/** The official JavaScript client on hubwire's server, over each transport: what its users rely on works, down to the texts of errors. */
import {
  HttpTransportType,
  HubConnectionBuilder,
  HubConnectionState,
  LogLevel,
  Subject,
  type HubConnection,
  type IHttpConnectionOptions,
  type IStreamResult,
} from "@microsoft/signalr";
import { startInteropServer, type InteropServer } from "../../support/interop-hub.js";

const UNEXPECTED = (method: string) => `An unexpected error occurred invoking '${method}' on the server.`;
const LOST = "Invocation canceled due to the underlying connection being closed.";

let server: InteropServer;
let transport: HttpTransportType;
let connections: HubConnection[] = [];

beforeAll(async () => {
  server = await startInteropServer();
});

afterEach(async () => {
  await Promise.all(connections.map((connection) => connection.stop()));
  connections = [];
});

afterAll(async () => {
  await server.stop();
});

function builder(options: IHttpConnectionOptions = {}, query = ""): HubConnectionBuilder {
  return new HubConnectionBuilder()
    .withUrl(server.url + query, { transport, ...options })
    .configureLogging(LogLevel.None);
}

function build(from = builder()): HubConnection {
  const connection = from.build();
  connections.push(connection);
  return connection;
}

async function connect(from?: HubConnectionBuilder): Promise<HubConnection> {
  const connection = build(from);
  await connection.start();
  return connection;
}

/** Everything that a stream gives, and its error if it fails. */
function read<T>(stream: IStreamResult<T>): Promise<{ items: T[]; error: string | undefined }> {
  const items: T[] = [];
  return new Promise((resolve) => {
    stream.subscribe({
      next: (item) => items.push(item),
      error: (error: Error) => resolve({ items, error: error.message }),
      complete: () => resolve({ items, error: undefined }),
    });
  });
}

/** Arguments of the next call of a client method; register before it can come. */
function nextCall(connection: HubConnection, method: string): Promise<unknown[]> {
  return new Promise((resolve) => connection.on(method, (...args: unknown[]) => resolve(args)));
}

/** The calls of a client method, as they come. */
function record(connection: HubConnection, method: string): unknown[][] {
  const received: unknown[][] = [];
  connection.on(method, (...args: unknown[]) => void received.push(args));
  return received;
}

const closed = (connection: HubConnection) =>
  new Promise<Error | undefined>((resolve) => connection.onclose((error) => resolve(error)));

/** The transports, and what this client says when the server's end of one breaks. */
const transports = [
  ["WebSockets", HttpTransportType.WebSockets, /WebSocket closed with status code: 1006/],
  ["Server-Sent Events", HttpTransportType.ServerSentEvents, new RegExp(LOST)],
  ["Long Polling", HttpTransportType.LongPolling, /fetch failed|socket hang up|terminated/],
] as const;

describe.each(transports)("%s", (_name, chosen, loss) => {
  beforeAll(() => (transport = chosen));

  describe("values", () => {
    test.each([
      null,
      true,
      false,
      0,
      -1,
      1.5,
      2 ** 53 - 1,
      1e300,
      "",
      "text",
      'é€😀\u001e\u0000"\\\n',
      "</script>",
      "2026-11-21T13:52:54.000Z",
      [],
      {},
      [1, "two", [null, { three: 3 }]],
      { a: { b: [{ c: null }] }, "": 1, "with space": "é" },
    ])("%j comes back", async (value) => {
      const connection = await connect();
      await expect(connection.invoke("Echo", value)).resolves.toEqual(value);
    });

    test("a text that just fits comes back", async () => {
      const connection = await connect();
      const text = "x".repeat(32_000);
      await expect(connection.invoke("Echo", text)).resolves.toBe(text);
    });

    test("method names match in any case", async () => {
      const connection = await connect();
      await expect(connection.invoke("ADD", 20, 22)).resolves.toBe(42);
      await expect(connection.invoke("add", 20, 22)).resolves.toBe(42);
    });

    test("a method without a result answers null", async () => {
      const connection = await connect();
      await expect(connection.invoke("Nothing")).resolves.toBeNull();
    });

    test("send arrives too, in order with what follows", async () => {
      const connection = await connect();
      const texts = record(connection, "Broadcasted");
      for (let i = 0; i < 100; i++) void connection.send("Broadcast", `text ${i}`);
      await connection.invoke("Nothing");
      expect(texts).toEqual(Array.from({ length: 100 }, (_, i) => [`text ${i}`]));
    });

    test("calls at the same time get each its own answer", async () => {
      const connection = await connect();
      const sums = await Promise.all(Array.from({ length: 300 }, (_, i) => connection.invoke<number>("Add", i, i)));
      expect(sums).toEqual(sums.map((_, i) => 2 * i));
    });

    test("its id is the one that the hub knows", async () => {
      const connection = await connect();
      expect(connection.connectionId).toEqual(expect.stringMatching(/^.{20,}$/));
      await expect(connection.invoke("ConnectionId")).resolves.toBe(connection.connectionId);
    });

    test("it can skip the negotiation", async () => {
      const options = { skipNegotiation: true, transport: HttpTransportType.WebSockets };
      const connection = await connect(builder(options));
      expect(connection.connectionId).toBeNull();
      await expect(connection.invoke("ConnectionId")).resolves.toEqual(expect.any(String));
    });

    test("it can be started again", async () => {
      const connection = await connect();
      const before = connection.connectionId;
      await connection.stop();
      await connection.start();
      expect(connection.connectionId).not.toBe(before);
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    });
  });

  describe("errors", () => {
    test.each<[string, unknown[], string]>([
      ["Fail", [], UNEXPECTED("Fail")],
      ["FailHub", ["told"], `${UNEXPECTED("FailHub")} HubException: told`],
      ["Missing", [], "Failed to invoke 'Missing' due to an error on the server. HubException: Method does not exist."],
      [
        "onConnected",
        [],
        "Failed to invoke 'onConnected' due to an error on the server. HubException: Method does not exist.",
      ],
      [
        "constructor",
        [],
        "Failed to invoke 'constructor' due to an error on the server. HubException: Method does not exist.",
      ],
      [
        "toString",
        [],
        "Failed to invoke 'toString' due to an error on the server. HubException: Method does not exist.",
      ],
      ["Add", [1], "Failed to invoke 'Add' due to an error on the server."],
      [
        "Counter",
        [1, 0],
        "The client attempted to invoke the streaming 'Counter' method with a non-streaming invocation.",
      ],
    ])("invoke %s%j", async (method, args, text) => {
      const connection = await connect();
      await expect(connection.invoke(method, ...args)).rejects.toThrow(new Error(text));
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    });

    test.each<[string, unknown[], string, unknown[]]>([
      ["FailingStream", [2], "An error occurred on the server while streaming results.", [1, 2]],
      [
        "FailingStreamHub",
        [1, "told"],
        "An error occurred on the server while streaming results. HubException: told",
        [1],
      ],
      ["Add", [1, 2], "The client attempted to invoke the non-streaming 'Add' method with a streaming invocation.", []],
      [
        "Missing",
        [],
        "Failed to invoke 'Missing' due to an error on the server. HubException: Method does not exist.",
        [],
      ],
    ])("stream %s%j", async (method, args, error, items) => {
      const connection = await connect();
      await expect(read(connection.stream(method, ...args))).resolves.toEqual({ items, error });
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    });
  });

  describe("streams", () => {
    test("items arrive in order, then the end", async () => {
      const connection = await connect();
      await expect(read(connection.stream("Counter", 50, 1))).resolves.toEqual({
        items: Array.from({ length: 50 }, (_, i) => i + 1),
        error: undefined,
      });
      await expect(connection.invoke("CancelledStreams")).resolves.toBe(0);
    });

    test("calls are answered while streams run", async () => {
      const connection = await connect();
      const streams = Promise.all([1, 2, 3].map(() => read(connection.stream("Counter", 20, 2))));
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
      expect((await streams).map(({ items }) => items.length)).toEqual([20, 20, 20]);
    });

    test("disposing the subscription cancels on the server", async () => {
      const connection = await connect();
      await new Promise<void>((resolve) => {
        const subscription = connection.stream("Counter", 1_000_000, 1).subscribe({
          next: (item) => {
            if (item !== 3) return;
            subscription.dispose();
            resolve();
          },
          error: () => undefined,
          complete: () => undefined,
        });
      });
      // The method's timer may fire once more before it looks at the signal.
      let cancelled = 0;
      while (cancelled === 0) cancelled = await connection.invoke<number>("CancelledStreams");
      expect(cancelled).toBe(1);
    });

    test("an upload is read while it is sent", async () => {
      const connection = await connect();
      const subject = new Subject<number>();
      const uploading = connection.invoke("Upload", "numbers", subject);
      for (let i = 1; i <= 500; i++) {
        subject.next(i);
        if (i % 100 === 0) await connection.invoke("Nothing");
      }
      subject.complete();
      await expect(uploading).resolves.toBe(125_250);
    });

    test("an upload that nobody reads to its end leaves the connection intact", async () => {
      const connection = await connect();
      const subject = new Subject<number>();
      const uploading = connection.invoke("UploadSome", 2, subject);
      for (let i = 1; i <= 100; i++) subject.next(i);
      await expect(uploading).resolves.toBe(3);
      for (let i = 1; i <= 100; i++) subject.next(i); // what comes for it now is ignored
      subject.complete();
      // Without a WebSocket each item is a request, and stopping in between would fail what is left unheard: each call sees one off.
      for (let i = 1; i <= 210; i++) await connection.invoke("Nothing");
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    });

    test("a failing upload fails for the hub", async () => {
      const connection = await connect();
      const subject = new Subject<number>();
      const outcome = connection.invoke("UploadOutcome", subject);
      subject.next(1);
      subject.next(2);
      subject.error(new Error("broken"));
      await expect(outcome).resolves.toBe("failed after 2");
    });

    test("streams in both directions", async () => {
      const connection = await connect();
      const subject = new Subject<string>();
      const reading = read(connection.stream<string>("EchoStream", subject));
      const words = Array.from({ length: 100 }, (_, i) => `word ${i}`);
      for (const word of words) subject.next(word);
      subject.complete();
      await expect(reading).resolves.toEqual({ items: words, error: undefined });
    });
  });

  describe("messages", () => {
    test("a burst arrives in order and before the answer", async () => {
      const connection = await connect();
      const ticks = record(connection, "Tick");
      await connection.invoke("Burst", 500);
      expect(ticks).toEqual(Array.from({ length: 500 }, (_, i) => [i]));
    });

    test("all, and all others", async () => {
      const [first, second] = [await connect(), await connect()];
      const others = [record(first, "FromOther"), record(second, "FromOther")];
      const everybody = Promise.all([nextCall(first, "Broadcasted"), nextCall(second, "Broadcasted")]);
      await first.invoke("SendToOthers", "hello");
      await first.invoke("Broadcast", "to all"); // sent behind it, so that one is there when this comes
      expect(await everybody).toEqual([["to all"], ["to all"]]);
      expect(others).toEqual([[], [["hello"]]]);
    });

    test("groups are joined and left", async () => {
      const [member, guest] = [await connect(), await connect()];
      const received = [record(member, "GroupMessage"), record(guest, "GroupMessage")];
      await member.invoke("JoinGroup", "g");
      await guest.invoke("JoinGroup", "g");
      await guest.invoke("SendToGroup", "g", "one");
      await guest.invoke("LeaveGroup", "g");
      await guest.invoke("SendToGroup", "g", "two");
      await member.invoke("SendToGroup", "g", "three");
      await guest.invoke("Nothing");
      expect(received[0]).toEqual(["one", "two", "three"].map((text) => ["g", text]));
      expect(received[1]).toEqual([["g", "one"]]);
    });

    test("users, with all of their connections", async () => {
      const of = (name: string) => connect(builder({ accessTokenFactory: () => `good-${name}` }));
      const [ann, annToo, bob] = [await of("ann"), await of("ann"), await of("bob")];
      const toBob = record(bob, "UserMessage");
      const toAnn = Promise.all([nextCall(ann, "UserMessage"), nextCall(annToo, "UserMessage")]);
      await bob.invoke("SendToUser", "ann", "hi");
      expect(await toAnn).toEqual([["hi"], ["hi"]]);
      await expect(ann.invoke("WhoAmI")).resolves.toBe("ann");
      await expect((await connect()).invoke("WhoAmI")).resolves.toBeNull();
      expect(toBob).toEqual([]);
    });

    test("a wrong token is refused with 401", async () => {
      const connection = build(builder({ accessTokenFactory: () => "bad" }));
      await expect(connection.start()).rejects.toMatchObject({ message: expect.stringContaining("401") });
      expect(connection.state).toBe(HubConnectionState.Disconnected);
    });
  });

  describe("client results", () => {
    test("the hub gets the answer", async () => {
      const connection = await connect();
      connection.on("Answer", (question: string) => `${question}? yes`);
      await expect(connection.invoke("AskClient", "sure")).resolves.toBe("client said: sure? yes");
    });

    test("the handler may call the hub first", async () => {
      const connection = await connect();
      connection.on("Answer", async () => connection.invoke("Add", 1, 2));
      await expect(connection.invoke("AskClient", "sum")).resolves.toBe("client said: 3");
    });

    test("a failing handler fails the asking method", async () => {
      const connection = await connect();
      connection.on("Answer", () => Promise.reject(new Error("no idea")));
      await expect(connection.invoke("AskClient", "x")).rejects.toThrow(
        new Error(`${UNEXPECTED("AskClient")} HubException: Error: no idea`),
      );
    });

    test("no handler is an answer too", async () => {
      const connection = await connect();
      await expect(connection.invoke("AskClient", "x")).rejects.toThrow(
        new Error(`${UNEXPECTED("AskClient")} HubException: Client didn't provide a result.`),
      );
    });
  });

  describe("endings", () => {
    test("an abort ends the connection for good", async () => {
      const connection = await connect(builder().withAutomaticReconnect([0]));
      let reconnecting = false;
      connection.onreconnecting(() => (reconnecting = true));
      const end = closed(connection);
      connection.invoke("AbortMe").catch(() => undefined);
      await expect(end).resolves.toBeUndefined();
      expect(connection.state).toBe(HubConnectionState.Disconnected);
      expect(reconnecting).toBe(false);
    });

    test("a refusal is a close with the hub's error, and no reason to reconnect", async () => {
      const connection = build(builder({}, "?refuse=full%20house").withAutomaticReconnect([0]));
      let reconnecting = false;
      connection.onreconnecting(() => (reconnecting = true));
      const end = closed(connection);
      // The Close message may overtake the end of start(), which then rejects with it.
      const told = await connection.start().then(
        () => end,
        (error: Error) => error,
      );
      expect(told?.message).toBe(
        "Server returned an error on close: Connection closed with an error. HubException: full house",
      );
      expect(reconnecting).toBe(false);
    });

    test("a dropped socket is reconnected", async () => {
      const connection = await connect(builder().withAutomaticReconnect([0, 10, 100]));
      const before = connection.connectionId;
      const reconnected = new Promise((resolve) => connection.onreconnected(resolve));
      await expect(connection.invoke("DropMe")).rejects.toThrow(loss);
      const after = await reconnected;
      expect(after).not.toBe(before);
      await expect(connection.invoke("ConnectionId")).resolves.toBe(after);
    });

    test("without automatic reconnect it is the end, and streams hear of it", async () => {
      const connection = await connect();
      const end = closed(connection);
      const reading = read(connection.stream("Counter", 1_000_000, 1_000));
      connection.invoke("DropMe").catch(() => undefined);
      expect((await reading).error).toMatch(loss);
      // The end of a stream of events is no error to this client.
      expect((await end)?.message ?? LOST).toMatch(loss);
    });

    test("a message that is too large closes with an error and lets reconnect", async () => {
      const connection = await connect(builder().withAutomaticReconnect([0, 10, 100]));
      const reconnecting = new Promise<Error | undefined>((resolve) => connection.onreconnecting(resolve));
      const reconnected = new Promise((resolve) => connection.onreconnected(resolve));
      const error = "Server returned an error on close: Connection closed with an error.";
      await expect(connection.invoke("Echo", "x".repeat(32 * 1024))).rejects.toThrow(new Error(error));
      expect((await reconnecting)?.message).toBe(error);
      await reconnected;
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    });

    test("stop ends calls in flight and the groups of the connection", async () => {
      const [leaver, stayer] = [await connect(), await connect()];
      await leaver.invoke("JoinGroup", "leavers");
      leaver.on("Answer", () => new Promise(() => undefined));
      const asked = leaver.invoke("AskClient", "x");
      const failure = expect(asked).rejects.toThrow(LOST);
      await leaver.stop();
      await failure;
      await stayer.invoke("SendToGroup", "leavers", "nobody there");
    });
  });
});

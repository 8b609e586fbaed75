/** Calls with what no call can use, in both encodings: each fails by name, at once, and the next call on the same connection works. */
import { HubError, InvalidArgumentError, JsonHubProtocol, Subject, type HubConnection } from "../../src/index.js";
import { MessagePackHubProtocol } from "../../src/msgpack.js";
import { HubSite } from "./hub-site.js";
import { RoomHub, RoomState } from "./room-hub.js";
import { collect, failureOf } from "../support/witness.js";

const protocols = [JsonHubProtocol, MessagePackHubProtocol];

function circle(): object {
  const object: Record<string, unknown> = { a: 1 };
  object["self"] = object;
  return object;
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function throwing(name: string, thrown: unknown = new Error("from a getter")): object {
  return Object.defineProperty({}, name, {
    enumerable: true,
    get() {
      throw thrown;
    },
  });
}

const unsendable: readonly (readonly [string, unknown])[] = [
  ["a function", () => 1],
  ["a class", class {}],
  ["a symbol", Symbol("mark")],
  ["a BigInt", 5n],
  ["a BigInt inside", { list: [5n] }],
  ["an object that contains itself", circle()],
  ["a list that contains itself", [circle()]],
  ["a toJSON that throws", { toJSON: () => JSON.parse("no JSON") as unknown }],
  ["a getter that throws", throwing("a")],
  ["a getter that throws nothing", throwing("a", undefined)],
  ["a getter that throws while streams are looked for", throwing("subscribe")],
  ["a revoked proxy", revoked()],
  ["100,000 lists in each other", nested(100_000)],
];

const noNames: readonly unknown[] = ["", undefined, null, 5, true, {}, ["Echo"], Symbol("Echo"), () => "Echo"];

function pulled(next: () => unknown): object {
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

const badSources: readonly (readonly [string, () => unknown])[] = [
  ["an item that cannot be encoded", () => pulled(async () => Promise.resolve({ done: false, value: () => 1 }))],
  ["an iterator that rejects", () => pulled(() => Promise.reject(new Error("no item")))],
  ["an iterator that throws", () => pulled(() => JSON.parse("no JSON") as unknown)],
  ["an iterator that answers nonsense", () => pulled(() => undefined)],
  ["no iterator", () => ({ [Symbol.asyncIterator]: () => undefined })],
  [
    "a subscribe that throws",
    () => ({
      subscribe() {
        throw new Error("no subscription");
      },
    }),
  ],
  [
    "a stream that somebody else reads",
    () => {
      const stream = new ReadableStream();
      stream.getReader();
      return stream;
    },
  ],
];

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeAll(() => process.on("unhandledRejection", note));
afterAll(() => process.off("unhandledRejection", note));

describe.each(protocols)("%p", (Protocol) => {
  let connection: HubConnection;
  // Whatever the test did; before the site stops the connection.
  afterEach(async () => {
    await expect(connection.invoke("Add", 20, 22)).resolves.toBe(42);
    await expect(collect(connection.stream("Counter", 2))).resolves.toEqual([1, 2]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled.splice(0)).toEqual([]);
  });

  const state = new RoomState();
  const running = HubSite.forTests({
    protocols: protocols.map((Protocol) => new Protocol()),
    map: (hubs) => hubs.mapHub("/hub", RoomHub, { createHub: () => new RoomHub(state) }),
  });
  beforeEach(async () => {
    connection = await running.site.connect(running.site.builder().withHubProtocol(new Protocol()));
  });
  async function failures(...args: unknown[]): Promise<Error[]> {
    const methods = connection as unknown as Record<string, (...args: unknown[]) => unknown>;
    const call = (method: string): unknown => methods[method]?.(...args);
    const told = new Promise<Error>((resolve, reject) => {
      const stream = call("stream") as ReturnType<HubConnection["stream"]>;
      stream.subscribe({ next: reject, error: resolve, complete: () => reject(new Error("it ended")) });
    });
    return [
      await failureOf(call("invoke") as Promise<unknown>),
      await failureOf(call("send") as Promise<unknown>),
      await failureOf(collect(call("stream") as AsyncIterable<unknown>)),
      await told,
    ];
  }

  test.each(unsendable)("%s among the arguments", async (_what, value) => {
    for (const error of await failures("Echo", 1, value)) {
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error).toMatchObject({ code: "not-serializable" });
    }
  });

  test("a value that cannot be sent stops the streams beside it before they begin", async () => {
    let isRead = false;
    async function* source(): AsyncIterable<number> {
      isRead = true;
      yield 1;
    }
    await failures("Sum", source(), () => 1);
    expect(isRead).toBe(false);
  });

  test.each(noNames)("the method name %p", async (name) => {
    for (const error of await failures(name, 1)) {
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error).toMatchObject({ code: "invalid-argument" });
      expect(error.message).toContain("'methodName'");
    }
  });

  test("names that no hub has, whatever is in them, are the hub's to refuse", async () => {
    for (const name of [" ", "\ud800", "\u001e", "__proto__", "x".repeat(10_000)]) {
      expect(await failureOf(connection.invoke(name))).toBeInstanceOf(HubError);
    }
  });

  test("texts that are no Unicode arrive, though not as they were", async () => {
    await expect(connection.invoke("Echo", "\ud800")).resolves.toMatch(/^(\ud800|\ufffd+)$/);
    await expect(connection.invoke("Echo", "\udc00".repeat(100))).resolves.toEqual(expect.any(String));
  });

  test.each(badSources)("an upload with %s ends as failed", async (_what, make) => {
    await expect(connection.invoke("Outcome", make())).resolves.toMatch(/. after 0$/);
    await expect(connection.send("Outcome", make())).resolves.toBeUndefined();
  });

  test("a function that is subscribed to is a stream, as in the official client", async () => {
    const source = Object.assign(() => undefined, {
      subscribe(subscriber: { next(item: number): void; complete(): void }) {
        subscriber.next(40);
        subscriber.next(2);
        subscriber.complete();
      },
    });
    await expect(connection.invoke("Sum", source)).resolves.toBe(42);
  });

  test("a handler's answer that cannot be sent is the error of the hub's question", async () => {
    for (const [, answer] of unsendable) {
      const off = connection.on("Question", () => answer);
      expect(await failureOf(connection.invoke("Ask", "x"))).toBeInstanceOf(HubError);
      off();
    }
  });

  test.each([undefined, null, 5, "next", {}, { next: 5 }, () => undefined])("the subscriber %p", async (subscriber) => {
    const stream = connection.stream<number>("Counter", 2);
    const subject = new Subject<number>();
    for (const source of [stream, subject]) {
      expect(() => source.subscribe(subscriber as never)).toThrow(InvalidArgumentError);
    }
    await expect(collect(stream)).resolves.toEqual([1, 2]);
    const items: number[] = [];
    subject.next(1);
    subject.subscribe({ next: (item) => items.push(item), error: () => undefined, complete: () => undefined });
    expect(items).toEqual([1]);
  });

  describe("handlers", () => {
    test.each([5, "f", {}, true, Symbol("f")])("%p is none", (handler) => {
      const none = expect.objectContaining({ code: "invalid-argument" });
      expect(() => connection.on("Greeting", handler as never)).toThrow(none);
      expect(() => connection.off("Greeting", handler as never)).toThrow(none);
      expect(() => connection.onclose(handler as never)).toThrow(none);
      expect(() => connection.onreconnecting(handler as never)).toThrow(none);
      expect(() => connection.onreconnected(handler as never)).toThrow(none);
      expect(() => connection.onStateChange(handler as never)).toThrow(none);
      expect(() => connection.onAuthenticationRefreshed(handler as never)).toThrow(none);
      expect(() => connection.onAuthenticationRefreshFailed(handler as never)).toThrow(none);
    });

    test.each([5, {}, ["Greeting"], Symbol("Greeting")])("%p is no name", (name) => {
      const none = expect.objectContaining({ code: "invalid-argument" });
      expect(() => connection.on(name as never, () => undefined)).toThrow(none);
      expect(() => connection.off(name as never)).toThrow(none);
    });

    test("what is not there is ignored, as the official client does", async () => {
      for (const nothing of [undefined, null, "", 0, false] as never[]) {
        connection.on(nothing, () => undefined)();
        connection.on("Greeting", nothing)();
        connection.off(nothing);
        connection.onclose(nothing)();
        connection.onreconnecting(nothing)();
        connection.onreconnected(nothing)();
        connection.onStateChange(nothing)();
      }
      const greeted = new Promise((resolve) => connection.on("Greeting", resolve));
      await connection.send("Greet", "x");
      await expect(greeted).resolves.toBe("x");
    });

    test("off takes unknown names and functions, and means all handlers when it gets none", async () => {
      const calls: string[] = [];
      connection.on("Greeting", () => calls.push("first"));
      connection.off("Unknown");
      connection.off("Greeting", () => undefined);
      await connection.invoke("Greet", "x");
      connection.off("Greeting", null as never);
      await connection.invoke("Greet", "x");
      expect(calls).toEqual(["first"]);
    });
  });

  test.each([undefined, null, 5, "x", () => undefined])("with(%p) has no options", (options) => {
    expect(() => connection.with(options as never)).toThrow("The option 'options' has a wrong value.");
  });

  test.each<[string, readonly unknown[]]>([
    ["signal", [5, "x", {}, new AbortController()]],
    ["timeout", [0, -1, NaN, Infinity, "100", {}]],
    ["headers", ["A: 1", 5, ["A"], { A: 5 }, { A: null }]],
    ["streamCapacity", [0, -1, NaN, "5"]],
    ["streamOverflow", ["block", 5]],
  ])("with({ %s }) takes no nonsense", async (name, values) => {
    for (const value of values) {
      expect(() => connection.with({ [name]: value })).toThrow(`The option '${name}' has a wrong value.`);
    }
    await expect(connection.with({ [name]: undefined }).invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("a call with options fails by name as one without does", async () => {
    const calls = connection.with({ timeout: 10_000 });
    expect(await failureOf(calls.invoke("", 1))).toMatchObject({ code: "invalid-argument" });
    expect(await failureOf(calls.send("Echo", () => 1))).toMatchObject({ code: "not-serializable" });
    expect(await failureOf(collect(calls.stream("Counter", 5n)))).toMatchObject({ code: "not-serializable" });
  });

  test.each([undefined, null, 5, {}, () => undefined, { invoke: 5 }])("use(%p) takes no interceptor", (interceptor) => {
    expect(() => connection.use(interceptor as never)).toThrow(InvalidArgumentError);
  });

  test("an interceptor that spoils a call fails that call alone", async () => {
    const off = connection.use({ invoke: (call, next) => next({ ...call, args: "x" as never }) });
    expect(await failureOf(connection.invoke("Add", 1, 1))).toMatchObject({ code: "invalid-argument" });
    off();
  });

  test("a connection whose times were refused keeps those that it had", () => {
    for (const property of ["serverTimeoutInMilliseconds", "keepAliveIntervalInMilliseconds"] as const) {
      const before = connection[property];
      for (const time of [0, -1, NaN, Infinity, "100", null, undefined, {}, 5n]) {
        expect(() => (connection[property] = time as never)).toThrow(`The option '${property}' has a wrong value.`);
      }
      expect(connection[property]).toBe(before);
      connection[property] = 60_000;
      expect(connection[property]).toBe(60_000);
    }
  });
});

test("what stands inside of values is left out by JSON, as JSON does, and refused by MessagePack", async () => {
  const running = await HubSite.start({
    protocols: protocols.map((Protocol) => new Protocol()),
    map: (hubs) => hubs.mapHub("/hub", RoomHub, { createHub: () => new RoomHub(new RoomState()) }),
  });
  const value = { f: () => 1, list: [Symbol("s")] };
  const json = await running.connect();
  await expect(json.invoke("Echo", value)).resolves.toEqual({ list: [null] });
  const messagePack = await running.connect(running.builder().withHubProtocol(new MessagePackHubProtocol()));
  expect(await failureOf(messagePack.invoke("Echo", value))).toMatchObject({ code: "not-serializable" });
  expect(await failureOf(messagePack.invoke("Echo", new ArrayBuffer(1)))).toMatchObject({ code: "not-serializable" });
  await running.stop();
});

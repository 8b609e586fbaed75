/** `connection.use(…)`: what interceptors see and may do, in which order they run, and how they fail. */
import { getEventListeners } from "node:events";
import type { HubInterceptor, InterceptedCall } from "../../../src/client/interceptors.js";
import { InvalidArgumentError } from "../../../src/errors/call-errors.js";
import { AbortError } from "../../../src/errors/http-errors.js";
import { MessageType, type InvocationMessage } from "../../../src/protocol/messages.js";
import type { StreamResult } from "../../../src/session/result-stream.js";
import { startedConnection, type ObservedConnection } from "./observed-connection.js";
import { collect, rejectionOf } from "../../support/witness.js";

const untyped = (value: unknown): never => value as never;

let observed: ObservedConnection;
let order: string[];

beforeEach(async () => {
  observed = await startedConnection(null);
  order = [];
});

afterEach(() => observed.connection.stop());

/** Writes down when it is reached and left. */
function tracer(name: string): HubInterceptor {
  return {
    invoke: async (call, next) => {
      order.push(`${name} > ${call.method}`);
      const result = await next(call);
      order.push(`${name} < ${call.method}`);
      return result;
    },
    send: async (call, next) => {
      order.push(`${name} > ${call.method}`);
      await next(call);
      order.push(`${name} < ${call.method}`);
    },
    stream: (call, next) => {
      order.push(`${name} > ${call.method}`);
      return next(call);
    },
    receive: async (call, next) => {
      order.push(`${name} > ${call.method}`);
      const result = await next(call);
      order.push(`${name} < ${call.method}`);
      return result;
    },
  };
}

describe("around outgoing calls", () => {
  it("the first that was registered is the outermost", async () => {
    const { connection, hub } = observed;
    connection.use(tracer("a"));
    connection.use(tracer("b"));
    const call = connection.invoke("Add", 1, 2);
    await hub.clock.settle();
    hub.socket.receive({ type: MessageType.Completion, invocationId: "0", result: 3 });
    await expect(call).resolves.toBe(3);
    expect(order.splice(0)).toEqual(["a > Add", "b > Add", "b < Add", "a < Add"]);
    await connection.send("Note");
    expect(order.splice(0)).toEqual(["a > Note", "b > Note", "b < Note", "a < Note"]);
    const items = collect(connection.stream("Count"));
    hub.socket.receive(
      { type: MessageType.StreamItem, invocationId: "1", item: 1 },
      { type: MessageType.Completion, invocationId: "1" },
    );
    await expect(items).resolves.toEqual([1]);
    expect(order).toEqual(["a > Count", "b > Count"]);
  });

  it("see the call, and may change all of it", async () => {
    const { connection, hub } = observed;
    const { signal } = new AbortController();
    const seen: InterceptedCall[] = [];
    const change = <T>(call: InterceptedCall, next: (call: InterceptedCall) => T): T => {
      seen.push({ ...call });
      call.headers["extra"] = "1";
      return next({ ...call, method: "Other", args: [...call.args, "more"] });
    };
    connection.use({ invoke: change, send: change, stream: change });
    const calls = connection.with({ headers: { tenant: "a" }, signal });
    void rejectionOf(calls.invoke("M", 1));
    void rejectionOf(connection.invoke("M"));
    await calls.send("M", 2);
    calls.stream("M", 3).subscribe({ next: () => undefined, complete: () => undefined, error: () => undefined });
    await hub.clock.settle();
    expect(seen.map(({ method, args }) => [method, args])).toEqual(
      [1, undefined, 2, 3].map((value) => ["M", value === undefined ? [] : [value]]),
    );
    expect(seen.map((call) => call.connection === connection)).toEqual([true, true, true, true]);
    expect(seen.map((call) => call.signal === signal)).toEqual([true, false, true, true]);
    expect(hub.socket.calls).toMatchObject([
      { type: 1, invocationId: "0", target: "Other", arguments: [1, "more"], headers: { tenant: "a", extra: "1" } },
      { type: 1, invocationId: "1", target: "Other", arguments: ["more"], headers: { extra: "1" } },
      { type: 1, target: "Other", arguments: [2, "more"], headers: { tenant: "a", extra: "1" } },
      { type: 4, invocationId: "2", target: "Other", arguments: [3, "more"], headers: { tenant: "a", extra: "1" } },
    ]);
  });

  it("may answer themselves, and call more than once", async () => {
    const { connection, hub } = observed;
    connection.use({
      invoke: async (call, next) => {
        if (call.method === "Cached") return "cached";
        return next(call).catch(() => next(call));
      },
    });
    await expect(connection.invoke("Cached")).resolves.toBe("cached");
    const call = connection.invoke("Flaky");
    await hub.clock.settle();
    hub.socket.receive({ type: MessageType.Completion, invocationId: "0", error: "not now" });
    await hub.clock.settle();
    hub.socket.receive({ type: MessageType.Completion, invocationId: "1", result: "good" });
    await expect(call).resolves.toBe("good");
  });

  it("get what goes wrong as rejections, also what is wrong at once", async () => {
    const { connection } = observed;
    const seen: unknown[] = [];
    const note = (thrown: unknown): never => {
      seen.push(thrown);
      throw thrown;
    };
    connection.use({
      invoke: (call, next) => next(call).catch(note),
      send: (call, next) => next(call).catch(note),
      stream: (call, next) => {
        const stream = next(call);
        void stream.ended.catch((thrown: unknown) => seen.push(thrown));
        return stream;
      },
    });
    const errors = [
      await rejectionOf(connection.invoke("M", 1n)),
      await rejectionOf(connection.invoke("")),
      await rejectionOf(connection.send("M", 1n)),
      await rejectionOf(collect(connection.stream("M", 1n))),
    ];
    expect(errors).toMatchObject([
      { code: "not-serializable" },
      { code: "invalid-argument" },
      { code: "not-serializable" },
      { code: "not-serializable" },
    ]);
    expect(seen).toEqual(errors);
  });

  it("keep what they wrap within its limits: a signal that has fired asks nobody", async () => {
    const { connection, hub } = observed;
    connection.use(tracer("a"));
    const controller = new AbortController();
    const calls = connection.with({ signal: controller.signal, timeout: 500 });
    const late = rejectionOf(calls.invoke("M"));
    await hub.clock.advanceAsync(500);
    expect(await late).toMatchObject({ code: "call-timeout" });
    order.length = 0;
    controller.abort();
    expect(await rejectionOf(calls.invoke("M"))).toBeInstanceOf(AbortError);
    expect(await rejectionOf(calls.send("M"))).toBeInstanceOf(AbortError);
    expect(await rejectionOf(collect(calls.stream("M")))).toBeInstanceOf(AbortError);
    expect(order).toEqual([]);
  });

  const boom = (): never => {
    throw new Error("boom");
  };

  it.each<[string, HubInterceptor]>([
    ["throws", { invoke: boom, send: boom, stream: boom }],
    ["rejects", { invoke: async () => boom(), send: async () => boom(), stream: boom }],
  ])("whatever one %s is the failure of the call", async (_name, interceptor) => {
    const { connection, hub } = observed;
    connection.use(interceptor);
    expect(await rejectionOf(connection.invoke("M"))).toEqual(new Error("boom"));
    expect(await rejectionOf(connection.send("M"))).toEqual(new Error("boom"));
    expect(await rejectionOf(collect(connection.stream("M")))).toEqual(new Error("boom"));
    await hub.clock.settle();
    expect(hub.socket.calls).toEqual([]);
  });

  it("are told of the failures of those inside as of any other: next never throws", async () => {
    const { connection } = observed;
    const seen: unknown[] = [];
    const note = (thrown: unknown): never => {
      seen.push(thrown);
      throw thrown;
    };
    connection.use({
      invoke: (call, next) => next(call).catch(note),
      send: (call, next) => next(call).catch(note),
      stream: (call, next) => {
        const stream = next(call);
        void stream.ended.catch((thrown: unknown) => seen.push(thrown));
        return stream;
      },
    });
    connection.use({ invoke: boom, send: boom, stream: boom });
    expect(await failure(connection.invoke("M"))).toEqual(new Error("boom"));
    expect(await failure(connection.send("M"))).toEqual(new Error("boom"));
    expect(await failure(collect(connection.stream("M")))).toEqual(new Error("boom"));
    expect(seen).toHaveLength(3);
  });

  it("may answer at once where a promise is expected", async () => {
    const { connection } = observed;
    connection.use({ invoke: (call, next) => next(call).then((value) => `${String(value)}!`) });
    connection.use({ invoke: () => untyped("at once") });
    await expect(connection.invoke("M")).resolves.toBe("at once!");
  });

  it("that never end do not keep a call from being given up", async () => {
    const { connection, hub } = observed;
    const forever = () => new Promise<never>(() => undefined);
    connection.use({ invoke: forever, send: forever });
    const controller = new AbortController();
    const calls = connection.with({ signal: controller.signal });
    const outcomes = [failure(calls.invoke("M")), failure(calls.send("M"))];
    await hub.clock.settle();
    controller.abort("had enough");
    for (const outcome of outcomes) expect(await outcome).toMatchObject({ code: "aborted", cause: "had enough" });
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it.each<[string, (call: InterceptedCall) => void]>([
    ["headers that are no text", (call) => (call.headers = untyped({ a: 1 }))],
    ["arguments that are no list", (call) => (call.args = untyped("x"))],
    ["no method", (call) => (call.method = "")],
  ])("cannot send %s", async (_name, spoil) => {
    const { connection, hub } = observed;
    const spoilt = <T>(call: InterceptedCall, next: (call: InterceptedCall) => T): T => {
      spoil(call);
      return next(call);
    };
    connection.use({ invoke: spoilt, send: spoilt, stream: spoilt });
    expect(await rejectionOf(connection.invoke("M"))).toBeInstanceOf(InvalidArgumentError);
    expect(await rejectionOf(connection.send("M"))).toBeInstanceOf(InvalidArgumentError);
    expect(await rejectionOf(collect(connection.stream("M")))).toBeInstanceOf(InvalidArgumentError);
    await hub.clock.settle();
    expect(hub.socket.calls).toEqual([]);
  });

  it.each([undefined, Promise.resolve(), 5])("a stream that is none (%p) is an error", async (value) => {
    const { connection } = observed;
    connection.use({ stream: () => untyped(value) });
    expect(await rejectionOf(collect(connection.stream("M")))).toBeInstanceOf(InvalidArgumentError);
  });

  it("may be removed, each registration for itself, and have only the functions that they need", async () => {
    const { connection, hub } = observed;
    const sends = { send: tracer("s").send };
    const [first, second] = [connection.use(untyped(sends)), connection.use(untyped(sends))];
    await connection.send("M");
    expect(order.splice(0)).toHaveLength(4);
    first();
    first();
    await connection.send("M");
    expect(order.splice(0)).toEqual(["s > M", "s < M"]);
    second[Symbol.dispose]();
    await connection.send("M");
    void rejectionOf(connection.invoke("M"));
    await hub.clock.settle();
    expect(order).toEqual([]);
    expect(hub.socket.calls).toHaveLength(4);
  });

  it("are called as methods of their object", async () => {
    class Counting implements HubInterceptor {
      count = 0;
      async send(call: InterceptedCall, next: (call: InterceptedCall) => Promise<void>): Promise<void> {
        this.count++;
        return next(call);
      }
    }
    const counting = new Counting();
    observed.connection.use(counting);
    await observed.connection.send("M");
    expect(counting.count).toBe(1);
  });

  it.each([undefined, null, 5, () => undefined, {}, { invoke: 5 }, { send: null }])("%p is none", (value) => {
    expect(() => observed.connection.use(untyped(value))).toThrow(InvalidArgumentError);
  });
});

describe("around handlers", () => {
  const message = (invocationId?: string, headers?: Record<string, string>): InvocationMessage => ({
    type: MessageType.Invocation,
    invocationId,
    target: "M",
    arguments: [1],
    headers,
  });
  const answers = () => observed.hub.socket.calls.filter(({ type }) => type === MessageType.Completion);

  it("see the message and its headers, in the order of registration", async () => {
    const { connection, hub } = observed;
    const seen: InterceptedCall[] = [];
    connection.use(tracer("a"));
    connection.use({ receive: (call, next) => (seen.push(call), next(call)) });
    connection.on("m", (...args) => void order.push(`handler ${args.join()}`));
    hub.socket.receive(message(undefined, { tenant: "t" }));
    await hub.clock.settle();
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: "M", args: [1], headers: { tenant: "t" } });
    expect(seen[0]?.connection).toBe(connection);
    expect(order).toEqual(["a > M", "handler 1", "a < M"]);
    expect(answers()).toEqual([]);
  });

  it("may change what handlers get and what is answered, or keep it from them", async () => {
    const { connection, hub } = observed;
    connection.use({
      receive: async (call, next) => {
        if (call.headers["drop"]) return "dropped";
        return `${String(await next({ ...call, args: [10] }))}!`;
      },
    });
    const handler = jest.fn((value: number) => value + 1);
    connection.on("M", handler);
    hub.socket.receive(message("s1"), message("s2", { drop: "1" }));
    await hub.clock.settle();
    expect(handler.mock.calls).toEqual([[10]]);
    expect(answers()).toMatchObject([
      { invocationId: "s2", result: "dropped" },
      { invocationId: "s1", result: "11!" },
    ]);
  });

  it("wait for all handlers, and learn what one threw", async () => {
    const { connection, hub } = observed;
    const seen: unknown[] = [];
    connection.use({
      receive: (call, next) =>
        next(call).catch((thrown: unknown) => {
          seen.push(thrown);
          throw thrown;
        }),
    });
    const error = new Error("handler");
    connection.on("M", () => Promise.reject(error));
    connection.on("M", () => void order.push("second"));
    hub.socket.receive(message(), message("s1"));
    await hub.clock.settle();
    expect(order).toEqual(["second", "second"]);
    expect(seen).toEqual([error, error]);
    expect(hub.logged.filter((line) => line.includes("threw"))).toEqual([
      `A handler of "M" threw: handler`,
      `A handler of "M" threw: handler`,
    ]);
    expect(answers()).toMatchObject([{ invocationId: "s1", error: "handler" }]);
  });

  it("learn that there is no result, or more than one, where one is wanted", async () => {
    const { connection, hub } = observed;
    const seen: unknown[] = [];
    connection.use({ receive: (call, next) => next(call).catch((thrown: Error) => seen.push(thrown.message)) });
    hub.socket.receive(message(), message("s1"));
    await hub.clock.settle();
    connection.on("M", () => 1);
    connection.on("M", () => 2);
    hub.socket.receive(message("s2"));
    await hub.clock.settle();
    expect(seen).toEqual(["Client didn't provide a result.", "Client provided multiple results."]);
  });

  it("that throw or return nothing are logged, and an error to a hub that waits", async () => {
    const { connection, hub } = observed;
    connection.on("M", () => 1);
    const throws = connection.use({
      receive: () => {
        throw new Error("boom");
      },
    });
    hub.socket.receive(message(), message("s1"));
    await hub.clock.settle();
    throws();
    connection.use({ receive: async (call, next) => void (await next(call)) });
    hub.socket.receive(message("s2"));
    await hub.clock.settle();
    expect(hub.logged.filter((line) => line.includes("threw"))).toEqual([
      `An interceptor of "M" threw: boom`,
      `An interceptor of "M" threw: boom`,
    ]);
    expect(answers()).toMatchObject([
      { invocationId: "s1", error: "boom" },
      { invocationId: "s2", error: "Client didn't provide a result." },
    ]);
    expect(connection.state).toBe("Connected");
  });
});

describe("the end of a stream", () => {
  const item = { type: MessageType.StreamItem, invocationId: "0", item: 1 } as const;
  const settled = async (stream: StreamResult<unknown>): Promise<unknown> =>
    Promise.race([rejectionOf(stream.ended), observed.hub.clock.settle().then(() => "pending")]);

  it("can be waited for without reading", async () => {
    const { connection, hub } = observed;
    const stream = connection.stream("S");
    hub.socket.receive(item);
    expect(await settled(stream)).toBe("pending");
    hub.socket.receive({ type: MessageType.Completion, invocationId: "0" });
    expect(await settled(stream)).toEqual({ value: undefined });
    expect(await collect(stream)).toEqual([1]); // whoever waited has taken nothing
  });

  it("is the error of the server, and no unhandled rejection", async () => {
    const { connection, hub } = observed;
    const stream = connection.stream("S");
    void stream.ended;
    hub.socket.receive({ type: MessageType.Completion, invocationId: "0", error: "no" });
    await hub.clock.settle();
    expect(await settled(stream)).toMatchObject({ code: "hub-error" });
  });

  it("comes when the last reader leaves", async () => {
    const { connection, hub } = observed;
    const stream = connection.stream("S");
    const subscription = stream.subscribe({ next: () => undefined, complete: () => undefined, error: () => undefined });
    hub.socket.receive(item);
    expect(await settled(stream)).toBe("pending");
    subscription.dispose();
    expect(await settled(stream)).toEqual({ value: undefined });
  });
});

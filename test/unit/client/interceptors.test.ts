/** `connection.use(…)` around outgoing calls: what interceptors see and may do, in which order they run, and how they fail. */
import { getEventListeners } from "node:events";
import type { HubConnection } from "../../../src/client/hub-connection.js";
import type { HubInterceptor, InterceptedCall } from "../../../src/client/interceptors.js";
import { InvalidArgumentError } from "../../../src/errors/call-errors.js";
import { AbortError } from "../../../src/errors/http-errors.js";
import { MessageType } from "../../../src/protocol/messages.js";
import type { StreamResult } from "../../../src/session/result-stream.js";
import { collect, rejectionOf } from "../../support/witness.js";
import { observed, order, tracer } from "./intercepted-connection.js";

const untyped = (value: unknown): never => value as never;

/** Intercepts the calls of a connection. @returns what they fail with, in that order. */
function failuresSeenOn(connection: HubConnection): unknown[] {
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
  return seen;
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
    const seen = failuresSeenOn(connection);
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
    const seen = failuresSeenOn(connection);
    connection.use({ invoke: boom, send: boom, stream: boom });
    expect(await rejectionOf(connection.invoke("M"))).toEqual(new Error("boom"));
    expect(await rejectionOf(connection.send("M"))).toEqual(new Error("boom"));
    expect(await rejectionOf(collect(connection.stream("M")))).toEqual(new Error("boom"));
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
    const outcomes = [rejectionOf(calls.invoke("M")), rejectionOf(calls.send("M"))];
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

/** `connection.with(…)`: signals, times and headers of single calls, and that nothing of them is left when a call is over. */
import { InvalidArgumentError } from "../../../src/errors/call-errors.js";
import { ConnectionError } from "../../../src/errors/connection-errors.js";
import { AbortError, TimeoutError } from "../../../src/errors/http-errors.js";
import { MessageType } from "../../../src/protocol/messages.js";
import type { CallOptions } from "../../../src/client/call-options.js";
import { Subject } from "../../../src/session/subject.js";
import { rejectionOf } from "../../support/witness.js";
import { listeners, collect, observed, controller, cancel } from "./calling-connection.js";

const untyped = (value: unknown): never => value as never;

describe("a signal", () => {
  it("rejects a call at once, tells the server, and the late answer means nothing", async () => {
    const { connection, hub } = observed;
    const { signal } = controller;
    const call = rejectionOf(connection.with({ signal }).invoke("Slow", 1));
    await hub.clock.settle();
    expect(listeners(signal)).toBe(1);
    controller.abort("had enough");
    const error = await call;
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({ name: "AbortError", code: "aborted", cause: "had enough" });
    expect(listeners(signal)).toBe(0);
    await hub.clock.settle();
    expect(hub.socket.calls.slice(1)).toEqual([cancel("0")]);
    hub.socket.receive({ type: MessageType.Completion, invocationId: "0", result: "late" });
    await hub.clock.settle();
    expect(connection.state).toBe("Connected");
  });

  it("that has fired before sends nothing", async () => {
    const { connection, hub } = observed;
    controller.abort();
    const calls = connection.with({ signal: controller.signal });
    const subscribed = jest.fn();
    const outcomes = [
      await rejectionOf(calls.invoke("M", { subscribe: subscribed })),
      await rejectionOf(calls.send("M")),
      ...(await collect(calls.stream("M"))),
    ];
    expect(outcomes).toHaveLength(3);
    for (const outcome of outcomes) {
      expect(outcome).toBeInstanceOf(AbortError);
      expect(outcome).toMatchObject({ cause: controller.signal.reason });
    }
    await hub.clock.settle();
    expect(hub.socket.calls).toEqual([]);
    expect(subscribed).not.toHaveBeenCalled();
  });

  it("is let go of when the call is over, however it ended", async () => {
    const { connection, hub } = observed;
    const { signal } = controller;
    const calls = connection.with({ signal });
    const good = calls.invoke("Good");
    const bad = rejectionOf(calls.invoke("Bad"));
    const unencodable = rejectionOf(calls.invoke("M", 1n));
    const streamed = collect(calls.stream("S"));
    const left = (async () => {
      for await (const item of calls.stream("Left")) return item;
    })();
    const lost = rejectionOf(calls.invoke("Lost"));
    const lostStream = collect(calls.stream("Lost"));
    await calls.send("Sent");
    await hub.clock.settle();
    expect(listeners(signal)).toBe(1);
    hub.socket.receive(
      { type: MessageType.Completion, invocationId: "0", result: 1 },
      { type: MessageType.Completion, invocationId: "1", error: "no" },
      { type: MessageType.StreamItem, invocationId: "3", item: "x" },
      { type: MessageType.Completion, invocationId: "3" },
      { type: MessageType.StreamItem, invocationId: "4", item: "y" },
    );
    await expect(good).resolves.toBe(1);
    expect(await bad).toMatchObject({ code: "hub-error" });
    expect(await unencodable).toMatchObject({ code: "not-serializable" });
    expect(await streamed).toEqual(["x", "end"]);
    expect(await left).toBe("y");
    expect(listeners(signal)).toBe(1);
    hub.socket.drop();
    expect(listeners(signal)).toBe(0);
    expect(await lost).toBeInstanceOf(ConnectionError);
    expect(await lostStream).toEqual([expect.any(ConnectionError)]);
  });

  it("ends a stream at once for all its readers, whatever they have not read yet", async () => {
    const { connection, hub } = observed;
    const stream = connection.with({ signal: controller.signal }).stream("S");
    const iterator = stream[Symbol.asyncIterator]();
    const error = jest.fn();
    stream.subscribe({ next: () => undefined, complete: () => undefined, error });
    const items = [1, 2, 3].map((item) => ({ type: MessageType.StreamItem, invocationId: "0", item }) as const);
    hub.socket.receive(...items);
    await expect(iterator.next()).resolves.toEqual({ done: false, value: 1 });
    controller.abort();
    expect(error).toHaveBeenCalledWith(expect.any(AbortError));
    await expect(iterator.next()).rejects.toBeInstanceOf(AbortError);
    await expect(iterator.next()).resolves.toMatchObject({ done: true });
    await expect(stream.ended).rejects.toBeInstanceOf(AbortError);
    await hub.clock.settle();
    expect(hub.socket.calls.slice(1)).toEqual([cancel("0")]);
  });

  it("ends a stream that nobody reads yet, and drops what came for it", async () => {
    const { connection, hub } = observed;
    const stream = connection.with({ signal: controller.signal }).stream("S");
    hub.socket.receive({ type: MessageType.StreamItem, invocationId: "0", item: 1 });
    controller.abort();
    expect(await collect(stream)).toEqual([expect.any(AbortError)]);
    await hub.clock.settle();
    expect(hub.socket.calls.slice(1)).toEqual([cancel("0")]);
  });

  it("ends the uploads of a call, and tells whoever reads them", async () => {
    const { connection, hub } = observed;
    const subject = new Subject<number>();
    const call = rejectionOf(connection.with({ signal: controller.signal }).invoke("Upload", subject));
    subject.next(1);
    await hub.clock.settle();
    controller.abort();
    subject.next(2);
    await call;
    await hub.clock.settle();
    expect(hub.socket.calls.slice(1)).toEqual([
      { type: MessageType.StreamItem, invocationId: "0", item: 1 },
      { type: MessageType.Completion, invocationId: "0", error: "Stream canceled by client." },
      cancel("1"),
    ]);
  });

  it("ends the uploads of a send, which has no cancellation", async () => {
    const { connection, hub } = observed;
    const { signal } = controller;
    const [subject, ended] = [new Subject<number>(), new Subject<number>()];
    await connection.with({ signal }).send("Upload", subject, ended);
    ended.complete();
    expect(listeners(signal)).toBe(1);
    controller.abort();
    subject.next(2);
    await hub.clock.settle();
    expect(hub.socket.calls.slice(1)).toEqual([
      { type: MessageType.Completion, invocationId: "1" },
      { type: MessageType.Completion, invocationId: "0", error: "Stream canceled by client." },
    ]);
  });

  it("that fires while the arguments of a send are encoded keeps its uploads from starting", async () => {
    const { connection, hub } = observed;
    const subscribe = jest.fn();
    const argument = { toJSON: () => controller.abort() };
    await connection.with({ signal: controller.signal }).send("M", argument, { subscribe });
    await hub.clock.settle();
    expect(subscribe).not.toHaveBeenCalled();
    expect(hub.socket.calls.slice(1)).toEqual([
      { type: MessageType.Completion, invocationId: "0", error: "Stream canceled by client." },
    ]);
  });

  it("that fires while the arguments are encoded still gives the call up", async () => {
    const { connection, hub } = observed;
    const argument = { toJSON: () => controller.abort("meanwhile") };
    const error = await rejectionOf(connection.with({ signal: controller.signal }).invoke("M", argument));
    expect(error).toMatchObject({ code: "aborted", cause: "meanwhile" });
    await hub.clock.settle();
    expect(hub.socket.calls.slice(1)).toEqual([cancel("0")]);
  });

  it("and the time of a call that is over before it was sent as a whole are let go of", async () => {
    const { connection, hub } = observed;
    const calls = connection.with({ signal: controller.signal, timeout: 500 });
    const stops = { subscribe: () => void connection.stop() };
    const call = rejectionOf(calls.invoke("M", stops));
    expect(listeners(controller.signal)).toBe(0);
    expect(await call).toBeInstanceOf(ConnectionError);
    await connection.stop();
    expect(hub.clock.pendingTimers).toBe(0);
  });

  // Node warns of a leak when a signal has more than ten.
  it("has one listener, however many calls it serves", async () => {
    const { connection, hub } = observed;
    const { signal } = controller;
    const running = Array.from({ length: 50 }, () => rejectionOf(connection.with({ signal }).invoke("M")));
    expect(listeners(signal)).toBe(1);
    controller.abort();
    expect(listeners(signal)).toBe(0);
    for (const error of await Promise.all(running)) expect(error).toBeInstanceOf(AbortError);
    await hub.clock.settle();
    expect(hub.socket.calls).toHaveLength(100);
  });
});

describe("a timeout", () => {
  it("rejects a call that was not answered, and cancels it", async () => {
    const { connection, hub } = observed;
    const call = rejectionOf(connection.with({ timeout: 500 }).invoke("Slow"));
    await hub.clock.advanceAsync(499);
    expect(hub.socket.calls).toHaveLength(1);
    await hub.clock.advanceAsync(1);
    const error = await call;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({
      code: "call-timeout",
      message: "The call was not answered within 500 ms.",
    });
    await hub.clock.settle();
    expect(hub.socket.calls.slice(1)).toEqual([cancel("0")]);
  });

  it("takes one timer for each call, and none without one or after the answer", async () => {
    const { connection, hub } = observed;
    const before = hub.clock.pendingTimers;
    const calls = connection.with({ timeout: 500 });
    const [one, other, plain] = [calls.invoke("A"), calls.invoke("B"), connection.invoke("C")];
    expect(hub.clock.pendingTimers).toBe(before + 2);
    hub.socket.receive(
      { type: MessageType.Completion, invocationId: "0", result: 1 },
      { type: MessageType.Completion, invocationId: "1", result: 2 },
      { type: MessageType.Completion, invocationId: "2", result: 3 },
    );
    expect(hub.clock.pendingTimers).toBe(before);
    await expect(Promise.all([one, other, plain])).resolves.toEqual([1, 2, 3]);
  });

  it("of a stream is over with its first item", async () => {
    const { connection, hub } = observed;
    const calls = connection.with({ timeout: 500 });
    const [quick, slow] = [collect(calls.stream("Quick")), collect(calls.stream("Slow"))];
    await hub.clock.advanceAsync(499);
    hub.socket.receive({ type: MessageType.StreamItem, invocationId: "0", item: 1 });
    await hub.clock.advanceAsync(5_000);
    hub.socket.receive(
      { type: MessageType.StreamItem, invocationId: "0", item: 2 },
      { type: MessageType.Completion, invocationId: "0" },
    );
    expect(await quick).toEqual([1, 2, "end"]);
    expect(await slow).toEqual([expect.objectContaining({ name: "TimeoutError", code: "call-timeout" })]);
    expect(hub.socket.calls.filter(({ type }) => type === MessageType.CancelInvocation)).toEqual([cancel("1")]);
  });
});

describe("headers", () => {
  it("travel with every kind of call, as they were when the options were given", async () => {
    const { connection, hub } = observed;
    const headers: Record<string, string> = { tenant: "a" };
    const calls = connection.with({ headers });
    headers["tenant"] = "b";
    void rejectionOf(calls.invoke("M"));
    calls.stream("M").subscribe({ next: () => undefined, complete: () => undefined, error: () => undefined });
    await calls.send("M");
    await connection.send("Without");
    await hub.clock.settle();
    const sent = hub.socket.calls.map((message) => ("headers" in message ? message.headers : undefined));
    expect(sent).toEqual([{ tenant: "a" }, { tenant: "a" }, { tenant: "a" }, undefined]);
  });
});

describe("the options", () => {
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a number", 500],
    ["a signal of another kind", { signal: { aborted: false } }],
    ["a signal that is none", { signal: "x" }],
    ["a timeout of zero", { timeout: 0 }],
    ["a negative timeout", { timeout: -1 }],
    ["an endless timeout", { timeout: Infinity }],
    ["a timeout that is no number", { timeout: NaN }],
    ["a timeout as text", { timeout: "5" }],
    ["headers that are no map", { headers: ["a"] }],
    ["headers of HTTP", { headers: new Headers({ a: "1" }) }],
    ["headers in a Map", { headers: new Map([["a", "1"]]) }],
    ["headers that are no text", { headers: { a: 1 } }],
    ["no capacity", { streamCapacity: 0 }],
    ["a capacity as text", { streamCapacity: "5" }],
    ["an unknown overflow", { streamOverflow: "explode" }],
  ])("are refused when wrong: %s", (_name, options) => {
    expect(() => observed.connection.with(untyped(options))).toThrow(InvalidArgumentError);
  });

  it.each<[string, CallOptions]>([
    ["none", {}],
    ["undefined ones", { signal: undefined, timeout: undefined, headers: undefined, streamCapacity: undefined }],
    ["null ones", { signal: untyped(null), timeout: untyped(null), headers: untyped(null) }],
  ])("may be missing: %s", async (_name, options) => {
    const { connection, hub } = observed;
    const { invoke } = connection.with(options); // and the functions may be taken out of their object
    const call = invoke("M", 1);
    hub.socket.receive({ type: MessageType.Completion, invocationId: "0", result: 1 });
    await expect(call).resolves.toBe(1);
  });

  it("change nothing about names, states and arguments", async () => {
    const { connection } = observed;
    const calls = connection.with({ timeout: 500 });
    expect(await rejectionOf(calls.invoke(""))).toBeInstanceOf(InvalidArgumentError);
    expect(await rejectionOf(calls.send(untyped(5)))).toBeInstanceOf(InvalidArgumentError);
    expect(await collect(calls.stream(untyped(undefined)))).toEqual([expect.any(InvalidArgumentError)]);
    await connection.stop();
    expect(await rejectionOf(calls.invoke("M"))).toMatchObject({ code: "invalid-state" });
  });
});

/** `withSerialHandlers()`: handlers of consecutive messages run one after the other, within a limit, whatever becomes of the connection. */
import type { HubConnection } from "../../../src/client/hub-connection.js";
import { Deferred } from "../../../src/common/deferred.js";
import { InvalidArgumentError } from "../../../src/errors/call-errors.js";
import { MessageType, type InvocationMessage } from "../../../src/protocol/messages.js";
import { MemoryHub } from "./memory-hub.js";

const untyped = (value: unknown): never => value as never;

const message = (value: unknown, target = "M", invocationId?: string): InvocationMessage => ({
  type: MessageType.Invocation,
  invocationId,
  target,
  arguments: [value],
});

let hub: MemoryHub;
let connection: HubConnection;
let gates: Map<unknown, Deferred<void>>;
let order: string[];

/** Opens the gate of a message, and lets happen what follows. */
async function pass(value: unknown): Promise<void> {
  gates.get(value)?.resolve();
  await hub.clock.settle();
}

async function start(capacity?: number): Promise<void> {
  hub = new MemoryHub();
  gates = new Map();
  order = [];
  const builder = hub.builder().withAutomaticReconnect([0]);
  connection = builder.withSerialHandlers(capacity === undefined ? {} : { capacity }).build();
  connection.on("M", async (value: unknown) => {
    order.push(`${String(value)} starts`);
    const gate = new Deferred<void>();
    gates.set(value, gate);
    await gate.promise;
    order.push(`${String(value)} ends`);
  });
  await connection.start();
}

afterEach(() => connection?.stop());

test("a message waits for the handlers of the one before", async () => {
  await start();
  connection.on("Other", () => void order.push("other"));
  hub.socket.receive(message(1), message(2), message(0, "Other"));
  expect(order).toEqual(["1 starts"]); // the first at once, as without
  await pass(1);
  expect(order).toEqual(["1 starts", "1 ends", "2 starts"]);
  await pass(2);
  expect(order).toEqual(["1 starts", "1 ends", "2 starts", "2 ends", "other"]);
});

test("several handlers of one message run one after the other, too", async () => {
  await start();
  connection.on("M", (value: unknown) => void order.push(`second handler of ${String(value)}`));
  hub.socket.receive(message(1));
  await pass(1);
  expect(order).toEqual(["1 starts", "1 ends", "second handler of 1"]);
});

test("without it handlers overlap", async () => {
  hub = new MemoryHub();
  order = [];
  connection = hub.builder().build();
  const gate = new Deferred<void>();
  connection.on("M", async (value: unknown) => {
    order.push(String(value));
    await gate.promise;
  });
  await connection.start();
  hub.socket.receive(message(1), message(2));
  expect(order).toEqual(["1", "2"]);
  gate.resolve();
});

test("a handler that throws holds nothing up, and is logged once", async () => {
  await start();
  connection.on("Bad", () => Promise.reject(new Error("boom")));
  connection.on("Good", () => void order.push("good"));
  hub.socket.receive(message(0, "Bad"), message(0, "Unknown"), message(0, "Good"));
  await hub.clock.settle();
  expect(order).toEqual(["good"]);
  expect(hub.logged.filter((line) => line.includes("threw"))).toEqual([`A handler of "Bad" threw: boom`]);
});

test("a call that wants an answer does not wait, so a handler may wait for what depends on one", async () => {
  await start();
  connection.on("Ask", () => "answer");
  hub.socket.receive(message(1));
  hub.socket.receive(message(0, "Ask", "s1"));
  await hub.clock.settle();
  expect(hub.socket.calls).toMatchObject([{ type: MessageType.Completion, invocationId: "s1", result: "answer" }]);
  expect(order).toEqual(["1 starts"]);
});

test("answers and stream items do not wait for handlers, so a handler may call the hub", async () => {
  await start();
  connection.on("Calls", async () => {
    order.push(String(await connection.invoke("Add", 1, 2)));
  });
  hub.socket.receive(message(0, "Calls"), message(0, "Calls"));
  await hub.clock.settle();
  hub.socket.receive({ type: MessageType.Completion, invocationId: "0", result: 3 });
  await hub.clock.settle();
  hub.socket.receive({ type: MessageType.Completion, invocationId: "1", result: 4 });
  await hub.clock.settle();
  expect(order).toEqual(["3", "4"]);
});

test("keep-alive goes on while a handler takes its time", async () => {
  await start();
  hub.socket.receive(message(1));
  const before = hub.socket.messages.length;
  await hub.clock.advanceAsync(16_000);
  expect(hub.socket.messages.length).toBeGreaterThan(before);
  hub.socket.receive({ type: MessageType.Ping });
  await hub.clock.advanceAsync(16_000);
  expect(connection.state).toBe("Connected");
  await pass(1);
});

test("messages that arrived are handled after a loss, in front of those of the next connection", async () => {
  await start();
  hub.socket.receive(message(1), message(2));
  hub.socket.drop();
  await hub.clock.advanceAsync(0);
  await hub.clock.settle();
  expect(connection.state).toBe("Connected");
  hub.socket.receive(message(3));
  await pass(1);
  await pass(2);
  await pass(3);
  expect(order.filter((step) => step.endsWith("starts"))).toEqual(["1 starts", "2 starts", "3 starts"]);
});

test("stop() drops what waits; what runs goes on", async () => {
  await start();
  hub.socket.receive(message(1), message(2));
  await connection.stop();
  await pass(1);
  expect(order).toEqual(["1 starts", "1 ends"]);
  await connection.start();
  hub.socket.receive(message(3));
  expect(order.at(-1)).toBe("3 starts");
  await pass(3);
});

test("more messages than may wait end the connection, which reconnects; those that waited are handled", async () => {
  await start(2);
  const losses: unknown[] = [];
  connection.onreconnecting((error) => losses.push(error));
  hub.socket.receive(message(1), message(2), message(3), message(4), message(5));
  expect(losses).toMatchObject([{ code: "limit-exceeded", limit: "serialHandlers" }]);
  await hub.clock.advanceAsync(0);
  await hub.clock.settle();
  expect(connection.state).toBe("Connected");
  for (const value of [1, 2, 3]) await pass(value);
  expect(order.filter((step) => step.endsWith("starts"))).toEqual(["1 starts", "2 starts", "3 starts"]);
});

test("interceptors are part of what is waited for", async () => {
  await start();
  connection.use({
    receive: async (call, next) => {
      await next(call);
      order.push(`intercepted ${String(call.args[0])}`);
    },
  });
  hub.socket.receive(message(1), message(2));
  await pass(1);
  expect(order).toEqual(["1 starts", "1 ends", "intercepted 1", "2 starts"]);
  await pass(2);
});

test.each([0, -1, NaN, "5", {}])("a capacity of %p is refused", (capacity) => {
  const builder = new MemoryHub().builder();
  expect(() => builder.withSerialHandlers({ capacity: untyped(capacity) })).toThrow(InvalidArgumentError);
});

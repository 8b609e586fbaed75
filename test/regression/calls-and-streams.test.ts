/** What the official client gets wrong about calls, streams and answers. The numbers are those of the project's list of gaps, section A. */
import { HubError } from "../../src/index.js";
import { MessageType } from "../../src/protocol/messages.js";
import { observedConnection, startedConnection } from "../unit/client/observed-connection.js";

const subscriber = { next: () => undefined, complete: () => undefined, error: () => undefined };

test("calls during the handshake of a reconnect are refused, not sent behind the handshake request (GAPS 12)", async () => {
  const { connection, hub } = await startedConnection([0]);
  hub.handshake = () => undefined;
  hub.socket.drop();
  await hub.clock.advanceAsync(0);
  await expect(connection.send("M")).rejects.toMatchObject({ code: "invalid-state" });
  await hub.clock.settle();
  expect(hub.socket.sent).toHaveLength(1);
  await connection.stop();
});

test("dispose cancels once, and not at all when the stream has ended (GAPS 13)", async () => {
  const { connection, hub } = await startedConnection();
  const [open, ended] = [connection.stream("Open"), connection.stream("Ended")].map((stream) =>
    stream.subscribe(subscriber),
  );
  await hub.clock.settle();
  hub.socket.receive({ type: MessageType.Completion, invocationId: "1" });
  for (let i = 0; i < 3; i++) {
    open?.dispose();
    ended?.dispose();
  }
  await hub.clock.settle();
  expect(hub.socket.calls.slice(2)).toEqual([{ type: MessageType.CancelInvocation, invocationId: "0" }]);
  await connection.stop();
});

test("a start can be given up by a signal (GAPS 16)", async () => {
  const { connection, hub } = observedConnection();
  hub.upgrade = () => undefined;
  const controller = new AbortController();
  const starting = connection.start({ signal: controller.signal });
  await hub.clock.settle();
  controller.abort();
  await expect(starting).rejects.toMatchObject({ name: "AbortError" });
  expect(hub.clock.pendingTimers).toBe(0);
});

test("every call can be given up by a signal or after a time, and the server is told (GAPS 16)", async () => {
  const { connection, hub } = await startedConnection();
  const controller = new AbortController();
  const { signal } = controller;
  const call = connection.with({ signal }).invoke("M");
  const stream = connection.with({ signal }).stream("M");
  const late = connection.with({ timeout: 1_000 }).invoke("M");
  const seen = Promise.allSettled([call, stream[Symbol.asyncIterator]().next(), late]);
  await hub.clock.settle();
  controller.abort();
  await hub.clock.advanceAsync(1_000);
  const rejected = (name: string) => ({ status: "rejected", reason: { name } });
  expect(await seen).toMatchObject([rejected("AbortError"), rejected("AbortError"), rejected("TimeoutError")]);
  const cancelled = hub.socket.calls.filter(({ type }) => type === MessageType.CancelInvocation);
  expect(cancelled).toMatchObject([{ invocationId: "0" }, { invocationId: "1" }, { invocationId: "2" }]);
  await connection.stop();
});

test("pings go out although the server is silent (GAPS 17)", async () => {
  const { connection, hub } = await startedConnection();
  connection.serverTimeoutInMilliseconds = 1_000_000;
  await hub.clock.advanceAsync(100_000);
  expect(hub.socket.messages.length).toBeGreaterThanOrEqual(6);
  await connection.stop();
});

test("a Completion with a falsy result and an error is a protocol error (GAPS 19)", async () => {
  for (const result of ["0", '""', "false", "null"]) {
    const { connection, hub, told } = await startedConnection(null);
    const call = connection.invoke("M").catch((error: unknown) => error);
    hub.socket.receiveText(`{"type":3,"invocationId":"0","result":${result},"error":"x"}\u001e`);
    expect(await call).toMatchObject({ code: "connection-lost", cause: { code: "protocol-error" } });
    expect(told).toEqual([["closed", expect.objectContaining({ code: "protocol-error" })]]);
  }
});

test("a Completion whose error is an empty text is a failure (GAPS 19)", async () => {
  const { connection, hub } = await startedConnection();
  const call = connection.invoke("M").catch((error: unknown) => error);
  hub.socket.receiveText('{"type":3,"invocationId":"0","error":""}\u001e');
  const error = await call;
  expect(error).toBeInstanceOf(HubError);
  expect(error).toMatchObject({ message: "" });
  await connection.stop();
});

/** What is answered when the server asks `M`. */
async function answerOf(...handlers: (() => unknown)[]): Promise<unknown> {
  const { connection, hub } = await startedConnection();
  for (const handler of handlers) connection.on("M", handler);
  hub.socket.receive({ type: MessageType.Invocation, invocationId: "s1", target: "M", arguments: [] });
  await hub.clock.settle();
  const [answer] = hub.socket.calls;
  await connection.stop();
  return answer;
}
const answer = { type: MessageType.Completion, invocationId: "s1" };
const failing = (): never => {
  throw new Error("text");
};

test("two results are noticed, even falsy ones (GAPS 20)", async () => {
  const error = "Client provided multiple results.";
  expect(await answerOf(() => 1, () => 0)).toEqual({ ...answer, error }); // prettier-ignore
  expect(await answerOf(() => 0, () => false)).toEqual({ ...answer, error }); // prettier-ignore
});

test("a handler that returns nothing hides neither the result nor the failure of another (GAPS 20b)", async () => {
  expect(await answerOf(() => 5, () => undefined)).toEqual({ ...answer, result: 5 }); // prettier-ignore
  expect(await answerOf(failing, () => undefined)).toEqual({ ...answer, error: "text" });
});

// As in .NET
test("the error of a client result is the message alone (GAPS 21)", async () => {
  expect(await answerOf(failing)).toEqual({ ...answer, error: "text" });
});

// Documented behaviour that applications rely on; it stays as it is in the official client
test("asynchronous handlers of consecutive messages overlap (GAPS 22)", async () => {
  const { connection, hub } = await startedConnection();
  let running = 0;
  connection.on("M", async () => {
    running++;
    await new Promise(() => undefined);
  });
  const message = { type: MessageType.Invocation as const, target: "M", arguments: [] };
  hub.socket.receive(message, message);
  expect(running).toBe(2);
  await connection.stop();
});

// And this is how .NET does it.
test("handlers of consecutive messages can be made to run one after the other (GAPS 22)", async () => {
  const { hub } = observedConnection();
  const connection = hub.builder().withSerialHandlers().build();
  const order: string[] = [];
  connection.on("M", async (name: string) => {
    order.push(`${name} starts`);
    await Promise.resolve();
    order.push(`${name} ends`);
  });
  await connection.start();
  const message = (name: string) => ({ type: MessageType.Invocation as const, target: "M", arguments: [name] });
  hub.socket.receive(message("first"), message("second"));
  await hub.clock.settle();
  expect(order).toEqual(["first starts", "first ends", "second starts", "second ends"]);
  await connection.stop();
});

test("an Invocation may have an id that is null, but must have arguments (GAPS 35)", async () => {
  const { connection, hub, told } = await startedConnection(null);
  const handler = jest.fn();
  connection.on("M", handler);
  hub.socket.receiveText('{"type":1,"invocationId":null,"target":"M","arguments":[1]}\u001e');
  expect(handler).toHaveBeenCalledWith(1);
  hub.socket.receiveText('{"type":1,"target":"M"}\u001e');
  expect(handler).toHaveBeenCalledTimes(1);
  expect(told).toEqual([["closed", expect.objectContaining({ code: "protocol-error" })]]);
});

// What breaks the protocol still ends the connection, with an error that says so
test("nothing that handlers and subscribers do ends the connection (GAPS 36)", async () => {
  const { connection, hub, told } = await startedConnection(null);
  connection.on("M", failing);
  connection.stream("S").subscribe({ next: failing, complete: failing, error: failing });
  await hub.clock.settle();
  hub.socket.receive(
    { type: MessageType.Invocation, target: "M", arguments: [] },
    { type: MessageType.StreamItem, invocationId: "0", item: 1 },
    { type: MessageType.Completion, invocationId: "0" },
  );
  expect(told).toEqual([]);
  hub.socket.receiveText("no JSON\u001e");
  expect(told).toEqual([["closed", expect.objectContaining({ name: "ProtocolError", code: "protocol-error" })]]);
});

test("headers of messages can be sent and read (GAPS 40)", async () => {
  const { connection, hub } = await startedConnection();
  const seen: unknown[] = [];
  connection.use({ receive: (call, next) => (seen.push(call.headers), next(call)) });
  await connection.with({ headers: { traceparent: "a" } }).send("M");
  await hub.clock.settle();
  expect(hub.socket.calls).toMatchObject([{ headers: { traceparent: "a" } }]);
  hub.socket.receive({ type: MessageType.Invocation, target: "M", arguments: [], headers: { tenant: "b" } });
  expect(seen).toEqual([{ tenant: "b" }]);
  await connection.stop();
});

/** Plain calls of hub methods: answers, errors, order, slots (HUB_PROTOCOL §6). */
import { MessageType } from "../../../src/protocol/messages.js";
import { gates, started, seen, CallHub, connected, open } from "./calling-hub.js";

describe("answers", () => {
  test.each([
    ["echo", [{ a: [1, null, "x"] }], { a: [1, null, "x"] }],
    ["ECHO", [0], 0],
    ["echo", [null], null],
    ["nothing", [], null],
    ["later", [false], false],
    ["inherited", [], "from the base"],
    ["overridden", [], "derived"],
    ["thenable", [], "thenable"],
    ["add", [1, 2], 3],
    ["add", [1, 2, 10], 30],
    ["count", [], 0],
    ["count", [1, 2, 3], 3],
    ["echo", ["one", "too many"], "one"],
  ])("%s(%j) with a result", async (target, args, result) => {
    const { client } = await connected();
    await client.call("1", target, ...args);
    expect(client.received).toEqual([{ type: MessageType.Completion, invocationId: "1", result }]);
  });

  test.each([undefined, ""])("nothing to a call whose id is %j, not even an error", async (id) => {
    const { client } = await connected();
    for (const target of ["echo", "fail", "failHub", "failLater", "nope", "add", "notSerializable"]) {
      await client.call(id, target, 1);
    }
    expect(client.received).toEqual([]);
    expect(seen).toHaveLength(1);
  });

  test("in the order in which the calls came, in one frame", async () => {
    const { client } = await connected();
    await client.send(
      ...["a", "b", "c"].map((id) => {
        return { type: MessageType.Invocation as const, invocationId: id, target: "echo", arguments: [id] };
      }),
    );
    expect(Object.keys(client.answers)).toEqual(["a", "b", "c"]);
    expect(client.connection.sent).toHaveLength(2); // the handshake's answer is the other
  });

  test("a hub object of its own for each call", async () => {
    const { client } = await connected();
    await client.call("1", "echo", 1);
    await client.call("2", "echo", 2);
    expect(new Set(seen).size).toBe(2);
  });
});

describe("errors", () => {
  const noSuch = (target: string) =>
    `Failed to invoke '${target}' due to an error on the server. HubException: Method does not exist.`;
  const unexpected = (target: string) => `An unexpected error occurred invoking '${target}' on the server.`;

  test.each([
    "nope",
    "constructor",
    "toString",
    "hasOwnProperty",
    "__proto__",
    "__defineGetter__",
    "onConnected",
    "OnConnected",
    "onDisconnected",
    "OnDisconnectedAsync",
    "field",
    "accessor",
    "_hidden",
    "staticMethod",
    "clients",
    "context",
    "signal",
    "Dispose",
  ])("%s cannot be called", async (target) => {
    const { client } = await connected();
    await client.call("1", target);
    await client.stream("2", target);
    expect(client.answers).toEqual({ 1: noSuch(target), 2: noSuch(target) });
  });

  test.each([
    ["add", [1], "Failed to invoke 'add' due to an error on the server."],
    ["Fail", [], unexpected("Fail")],
    ["failLater", [], unexpected("failLater")],
    ["failOddly", [], unexpected("failOddly")],
    ["failHub", [], `${unexpected("failHub")} HubException: for all to see`],
    ["notSerializable", [], unexpected("notSerializable")],
    ["badThenable", [], unexpected("badThenable")],
  ])("%s%j is told without detail", async (target, args, error) => {
    const { client } = await connected();
    await client.call("1", target, ...args);
    await client.call("2", "echo", "still here");
    expect(client.answers).toEqual({ 1: error, 2: { type: 3, result: "still here" } });
  });

  test.each([
    [
      "add",
      "Failed to invoke 'add' due to an error on the server. InvalidDataException: Invocation provides 0 argument(s) but target expects 2.",
    ],
    ["fail", `${unexpected("fail")} TypeError: secret`],
    ["failHub", `${unexpected("failHub")} HubException: for all to see`],
  ])("%s is told with detail when that is on", async (target, error) => {
    const { client } = await connected({ enableDetailedErrors: true });
    await client.call("1", target);
    expect(client.answers).toEqual({ 1: error });
  });

  test("of the hub are logged, its own refusals are not", async () => {
    const { client, harness } = await connected();
    await client.call(undefined, "fail");
    await client.call("1", "failLater");
    await client.call("2", "failHub");
    await client.call("3", "nope");
    expect(harness.errors).toEqual([
      "Hub method 'fail' failed: TypeError: secret",
      "Hub method 'failLater' failed: TypeError: secret",
    ]);
  });

  test("plain method by a streaming call", async () => {
    const { client } = await connected();
    await client.stream("1", "echo", 1);
    await client.stream("2", "later", 1);
    const text = (target: string) =>
      `The client attempted to invoke the non-streaming '${target}' method with a streaming invocation.`;
    expect(client.answers).toEqual({ 1: text("echo"), 2: text("later") });
  });

  test("hub that cannot be made", async () => {
    const createHub = (): CallHub => {
      if (started.length > 0) throw new Error("secret");
      return new CallHub();
    };
    const { client, harness } = await connected({ createHub });
    started.push("now");
    await client.call("1", "echo", 1);
    expect(client.answers).toEqual({ 1: unexpected("echo") });
    expect(harness.errors).toEqual(["Hub method 'echo' failed: Error: secret"]);
  });
});

describe("slots", () => {
  test("one plain call at a time, the others in order", async () => {
    const { client } = await connected();
    await client.call("1", "wait", "a");
    await client.call("2", "wait", "b");
    await client.call("3", "echo", "c");
    expect(started).toEqual(["a"]);
    await open("a");
    await client.settle();
    expect(started).toEqual(["a", "b"]);
    expect(client.answers).toEqual({ 1: { type: 3, result: "a" } });
    await open("b");
    await client.settle();
    expect(Object.keys(client.answers)).toEqual(["1", "2", "3"]);
  });

  test("as many as the option says", async () => {
    const { client } = await connected({ maximumParallelInvocationsPerClient: 2 });
    for (const gate of ["a", "b", "c"]) await client.call(gate, "wait", gate);
    expect(started).toEqual(["a", "b"]);
    await open("b");
    await client.settle();
    expect(started).toEqual(["a", "b", "c"]);
  });

  test("a failed call gives its slot back", async () => {
    const { client } = await connected();
    await client.call("1", "wait", "a");
    await client.call("2", "echo", 2);
    gates.get("a")?.reject(new Error("secret"));
    await client.settle();
    expect(client.answers["2"]).toEqual({ type: 3, result: 2 });
  });

  test("pings, cancellations and answers pass while a call runs", async () => {
    const { client } = await connected();
    await client.call("1", "waitForSignal");
    await client.call("2", "echo", 2);
    await client.send({ type: MessageType.Ping }, { type: MessageType.CancelInvocation, invocationId: "1" });
    expect(client.answers).toEqual({ 1: { type: 3, result: "aborted: true" }, 2: { type: 3, result: 2 } });
  });

  test("a method that asks the client lets others run, once", async () => {
    const { client } = await connected();
    await client.call("1", "askTwice");
    await client.call("2", "wait", "a");
    await client.call("3", "echo", 3);
    expect(client.calls).toEqual([["Question", 1]]);
    expect(started).toEqual(["ask", "a"]);
    const [question] = client.received.filter((message) => message.type === MessageType.Invocation);
    await client.send({ type: MessageType.Completion, invocationId: question?.invocationId ?? "", result: "yes" });
    expect(client.calls).toEqual([
      ["Question", 1],
      ["Question", 2],
    ]);
    expect(client.answers).toEqual({}); // the second question freed nothing: "a" still holds the slot
    await open("a");
    await client.settle();
    expect(Object.keys(client.answers)).toEqual(["2", "3"]);
  });

  test("the connection is paused when too many calls wait, and goes on", async () => {
    const { client } = await connected();
    await client.call("1", "wait", "a");
    for (let index = 0; index < 99; index++) await client.call(`w${index}`, "echo", index);
    expect(client.isPaused).toBe(false);
    await client.call("last", "echo", "last");
    expect(client.isPaused).toBe(true);
    await open("a");
    await client.settle();
    expect(client.isPaused).toBe(false);
    expect(Object.keys(client.answers)).toHaveLength(101);
  });

  test("the connection is paused while the client takes no answers", async () => {
    const { client } = await connected();
    client.connection.congest();
    await client.call("1", "echo", 1);
    await client.call("2", "echo", 2);
    expect(client.isPaused).toBe(true);
    client.connection.relieve();
    await client.settle();
    expect(client.isPaused).toBe(false);
    expect(Object.keys(client.answers)).toEqual(["1", "2"]);
  });
});

describe("cancelling", () => {
  test("a call that never looks at its signal runs to its end", async () => {
    const { client } = await connected();
    await client.call("1", "wait", "a");
    await client.send({ type: MessageType.CancelInvocation, invocationId: "1" });
    expect(client.answers).toEqual({});
    await open("a");
    await client.settle();
    expect(client.answers).toEqual({ 1: { type: 3, result: "a" } });
  });

  test("is seen by a method that looks late, and by one that has yet to start", async () => {
    const { client } = await connected();
    await client.call("1", "lateSignal", "a");
    await client.call("2", "lateSignal", "b");
    await client.send({ type: MessageType.CancelInvocation, invocationId: "2" });
    await client.send({ type: MessageType.CancelInvocation, invocationId: "1" });
    for (const gate of ["a", "b"]) {
      await open(gate);
      await client.settle();
    }
    expect(client.answers).toEqual({ 1: { type: 3, result: true }, 2: { type: 3, result: true } });
  });

  test("of unknown and finished ids means nothing", async () => {
    const { client } = await connected();
    await client.call("1", "echo", 1);
    await client.send({ type: MessageType.CancelInvocation, invocationId: "1" });
    await client.send({ type: MessageType.CancelInvocation, invocationId: "never" });
    expect(client.received).toHaveLength(1);
  });
});

test("an id that is in use is refused, and the first call goes on", async () => {
  const { client } = await connected({ maximumParallelInvocationsPerClient: 5 });
  await client.call("1", "wait", "a");
  await client.call("1", "echo", 1);
  expect(client.answers).toEqual({ 1: "Invocation ID '1' is already in use." });
  await open("a");
  await client.settle();
  expect(client.received.at(-1)).toEqual({ type: 3, invocationId: "1", result: "a" });
  await client.call("1", "echo", "again");
  expect(client.received.at(-1)).toEqual({ type: 3, invocationId: "1", result: "again" });
});

test("the end of the connection aborts what runs, and drops what waits", async () => {
  const { client } = await connected();
  await client.call(undefined, "waitForSignal");
  await client.call("2", "wait", "never");
  const [hub] = seen;
  expect(hub).toBeUndefined();
  await client.lose(undefined);
  expect(started).toEqual(["signal"]);
  expect(client.isOver).toBe(true);
});

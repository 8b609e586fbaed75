/** Calls of hub methods with streams in either direction (HUB_PROTOCOL §6). */
import { MessageType } from "../../../src/protocol/messages.js";
import { closeGate, connected, end, END, FAILED, gate, items, log, streamed, upload } from "./streaming-hub.js";

describe("down", () => {
  test.each([
    ["count", [3], [1, 2, 3, END]],
    ["count", [0], [END]],
    ["webStream", [], [1, END]],
    ["subject", [], [1, END]],
    ["fail", [2, null], [1, 2, { ...END, error: FAILED }]],
    ["failHub", [], [1, { ...END, error: `${FAILED} HubException: for all to see` }]],
    ["notSerializable", [], [{ ...END, error: FAILED }]],
    [
      "throwFirst",
      [],
      [{ ...END, error: "An unexpected error occurred invoking 'throwFirst' on the server. HubException: no stream" }],
    ],
  ])("%s(%j)", async (target, args, expected) => {
    const { client, harness } = await connected();
    await client.stream("s", target, ...args);
    expect(streamed(client, "s")).toEqual(expected);
    await client.lose(undefined);
    await harness.work.whenIdle();
  });

  test("with detailed errors", async () => {
    const { client, harness } = await connected({ enableDetailedErrors: true });
    await client.stream("s", "fail", 0, { name: "Custom" });
    expect(streamed(client, "s")).toEqual([{ ...END, error: `${FAILED} Error: [object Object]` }]);
    expect(harness.errors).toHaveLength(1);
  });

  test("from a method that makes its stream later", async () => {
    const { client } = await connected();
    await client.stream("s", "later");
    expect(client.received).toEqual([]);
    gate.resolve();
    await client.settle();
    expect(streamed(client, "s")).toEqual([1, 2, END]);
  });

  test.each(["count", "later", "openWebStream"])("%s by a plain call is refused, and let go of", async (target) => {
    const { client } = await connected();
    gate.resolve();
    await client.call("1", target, 1);
    const text = `The client attempted to invoke the streaming '${target}' method with a non-streaming invocation.`;
    expect(client.answers).toEqual({ 1: text });
    if (target === "openWebStream") expect(log).toEqual(["released"]);
    else expect(log).toEqual([]); // never begun
  });

  test("beside a plain call that holds the slot", async () => {
    const { client } = await connected();
    await client.call("1", "wait");
    await client.stream("s", "count", 1);
    expect(streamed(client, "s")).toEqual([1, END]);
  });

  test("cancelled: the signal fires, the generator ends, and nothing but a Completion follows", async () => {
    const { client, harness } = await connected();
    await client.stream("s", "untilCancelled");
    await client.send({ type: MessageType.CancelInvocation, invocationId: "s" });
    expect(streamed(client, "s")).toEqual(["first", END]);
    expect(log).toEqual(["started", "cancelled: true"]);
    expect(harness.errors).toEqual([]);
    await client.lose(undefined);
    await harness.work.whenIdle();
  });

  test("cancelled while the method makes its stream", async () => {
    const { client } = await connected();
    await client.stream("s", "later");
    await client.send({ type: MessageType.CancelInvocation, invocationId: "s" });
    gate.resolve();
    await client.settle();
    expect(streamed(client, "s")).toEqual([END]);
    expect(log).toEqual([]);
  });

  test("cancelled and failed in that moment: still no error", async () => {
    const { client } = await connected();
    await client.stream("s", "later");
    await client.send({ type: MessageType.CancelInvocation, invocationId: "s" });
    gate.reject(new Error("secret"));
    await client.settle();
    expect(streamed(client, "s")).toEqual([END]);
  });

  test("ends with the connection", async () => {
    const { client, harness } = await connected();
    await client.stream("s", "untilCancelled");
    await client.stream("w", "openWebStream");
    await client.lose(new Error("reset"));
    expect(log.sort()).toEqual(["cancelled: true", "released", "started"]);
    await harness.work.whenIdle();
  });

  test("an id in use is refused, and the first stream goes on", async () => {
    const { client } = await connected();
    await client.stream("s", "untilCancelled");
    await client.stream("s", "count", 1);
    expect(streamed(client, "s")).toEqual(["first", { ...END, error: "Invocation ID 's' is already in use." }]);
    expect(log).toEqual(["started"]);
  });

  test("no more at once than the option says", async () => {
    const { client } = await connected({ maximumStreamingInvocationsPerClient: 2 });
    await client.stream("a", "untilCancelled");
    await client.stream("b", "untilCancelled");
    await client.stream("c", "count", 1);
    const text =
      "An unexpected error occurred invoking 'count' on the server. HubException: Too many calls with streams are running.";
    expect(client.answers).toEqual({ c: text });
    await client.send({ type: MessageType.CancelInvocation, invocationId: "a" });
    await client.stream("d", "count", 1);
    expect(streamed(client, "d")).toEqual([1, END]);
  });

  test("waits while the client takes nothing", async () => {
    const { client } = await connected();
    client.connection.congest();
    await client.stream("s", "count", 100_000);
    expect(log).toEqual([]);
    client.connection.relieve();
    await client.settle();
    expect(log).toEqual(["complete", "ended"]);
    expect(streamed(client, "s")).toHaveLength(100_001);
  });
});

describe("up", () => {
  test("items reach the method behind the plain arguments", async () => {
    const { client } = await connected();
    await upload(client, ["u"], "sum", "total");
    await client.send(...items("u", 1, 2, 3), end("u"));
    expect(client.answers).toEqual({ 1: { type: 3, result: "total 6" } });
  });

  test("and where the class says", async () => {
    const { client } = await connected();
    await upload(client, ["l", "r"], "ZIP", "-");
    await client.send(...items("r", "c"), ...items("l", "a", "b"), end("l"), end("r"));
    expect(client.answers).toEqual({ 1: { type: 3, result: "ab-c" } });
  });

  test.each([[[]], [["a"]], [["a", "b", "c"]]])("%j streams where two are declared", async (streamIds) => {
    const { client } = await connected();
    await upload(client, streamIds, "zip", "-", "x", "y");
    const text = `An unexpected error occurred invoking 'zip' on the server. HubException: Client sent ${streamIds.length} stream(s), Hub method expects 2.`;
    expect(client.answers).toEqual({ 1: text });
  });

  test("streams count as arguments", async () => {
    const { client } = await connected();
    await upload(client, ["u"], "sum");
    expect(client.answers).toEqual({ 1: "Failed to invoke 'sum' due to an error on the server." });
  });

  test("both ways at once", async () => {
    const { client } = await connected();
    const call = { type: MessageType.StreamInvocation as const, invocationId: "s", target: "upper", arguments: [] };
    await client.send({ ...call, streamIds: ["u"] });
    await client.send(...items("u", "a"));
    expect(streamed(client, "s")).toEqual(["A"]);
    await client.send(...items("u", "b"), end("u"));
    expect(streamed(client, "s")).toEqual(["A", "B", END]);
  });

  test("for calls without an answer", async () => {
    const { client } = await connected();
    await client.send({ type: MessageType.Invocation, target: "outcome", arguments: [], streamIds: ["u"] });
    await client.send(...items("u", 1), end("u"));
    expect(log).toEqual(["complete after 1"]);
    expect(client.received).toEqual([]);
  });

  test("beside a plain call that holds the slot", async () => {
    const { client } = await connected();
    await client.call("0", "wait");
    await upload(client, ["u"], "sum", "total");
    await client.send(...items("u", 1), end("u"));
    expect(client.answers).toEqual({ 1: { type: 3, result: "total 1" } });
  });

  test("an error of the client is thrown where the method reads", async () => {
    const { client } = await connected();
    await upload(client, ["u"], "outcome");
    await client.send(...items("u", 1, 2), end("u", "Stream errored by client: 'x'"));
    expect(log).toEqual(["failed after 2: Stream errored by client: 'x'"]);
  });

  test("so is the end of the connection", async () => {
    const { client } = await connected();
    await upload(client, ["u"], "outcome");
    await client.send(...items("u", 1));
    await client.lose(undefined);
    expect(log).toEqual([expect.stringContaining("failed after 1: ")]);
  });

  test("what comes after the method has ended is ignored", async () => {
    const { client } = await connected();
    await upload(client, ["u"], "first");
    await client.send(...items("u", "a", "b", "c"));
    expect(client.answers).toEqual({ 1: { type: 3, result: "a" } });
    await client.send(...items("u", ...Array<number>(50).fill(0)), end("u"));
    expect(client.isPaused).toBe(false);
    await upload(client, ["u"], "first"); // and its id is free again
    await client.send(...items("u", "d"));
    expect(client.received).toHaveLength(2);
  });

  test("a full buffer pauses the connection, reading goes on where there is room", async () => {
    const { client } = await connected({ streamBufferCapacity: 3 });
    await upload(client, ["u"], "readWhenOpen");
    await client.send(...items("u", 1, 2));
    expect(client.isPaused).toBe(false);
    await client.send(...items("u", 3, 4)); // the fourth was on its way
    expect(client.isPaused).toBe(true);
    gate.resolve();
    await client.settle();
    expect(client.isPaused).toBe(false);
    await client.send(end("u"));
    expect(client.answers).toEqual({ 1: { type: 3, result: 4 } });
  });

  test("a buffer that is left full pauses nothing once the method or the upload has ended", async () => {
    const { client } = await connected();
    await upload(client, ["u"], "ignore");
    await client.send(...items("u", ...Array<number>(12).fill(0)));
    expect(client.isPaused).toBe(true);
    gate.resolve();
    await client.settle();
    expect(client.isPaused).toBe(false);

    closeGate();
    await upload(client, ["v"], "ignore");
    await client.send(...items("v", ...Array<number>(12).fill(0)));
    expect(client.isPaused).toBe(true);
    await client.send(end("v"));
    expect(client.isPaused).toBe(false);
  });

  test("a paused client is not taken for dead", async () => {
    const { client, harness } = await connected({ clientTimeoutInterval: 5_000 });
    await client.send({ type: MessageType.Ping });
    await upload(client, ["u"], "readWhenOpen");
    await client.send(...items("u", ...Array<number>(10).fill(0)));
    await harness.advance(60_000);
    expect(client.isOver).toBe(false);
    gate.resolve();
    await client.settle();
    await harness.advance(6_000);
    expect(client.isOver).toBe(true);
  });

  test("an id in use is refused, and nothing of that call is opened", async () => {
    const { client } = await connected();
    await upload(client, ["u"], "outcome");
    const call = { type: MessageType.Invocation as const, invocationId: "2", target: "zip", arguments: ["-"] };
    await client.send({ ...call, streamIds: ["v", "u"] });
    const text =
      "An unexpected error occurred invoking 'zip' on the server. HubException: Stream ID 'u' is already in use.";
    expect(client.answers).toEqual({ 2: text });
    await client.send(...items("u", 1), end("u"));
    expect(log).toEqual(["complete after 1"]);
    await client.send({ ...call, streamIds: ["v", "w"] }, end("v"), end("w"));
    expect(client.answers["2"]).toEqual({ type: 3, result: "-" });
  });

  test("items wait for a call that has yet to start", async () => {
    const { client } = await connected();
    await client.call("a", "wait");
    await client.call("b", "wait"); // lines up, and whatever comes behind it too
    await upload(client, ["u"], "sum", "total");
    await client.send(...items("u", 1, 2), end("u"));
    expect(client.answers).toEqual({});
    gate.resolve();
    await client.settle();
    expect(client.answers["1"]).toEqual({ type: 3, result: "total 3" });
  });
});

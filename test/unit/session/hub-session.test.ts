/** Plain calls between two sessions: answers, errors, ids, giving up. */
import { HubError, InvalidArgumentError, LimitError } from "../../../src/errors/call-errors.js";
import { AbortError } from "../../../src/errors/http-errors.js";
import { JsonHubProtocol } from "../../../src/protocol/json-hub-protocol.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { cancelCall } from "../../../src/session/cancel-call.js";
import { WRITTEN } from "../../../src/session/message-writer.js";
import { sessionPair } from "../../support/session-pair.js";

describe("a call without an answer", () => {
  test("arrives, has no id, and is done at once", async () => {
    const { near, far, settle } = sessionPair();
    expect(near.session.send("Notify", [1, "a", null])).toBe(WRITTEN);
    await settle();
    expect(far.calls).toEqual([{ type: MessageType.Invocation, target: "Notify", arguments: [1, "a", null] }]);
    expect(far.connection.sent).toEqual([]);
  });

  test("calls arrive in order, and those of one task in one chunk", async () => {
    const { near, far, settle } = sessionPair();
    for (let i = 0; i < 100; i++) void near.session.send("Notify", [i]);
    await settle();
    expect(far.calls.map((call) => call.arguments[0])).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(near.connection.sent).toHaveLength(1);
  });

  test("waits for a connection that confirms, and fails with it", async () => {
    const { near, far, settle } = sessionPair({ confirmsSends: true });
    await near.session.send("Notify", []);
    expect(far.calls).toHaveLength(1);
    near.connection.congest();
    const lost = near.session.send("Notify", []);
    await settle();
    const error = new Error("lost");
    near.connection.breakSends(error);
    await expect(lost).rejects.toBe(error);
  });

  test("that was encoded once arrives like any other", async () => {
    const { near, far, settle } = sessionPair();
    const data = new JsonHubProtocol().encode({ type: MessageType.Invocation, target: "News", arguments: [1] });
    expect(near.session.sendEncoded(data)).toBe(WRITTEN);
    await settle();
    expect(far.calls).toMatchObject([{ target: "News", arguments: [1] }]);
    near.connection.lose(undefined);
    expect(near.session.sendEncoded(data)).toBe(WRITTEN);
    await settle();
    expect(near.connection.sent).toHaveLength(1);
  });
});

describe("a call with an answer", () => {
  test.each([1, 0, "", null, false, { a: [1] }])("is answered with %p", async (result) => {
    const { near, far, settle } = sessionPair();
    far.onCall = (call, session) => session.complete(call.invocationId ?? "", { result });
    const call = near.session.invoke("Echo", [result]);
    await settle();
    await expect(call.promise).resolves.toEqual(result);
    expect(far.calls[0]).toMatchObject({ type: MessageType.Invocation, invocationId: call.id, target: "Echo" });
  });

  test("is answered with nothing", async () => {
    const { near, far, settle } = sessionPair();
    far.onCall = (call, session) => session.complete(call.invocationId ?? "", undefined);
    const call = near.session.invoke("Do", []);
    await settle();
    await expect(call.promise).resolves.toBeUndefined();
  });

  test("is answered with an error", async () => {
    const { near, far, settle } = sessionPair();
    far.onCall = (call, session) => session.complete(call.invocationId ?? "", { error: "bad" });
    const failed = expect(near.session.invoke("Fail", []).promise).rejects.toEqual(new HubError("bad"));
    await settle();
    await failed;
  });

  test("answers may come in any order, and from either side at once", async () => {
    const { near, far, settle } = sessionPair();
    const waiting: (() => void)[] = [];
    for (const peer of [near, far]) {
      peer.onCall = (call, session) => {
        waiting.unshift(() => session.complete(call.invocationId ?? "", { result: call.arguments[0] }));
      };
    }
    const calls = Array.from({ length: 50 }, (_, i) => [
      near.session.invoke("E", [i]),
      far.session.invoke("E", [i + 100]),
    ]);
    await settle();
    for (const answer of waiting) answer();
    await settle();
    const results = await Promise.all(calls.flat().map((call) => call.promise));
    expect(results).toEqual(Array.from({ length: 50 }, (_, i) => [i, i + 100]).flat());
  });

  test("ids count up; the prefix keeps the two sides apart", () => {
    const { near, far } = sessionPair();
    expect([near.session.invoke("A", []).id, near.session.invoke("A", []).id]).toEqual(["0", "1"]);
    expect(far.session.invoke("A", []).id).toBe("s0");
  });

  test("headers travel with calls, and stay away where there are none", async () => {
    const { near, far, settle } = sessionPair();
    void near.session.send("A", [], { a: "1" });
    void near.session.invoke("B", [], { b: "2" });
    near.stream("C", [], { c: "3" });
    void near.session.send("D", []);
    await settle();
    expect(far.calls.map((call) => call.headers)).toEqual([{ a: "1" }, { b: "2" }, { c: "3" }, undefined]);
    expect(near.connection.sent.join("")).not.toContain("streamIds");
  });
});

describe("answers that nobody waits for", () => {
  test.each(["", "0", "1", "s0", "-1", "1e0", "00", "__proto__", "x".repeat(1_000)])("id %j is ignored", async (id) => {
    const { near, settle } = sessionPair();
    const answered = near.session.invoke("A", []);
    near.receive({ type: MessageType.Completion, invocationId: answered.id, result: "right" });
    near.receive({ type: MessageType.Completion, invocationId: id || "7", result: "wrong" });
    near.receive({ type: MessageType.StreamItem, invocationId: id || "7", item: "wrong" });
    await expect(answered.promise).resolves.toBe("right");
    await settle();
    expect(near.session.ended).toBe(false);
  });

  test("a second answer is ignored", async () => {
    const { near } = sessionPair();
    const call = near.session.invoke("A", []);
    near.receive(
      { type: MessageType.StreamItem, invocationId: call.id, item: 0 },
      { type: MessageType.Completion, invocationId: call.id, result: 1 },
      { type: MessageType.Completion, invocationId: call.id, error: "late" },
    );
    await expect(call.promise).resolves.toBe(1);
    expect(near.session.ended).toBe(false);
  });
});

describe("giving up", () => {
  test("tells the peer once, and ignores its late answer", async () => {
    const { near, far, settle } = sessionPair();
    const call = near.session.invoke("Slow", []);
    const settled = jest.fn();
    void call.promise.then(settled, settled);
    cancelCall(near.session, call.id);
    await settle();
    expect(far.cancelled).toEqual([call.id]);
    far.session.complete(call.id, { result: "late" });
    await settle();
    cancelCall(near.session, call.id);
    await settle();
    expect(far.cancelled).toEqual([call.id]);
    expect(settled).not.toHaveBeenCalled();
  });

  test("without telling the peer", async () => {
    const { near, far, settle } = sessionPair();
    const call = far.session.invoke("Ask", []);
    const error = new AbortError();
    far.session.abandon(call, error);
    await expect(call.promise).rejects.toBe(error);
    near.session.complete(call.id, { result: "late" });
    await settle();
    expect(far.sentTypes).toEqual([MessageType.Invocation]);
    expect(far.session.ended).toBe(false);
  });

  test("after the answer does nothing", async () => {
    const { near, far, settle } = sessionPair();
    far.onCall = (call, session) => session.complete(call.invocationId ?? "", { result: 1 });
    const call = near.session.invoke("Quick", []);
    await settle();
    cancelCall(near.session, call.id);
    await expect(call.promise).resolves.toBe(1);
    await settle();
    expect(far.cancelled).toEqual([]);
  });
});

describe("what cannot be encoded", () => {
  const unserializable: unknown = 1n;

  test("throws at the call, which then leaves no trace", async () => {
    const { near, far, settle } = sessionPair();
    for (const call of [
      () => near.session.send("A", [unserializable]),
      () => near.session.invoke("A", [unserializable]),
      () => near.stream("A", [unserializable]),
    ]) {
      expect(call).toThrow(InvalidArgumentError);
    }
    await settle();
    expect(near.connection.sent).toEqual([]);
    near.connection.lose(new Error("lost"));
    await settle();
    expect(far.calls).toEqual([]);
  });

  test("throws at the answer, which can then be another", async () => {
    const { near, far, settle } = sessionPair();
    far.onCall = (call, session) => {
      const id = call.invocationId ?? "";
      expect(() => session.complete(id, { result: unserializable })).toThrow(InvalidArgumentError);
      session.complete(id, { error: "cannot" });
    };
    const failed = expect(near.session.invoke("A", []).promise).rejects.toEqual(new HubError("cannot"));
    await settle();
    await failed;
  });
});

describe("back-pressure", () => {
  test("shows, and ends", async () => {
    const { near, far, settle } = sessionPair();
    near.connection.congest();
    void near.session.send("A", []);
    await settle();
    expect(near.session.isBlocked).toBe(true);
    const waiting = near.session.send("B", []);
    expect(waiting).not.toBe(WRITTEN);
    const unblocked = near.session.whenUnblocked();
    near.connection.relieve();
    await Promise.all([waiting, unblocked]);
    await settle();
    expect(near.session.isBlocked).toBe(false);
    expect(far.calls.map((call) => call.target)).toEqual(["A", "B"]);
  });

  test("calls are refused when far too much waits; an answer that cannot wait ends the session rather than getting lost", async () => {
    const { near, settle } = sessionPair();
    near.connection.congest();
    void near.session.send("A", []);
    await settle();
    void near.session.send("Big", ["x".repeat(17 * 1024 * 1024)]);
    expect(() => near.session.send("B", [])).toThrow(LimitError);
    expect(() => near.session.invoke("B", [])).toThrow(LimitError);
    expect(() => near.stream("B", [])).toThrow(LimitError);
    expect(near.session.ended).toBe(false);
    near.session.complete("1", undefined);
    expect(near.session.ended).toBe(true);
    await settle();
  });

  test("what waits for room goes out in chunks, not as one", async () => {
    const { near, settle } = sessionPair();
    near.connection.congest();
    void near.session.send("A", []);
    await settle();
    for (let i = 0; i < 100; i++) void near.session.send("B", ["x".repeat(10_000)]);
    near.connection.relieve();
    await settle();
    const sizes = near.connection.sent.map((chunk) => chunk.length);
    expect(Math.max(...sizes)).toBeLessThan(100_000);
    expect(near.sentTypes).toHaveLength(101);
  });

  test("a call that could not be delivered fails alone", async () => {
    const { near, far, settle } = sessionPair();
    far.onCall = (call, session) => session.complete(call.invocationId ?? "", { result: call.target });
    near.connection.congest();
    const first = near.session.invoke("A", []);
    await settle();
    const released = jest.fn();
    const lost = near.session.invoke("B", [{ subscribe: () => ({ dispose: released }) }]);
    const error = new Error("refused");
    near.connection.relieve();
    near.connection.congest();
    await settle();
    near.connection.breakSends(error);
    await expect(lost.promise).rejects.toBe(error);
    expect(released).toHaveBeenCalledTimes(1);
    await expect(first.promise).resolves.toBe("A");
    const later = near.session.invoke("C", []);
    await settle();
    await expect(later.promise).resolves.toBe("C");
  });
});

test("messages of stateful reconnect are ignored while it is not in use", () => {
  const { near } = sessionPair();
  near.receive({ type: MessageType.Ack, sequenceId: 1 }, { type: MessageType.Sequence, sequenceId: 1 });
  expect(near.session.ended).toBe(false);
  expect([near.sent, near.logged]).toEqual([[], []]);
});

test("pings are told to the owner", async () => {
  const { near, far, settle } = sessionPair();
  near.session.ping();
  await settle();
  expect(far.pings).toBe(1);
  expect(near.sentTypes).toEqual([MessageType.Ping]);
});

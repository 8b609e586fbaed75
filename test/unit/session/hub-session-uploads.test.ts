/** Streams between two sessions that are arguments of calls, and what takes them at the other end. */
import { Deferred } from "../../../src/common/deferred.js";
import { ConnectionError } from "../../../src/errors/connection-errors.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { cancelCall } from "../../../src/session/cancel-call.js";
import { Subject } from "../../../src/session/subject.js";
import { sessionPair } from "../../support/session-pair.js";
import { count, receiver, takeUploads } from "./session-streams.js";

describe("upwards", () => {
  test("streams may be in any position, each under its own id", async () => {
    const { near, far, settle } = sessionPair();
    const receivers = takeUploads(far);
    const subject = new Subject();
    const pending = near.session.invoke("Up", [count(2), subject, "plain", count(1)]);
    subject.next("a");
    subject.complete();
    await settle();
    expect(far.calls[0]).toMatchObject({ arguments: ["plain"], streamIds: ["0", "1", "2"], invocationId: "3" });
    expect(receivers.map(({ events }) => events)).toEqual([
      [1, 2, "end"],
      ["a", "end"],
      [1, "end"],
    ]);
    far.session.complete(pending.id, { result: "done" });
    await settle();
    await expect(pending.promise).resolves.toBe("done");
  });

  test("work with every kind of call", async () => {
    const { near, far, settle } = sessionPair();
    const receivers = takeUploads(far);
    void near.session.send("A", [count(1)]);
    void near.session.invoke("B", [count(2)]);
    near.stream("C", [count(3)]);
    await settle();
    expect(receivers.map(({ events }) => events)).toEqual([
      [1, "end"],
      [1, 2, "end"],
      [1, 2, 3, "end"],
    ]);
    expect(new Set(far.calls.flatMap((call) => [...(call.streamIds ?? []), call.invocationId])).size).toBe(6);
  });

  test("the invocation goes before the first item, even of a source that pushes at once", async () => {
    const { near, settle } = sessionPair();
    const subject = new Subject();
    subject.next(1);
    subject.complete();
    void near.session.send("A", [subject]);
    await settle();
    expect(near.sentTypes).toEqual([MessageType.Invocation, MessageType.StreamItem, MessageType.Completion]);
  });

  test("a source that fails is told with the owner's text", async () => {
    const { near, far, settle } = sessionPair();
    const receivers = takeUploads(far);
    const subject = new Subject();
    void near.session.send("A", [subject]);
    subject.next(1);
    subject.error(new Error("no more"));
    await settle();
    expect(receivers[0]?.events).toEqual([1, ["end", "stream: no more"]]);
  });

  test("stop when the call is answered (GAPS 14)", async () => {
    const { near, far, settle } = sessionPair();
    takeUploads(far);
    const dispose = jest.fn();
    const subject = new Subject();
    const call = near.session.invoke("A", [subject, { subscribe: () => ({ dispose }) }]);
    await settle();
    far.session.complete(call.id, { result: 1 });
    await settle();
    expect(dispose).toHaveBeenCalledTimes(1);
    subject.next("late");
    subject.complete();
    await settle();
    expect(near.sentTypes).toEqual([MessageType.Invocation]);
  });

  // The reader of an upload may know of no cancellation: servers up to .NET 10 cancel streaming calls only.
  test("end with an error when the call is given up, in front of the cancellation", async () => {
    const { near, settle } = sessionPair();
    const dispose = jest.fn();
    const call = near.session.invoke("A", [{ subscribe: () => ({ dispose }) }]);
    cancelCall(near.session, call.id);
    expect(dispose).toHaveBeenCalledTimes(1);
    await settle();
    expect(near.sent.slice(1)).toEqual([
      { type: MessageType.Completion, invocationId: "0", error: "stream: Stream canceled by client." },
      { type: MessageType.CancelInvocation, invocationId: call.id },
    ]);
  });

  test("that push more than may wait fail, and the connection goes on", async () => {
    const { near, far, settle } = sessionPair();
    const receivers = takeUploads(far);
    const [pushed, given] = [new Subject<string>(), new Subject<string>()];
    void near.session.invoke("Upload", [pushed]);
    const call = near.session.invoke("Upload", [given]);
    await settle();
    near.connection.congest();
    pushed.next("small");
    await settle();
    pushed.next("x".repeat(17 * 1024 * 1024));
    pushed.next("too much");
    cancelCall(near.session, call.id);
    expect(near.session.ended).toBe(false);
    near.connection.relieve();
    await settle();
    expect(receivers[0]?.events).toEqual([
      "small",
      expect.any(String),
      ["end", "stream: Too much is waiting to be sent on this connection."],
    ]);
    expect(receivers[1]?.events).toEqual([["end", "stream: Stream canceled by client."]]);
  });

  test("stop when the connection is lost, without an unhandled rejection (GAPS 14)", async () => {
    const { near, settle } = sessionPair();
    const dispose = jest.fn();
    const subject = new Subject();
    const gate = new Deferred<void>();
    const pulled = (async function* () {
      await gate.promise;
      yield 1;
    })();
    void near.session.send("A", [subject, pulled, { subscribe: () => ({ dispose }) }]);
    await settle();
    near.connection.lose(new Error("lost"));
    expect(dispose).toHaveBeenCalledTimes(1);
    subject.next(1);
    gate.resolve();
    await settle();
    expect(near.sentTypes).toEqual([MessageType.Invocation]);
  });

  test("nothing is read when the call cannot be sent", () => {
    const { near } = sessionPair();
    const source = { subscribe: jest.fn() };
    expect(() => near.session.invoke("A", [source, 1n])).toThrow();
    near.connection.lose(undefined);
    expect(() => near.session.send("A", [source])).toThrow(ConnectionError);
    expect(source.subscribe).not.toHaveBeenCalled();
  });
});

describe("the receiving end of an upload", () => {
  test("an id can be open once", () => {
    const { far } = sessionPair();
    expect(far.session.openStream("1", receiver().answerable)).toBe(true);
    expect(far.session.openStream("1", receiver().answerable)).toBe(false);
    far.session.closeStream("1");
    expect(far.session.openStream("1", receiver().answerable)).toBe(true);
  });

  test("hears nothing more after the end, or once it is closed", () => {
    const { far } = sessionPair();
    const [one, two] = [receiver(), receiver()];
    far.session.openStream("1", one.answerable);
    far.session.openStream("2", two.answerable);
    far.receive(
      { type: MessageType.StreamItem, invocationId: "1", item: 1 },
      { type: MessageType.Completion, invocationId: "1" },
      { type: MessageType.StreamItem, invocationId: "1", item: 2 },
      { type: MessageType.Completion, invocationId: "1", error: "late" },
    );
    far.session.closeStream("2");
    far.receive({ type: MessageType.StreamItem, invocationId: "2", item: 1 });
    expect(one.events).toEqual([1, "end"]);
    expect(two.events).toEqual([]);
  });

  test("fails when the connection is lost", () => {
    const { far } = sessionPair();
    const taken = receiver();
    far.session.openStream("1", taken.answerable);
    const error = new Error("lost");
    far.connection.lose(error);
    expect(taken.events).toEqual([error]);
  });
});

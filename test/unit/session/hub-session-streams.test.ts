/** Streams between two sessions that answer calls. */
import { HubError } from "../../../src/errors/call-errors.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { Subject } from "../../../src/session/subject.js";
import { sessionPair } from "../../support/session-pair.js";
import { count, read } from "./session-streams.js";

describe("downwards", () => {
  test("items arrive in order, then the end", async () => {
    const { near, far, settle } = sessionPair();
    far.onCall = (call, session) => void session.sendStream(call.invocationId ?? "", count(100));
    const reading = read(near.stream("Count", [100]));
    await settle();
    await expect(reading).resolves.toEqual(await read(count(100)));
    expect(far.calls[0]).toMatchObject({ type: MessageType.StreamInvocation, target: "Count", arguments: [100] });
    expect(far.sentTypes.filter((type) => type === MessageType.Completion)).toHaveLength(1);
    expect(far.sent.at(-1)).toEqual({ type: MessageType.Completion, invocationId: "0" });
  });

  test("an item that is undefined arrives as null", async () => {
    const { near, far, settle } = sessionPair();
    far.onCall = (call, session) => {
      void session.sendStream(
        call.invocationId ?? "",
        (async function* () {
          yield undefined;
        })(),
      );
    };
    const reading = read(near.stream("One", []));
    await settle();
    await expect(reading).resolves.toEqual([null]);
  });

  test("an error arrives behind the items, with the text that the owner chose", async () => {
    const { near, far, settle } = sessionPair();
    far.onCall = (call, session) => {
      const subject = new Subject();
      session.sendStream(call.invocationId ?? "", subject);
      subject.next(1);
      subject.error(new Error("inside"));
    };
    const events: unknown[] = [];
    near.stream("Fail", []).subscribe({
      next: (item) => void events.push(item),
      error: (error) => void events.push(error),
      complete: () => void events.push("complete"),
    });
    await settle();
    expect(events).toEqual([1, new HubError("stream: inside")]);
  });

  test("an item that cannot be encoded ends the stream with an error", async () => {
    const { near, far, settle } = sessionPair();
    far.onCall = (call, session) => {
      void session.sendStream(
        call.invocationId ?? "",
        (async function* () {
          yield 1;
          yield 2n;
        })(),
      );
    };
    const stream = near.stream("Fail", []);
    const failed = expect(read(stream)).rejects.toThrow(/^stream: Cannot be encoded/);
    await settle();
    await failed;
    expect(near.session.ended).toBe(false);
  });

  test("leaving the loop tells the peer once; what still arrives is ignored", async () => {
    const { near, far, settle } = sessionPair();
    const subject = new Subject();
    far.onCall = (call, session) => void session.sendStream(call.invocationId ?? "", subject);
    const reading = read(near.stream("Endless", []), 2);
    await settle();
    subject.next(1);
    subject.next(2);
    await settle();
    await expect(reading).resolves.toEqual([1, 2]);
    await settle();
    expect(far.cancelled).toEqual(["0"]);
    subject.next(3);
    subject.complete();
    await settle();
    expect(near.session.ended).toBe(false);
    expect(near.sentTypes).toEqual([MessageType.StreamInvocation, MessageType.CancelInvocation]);
  });

  test("the sender stops when its owner says so", async () => {
    const { near, far, settle } = sessionPair();
    const subject = new Subject();
    let stop: (() => void) | undefined;
    far.onCall = (call, session) => void (stop = session.sendStream(call.invocationId ?? "", subject));
    const reading = read(near.stream("Endless", []));
    await settle();
    subject.next(1);
    stop?.();
    subject.next(2);
    far.session.complete("0", undefined);
    await settle();
    await expect(reading).resolves.toEqual([1]);
  });

  test("is not read faster than the connection takes it", async () => {
    const { near, far, settle } = sessionPair();
    let yielded = 0;
    far.onCall = (call, session) => {
      void session.sendStream(
        call.invocationId ?? "",
        (async function* () {
          for (; yielded < 100; yielded++) yield "x".repeat(32 * 1024);
        })(),
      );
    };
    const reading = read(near.stream("Big", []));
    far.connection.congest();
    await settle();
    expect(yielded).toBeLessThan(10);
    far.connection.relieve();
    await settle();
    await expect(reading).resolves.toHaveLength(100);
  });
});

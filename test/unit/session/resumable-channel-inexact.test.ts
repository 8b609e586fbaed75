/** Sessions that outlive their connections, with peers that do not count every item: .NET 10 leaves out those of ended streams (HUB_PROTOCOL §9). */
import { ProtocolError } from "../../../src/errors/call-errors.js";
import { TimeoutError } from "../../../src/errors/http-errors.js";
import { MessageType, type HubMessage } from "../../../src/protocol/messages.js";
import { Subject } from "../../../src/session/subject.js";
import { MemoryConnection } from "../../support/connection-pair.js";
import { sessionPair, type TestPeer } from "../../support/session-pair.js";
import { call, never } from "./numbered-calls.js";

// HUB_PROTOCOL §9: .NET 10 does not count items of streams that have ended, so they cannot simply be sent again.
describe("a peer that may not count every item", () => {
  const inexact = { bufferSize: 100_000, isExact: false };

  /** Call 1 with an upload (message 1) of three items (2, 3, 4), all of them unacknowledged when the connection breaks. */
  function uploading() {
    const { near, settle } = sessionPair({ continuity: inexact });
    const up = new Subject<string>();
    const { promise } = near.session.invoke("Upload", [up]);
    promise.catch(() => undefined);
    for (const item of ["a", "b", "c"]) up.next(item);
    const cut = () => near.connection.lose(new Error("cut"));
    // The test itself is the peer.
    const resume = () => near.attach(new MemoryConnection());
    return { near, settle, cut, resume, up, promise };
  }

  function answerTo(peer: TestPeer): HubMessage {
    const probe = peer.sent.filter((message) => message.type === MessageType.Invocation).pop();
    if (probe?.type !== MessageType.Invocation) throw new Error("nothing was asked");
    return { type: MessageType.Completion, invocationId: probe.invocationId ?? "", error: "no such method" };
  }

  const ack = (sequenceId: number): HubMessage => ({ type: MessageType.Ack, sequenceId });
  const items = (peer: TestPeer) => peer.sent.flatMap((message) => ("item" in message ? [message.item] : []));

  test("is asked how far it got, and gets the rest under new numbers", async () => {
    const { near, cut, resume, settle, up } = uploading();
    cut();
    up.next("d");
    resume();
    await settle();
    expect(near.sentTypes).toEqual([MessageType.Invocation]);
    near.receive(answerTo(near), ack(3)); // the call, one item, the probe
    await settle();
    expect(near.sent[1]).toEqual({ type: MessageType.Sequence, sequenceId: 4 });
    expect(items(near)).toEqual(["b", "c", "d"]);
  });

  test("is not asked when no items are under way", async () => {
    const pair = sessionPair({ continuity: inexact });
    void pair.near.session.send("Call", [1]);
    pair.cut();
    pair.near.attach(new MemoryConnection());
    pair.near.receive({ type: MessageType.Sequence, sequenceId: 1 });
    await pair.settle();
    expect(pair.near.sentTypes).toEqual([MessageType.Sequence, MessageType.Invocation]);
  });

  // ASP.NET Core ends a connection whose second Sequence is ahead of its first one.
  test("is told once where it goes on: behind what it acknowledges with its first words", async () => {
    const pair = sessionPair({ continuity: inexact });
    for (let number = 1; number <= 3; number++) void pair.near.session.send("Call", [number]);
    await pair.settle();
    pair.cut();
    pair.near.attach(new MemoryConnection());
    await pair.settle();
    pair.near.receive({ type: MessageType.Sequence, sequenceId: 1 }, ack(2));
    await pair.settle();
    expect(pair.near.sent).toEqual([{ type: MessageType.Sequence, sequenceId: 3 }, call(3)]);
  });

  test("is asked again when its Ack came before the answer, because that may not count the question", async () => {
    const { near, cut, resume, settle } = uploading();
    cut();
    resume();
    await settle();
    near.receive(ack(2), answerTo(near));
    await settle();
    expect(near.sentTypes).toEqual([MessageType.Invocation, MessageType.Invocation]);
    near.receive(answerTo(near), ack(4));
    await settle();
    expect(near.sent[2]).toEqual({ type: MessageType.Sequence, sequenceId: 5 });
    expect(items(near)).toEqual(["b", "c"]);
  });

  test("a question that was cut off is accounted for, whether it was counted or not", async () => {
    const { near, cut, resume, settle } = uploading();
    cut();
    resume();
    await settle();
    const first = answerTo(near);
    cut();
    resume();
    await settle();
    near.receive(first, answerTo(near), ack(4)); // the call, one item, two probes
    await settle();
    expect(items(near)).toEqual(["b", "c"]);
  });

  test("an answer that comes twice is counted once", async () => {
    const { near, cut, resume, settle } = uploading();
    cut();
    resume();
    await settle();
    const first = answerTo(near);
    near.receive(first);
    cut();
    resume();
    await settle();
    near.receive({ type: MessageType.Sequence, sequenceId: 1 }, first, answerTo(near), ack(4));
    await settle();
    expect(items(near)).toEqual(["b", "c"]);
  });

  test("when it ended an upload early, and not all is known to have arrived, the app is told instead of risking a wrong count", async () => {
    const { near, cut, resume, settle, promise } = uploading();
    near.receive({ type: MessageType.Completion, invocationId: "1", result: "enough" });
    await expect(promise).resolves.toBe("enough");
    cut();
    resume();
    await settle();
    near.receive({ type: MessageType.Sequence, sequenceId: 2 }, answerTo(near), ack(3));
    await settle();
    expect(near.ends[0]?.error).toBeInstanceOf(ProtocolError);
  });

  test("when it ended an upload early, and all has arrived, nothing is wrong", async () => {
    const { near, cut, resume, settle } = uploading();
    near.receive({ type: MessageType.Completion, invocationId: "1", result: "enough" });
    cut();
    resume();
    await settle();
    near.receive({ type: MessageType.Sequence, sequenceId: 2 }, answerTo(near), ack(5));
    await settle();
    expect(near.ends).toEqual([]);
    expect(near.sent).toContainEqual({ type: MessageType.Sequence, sequenceId: 6 });
  });

  test("one that does not answer ends the session after five seconds", async () => {
    const { near, cut, resume, settle } = uploading();
    cut();
    resume();
    await settle();
    for (let ticks = 0; ticks < 5; ticks++) near.session.tick(1_000, never);
    expect(near.ends[0]?.error).toBeInstanceOf(TimeoutError);
  });

  test("an Ack in front of the answer, whose number happens to be ours, does not settle what is in doubt", async () => {
    const { near, cut, resume, settle } = uploading();
    near.receive({ type: MessageType.Completion, invocationId: "1", result: "enough" });
    cut();
    resume();
    await settle();
    near.receive(ack(4), answerTo(near)); // three of our four messages, and the question
    await settle();
    near.receive(answerTo(near), ack(5));
    await settle();
    expect(near.ends[0]?.error).toBeInstanceOf(ProtocolError);
  });

  test("is asked anew after the next cut, as long as an item is unacknowledged under its new number", async () => {
    const { near, cut, resume, settle } = uploading();
    cut();
    resume();
    await settle();
    near.receive(answerTo(near), ack(3)); // the call, one item, the question; "b" and "c" are 4 and 5 now
    await settle();
    near.receive(ack(4));
    cut();
    resume();
    await settle();
    expect(near.sentTypes).toContain(MessageType.Invocation);
    near.receive({ type: MessageType.Sequence, sequenceId: 2 }, answerTo(near), ack(5));
    await settle();
    expect(items(near)).toEqual(["c"]);
  });

  test("is not believed that it has counted the items of an upload whose end it does not tell", async () => {
    const { near, settle } = sessionPair({ continuity: inexact });
    const up = new Subject<string>();
    void near.session.send("Upload", [up]);
    up.next("counted");
    up.next("too late");
    void near.session.send("Call", [1]);
    near.receive(ack(3)); // the upload, an item, the call
    near.connection.lose(new Error("cut"));
    near.attach(new MemoryConnection());
    await settle();
    near.receive(answerTo(near), ack(4));
    expect(near.ends[0]?.error).toBeInstanceOf(ProtocolError);
    expect(near.sentTypes).toEqual([MessageType.Invocation]);
  });

  test("is believed once it has counted all of such an upload", async () => {
    const { near, settle } = sessionPair({ continuity: inexact });
    const up = new Subject<string>();
    void near.session.send("Upload", [up]);
    up.next("counted");
    near.receive(ack(2));
    void near.session.send("Call", [1]);
    near.connection.lose(new Error("cut"));
    near.attach(new MemoryConnection());
    near.receive({ type: MessageType.Sequence, sequenceId: 1 });
    await settle();
    expect(near.sent).toEqual([{ type: MessageType.Sequence, sequenceId: 3 }, call(1)]);
  });

  describe("whose cancellation of a stream waits here for its turn", () => {
    /** What is sent, and what the peer says, between a stream that begins and the cut; nothing is handed over since `hold`. */
    async function askedAfter(play: (far: TestPeer, items: Subject<string>) => void): Promise<TestPeer> {
      const { far, settle } = sessionPair({ continuity: inexact });
      const source = new Subject<string>();
      far.session.sendStream("7", source);
      far.receive({ type: MessageType.Ping });
      play(far, source);
      far.connection.lose(new Error("cut"));
      far.attach(new MemoryConnection());
      await settle();
      return far;
    }

    const cancel: HubMessage = { type: MessageType.CancelInvocation, invocationId: "7" };

    function expectGivenUp(far: TestPeer): void {
      far.receive({ type: MessageType.Sequence, sequenceId: 2 }, answerTo(far), ack(3)); // an item, the call, the question
      expect(far.ends[0]?.error).toBeInstanceOf(ProtocolError);
      expect(far.sentTypes).toEqual([MessageType.Ack, MessageType.Invocation].reverse());
    }

    test("is not believed that it has counted the items that it cancelled", async () => {
      const far = await askedAfter((far, items) => {
        items.next("counted");
        items.next("too late");
        far.held.hold();
        far.receive(cancel);
        void far.session.send("Call", [1]);
        far.receive(ack(2)); // an item and the call
      });
      expectGivenUp(far);
    });

    test("nor those that it gets until then", async () => {
      const far = await askedAfter((far, items) => {
        items.next("counted");
        far.receive(ack(1));
        far.held.hold();
        far.receive(cancel);
        items.next("too late");
        void far.session.send("Call", [1]);
        far.receive(ack(2)); // an item and the call
      });
      expectGivenUp(far);
    });

    test("is believed once it has counted all of it, and about what is sent behind the turn", async () => {
      const far = await askedAfter((far, items) => {
        far.held.hold();
        items.next("counted");
        far.receive(cancel, ack(1));
        far.held.release();
        void far.session.send("Call", [1]);
      });
      expect(far.cancelled).toEqual(["7"]);
      expect(far.sentTypes).toEqual([MessageType.Ack]);
      far.receive({ type: MessageType.Sequence, sequenceId: 2 });
      await Promise.resolve();
      expect(far.sent).toContainEqual(call(1));
    });
  });
});

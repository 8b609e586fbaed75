/** What a session does that outlives its connections: nothing lost, nothing doubled, nothing kept for ever (HUB_PROTOCOL §9). */
import { TimeoutError } from "../../../src/errors/http-errors.js";
import { LimitError, ProtocolError } from "../../../src/errors/call-errors.js";
import { JsonHubProtocol } from "../../../src/protocol/json-hub-protocol.js";
import { MessageType, type HubMessage } from "../../../src/protocol/messages.js";
import { Subject } from "../../../src/session/subject.js";
import { MemoryConnection } from "../../support/connection-pair.js";
import { sessionPair } from "../../support/session-pair.js";
import { continuity, call, numbersOf, tick } from "./numbered-calls.js";

describe("over a cut", () => {
  test("what was lost on the way arrives once and in order", async () => {
    const pair = sessionPair({ continuity });
    void pair.near.session.send("Call", [1]);
    await pair.settle();
    void pair.near.session.send("Call", [2]);
    pair.cut();
    void pair.near.session.send("Call", [3]);
    await pair.settle();
    pair.resume();
    void pair.near.session.send("Call", [4]);
    await pair.settle();
    expect(numbersOf(pair)).toEqual([1, 2, 3, 4]);
    expect(pair.near.ends).toEqual([]);
  });

  test("a call is answered although question and answer were cut off", async () => {
    const pair = sessionPair({ continuity });
    pair.far.onCall = ({ invocationId = "" }, session) => session.complete(invocationId, { result: "yes" });
    const asked = pair.near.session.invoke("Ask", []).promise;
    pair.cut();
    pair.resume();
    await pair.settle();
    await expect(asked).resolves.toBe("yes");

    const askedAgain = pair.near.session.invoke("Ask", []).promise;
    pair.near.connection.congest(); // the answer comes to nothing
    await Promise.resolve();
    pair.cut();
    pair.resume();
    await pair.settle();
    await expect(askedAgain).resolves.toBe("yes");
    expect(pair.far.calls).toHaveLength(2);
  });

  test("streams go on in both directions", async () => {
    const pair = sessionPair({ continuity });
    const received: unknown[] = [];
    pair.far.onCall = ({ invocationId = "", streamIds = [] }, session) => {
      const down = new Subject<unknown>();
      session.sendStream(invocationId, down);
      session.openStream(streamIds[0] ?? "", {
        onItem: (item) => down.next(item),
        onCompletion: () => down.complete(),
        onFailed: () => undefined,
      });
    };
    const up = new Subject<number>();
    const done = new Promise<void>((complete, error) => {
      pair.near.stream("Echo", [up]).subscribe({ next: (item) => received.push(item), complete, error });
    });
    for (let number = 0; number < 100; number++) {
      up.next(number);
      if (number % 3 === 0) await pair.settle();
      if (number % 7 === 0) {
        pair.cut();
        pair.resume();
      }
      if (number % 11 === 0) tick(pair);
    }
    up.complete();
    await pair.settle();
    await done;
    expect(received).toEqual(Array.from({ length: 100 }, (_, number) => number));
  });

  test("a message torn by the cut is not joined to what comes after it", async () => {
    const pair = sessionPair({ continuity });
    pair.far.connection.receive('{"type":1,"target":"Torn","argu');
    pair.cut();
    pair.resume();
    void pair.near.session.send("Call", [1]);
    await pair.settle();
    expect(numbersOf(pair)).toEqual([1]);
  });

  test("what a user's code waits for under back-pressure goes on after the resume", async () => {
    const pair = sessionPair({ continuity });
    pair.near.connection.congest();
    const sent = pair.near.session.send("Call", [1]);
    pair.cut();
    pair.resume();
    await pair.settle();
    await expect(sent).resolves.toBeUndefined();
    expect(numbersOf(pair)).toEqual([1]);
  });

  test("whoever attached the connection hears when the peer goes on there, too", async () => {
    const pair = sessionPair({ continuity });
    const { channel } = pair.near;
    pair.cut();
    const [first, second] = [new MemoryConnection(), new MemoryConnection()];
    const heard: string[] = [];
    channel.attach(first, () => heard.push("first"));
    first.receive('{"type":6}\u001e');
    channel.attach(second, () => heard.push("second"));
    expect(heard).toEqual([]);
    second.receive('{"type":9,"sequenceId":1}\u001e');
    expect(heard).toEqual(["second"]);
  });

  test("a connection that is let go of is dropped without a goodbye, where that can be done", () => {
    const pair = sessionPair({ continuity });
    pair.cut();
    const terminate = jest.fn();
    const connection = Object.assign(new MemoryConnection(), { terminate });
    pair.near.channel.attach(connection);
    pair.near.channel.detach();
    expect(terminate).toHaveBeenCalledTimes(1);
    expect(connection.closed).toBe(false);
  });

  test("a client speaks first, if need be of nothing, because a server waits for that", async () => {
    const pair = sessionPair({ continuity });
    void pair.far.session.send("Call", [1]);
    pair.cut();
    pair.resume();
    await pair.settle();
    expect(pair.near.sent.slice(0, 2)).toEqual([
      { type: MessageType.Ack, sequenceId: 0 },
      { type: MessageType.Sequence, sequenceId: 1 },
    ]);
    expect(pair.near.calls).toHaveLength(1);
  });

  test("pings and acknowledgements are not repeated", async () => {
    const pair = sessionPair({ continuity });
    pair.cut();
    pair.near.session.ping();
    tick(pair);
    pair.resume();
    await pair.settle();
    expect(pair.near.sent).toEqual([
      { type: MessageType.Ack, sequenceId: 0 },
      { type: MessageType.Sequence, sequenceId: 1 },
    ]);
  });
});

describe("what ends the session", () => {
  test("a clean close by the peer is its own wish", async () => {
    const pair = sessionPair({ continuity });
    pair.near.connection.lose(undefined);
    await pair.settle();
    expect(pair.near.losses).toEqual([]);
    expect(pair.near.ends).toEqual([{ error: undefined, allowReconnect: true }]);
  });

  test("a Close message", async () => {
    const pair = sessionPair({ continuity });
    pair.near.receive({ type: MessageType.Close });
    await pair.settle();
    expect(pair.near.losses).toEqual([]);
    expect(pair.near.ends).toHaveLength(1);
  });

  test("an owner that does not expect another connection: calls are told", async () => {
    const pair = sessionPair({ continuity });
    pair.near.returns = false;
    const asked = pair.near.session.invoke("Ask", []).promise;
    pair.cut();
    await expect(asked).rejects.toMatchObject({ code: "connection-lost" });
    expect(pair.near.ends).toHaveLength(1);
  });

  test("the end while there is no connection: calls and writers are told", async () => {
    const pair = sessionPair({ continuity });
    const asked = pair.near.session.invoke("Ask", []).promise;
    pair.cut();
    const sent = pair.near.session.send("Call", ["x".repeat(2_000)]);
    void pair.near.session.close(undefined, { error: undefined, allowReconnect: false });
    await expect(asked).rejects.toMatchObject({ code: "connection-lost" });
    await expect(sent).rejects.toMatchObject({ code: "connection-lost" });
  });

  test("a peer that goes on behind messages which never came", async () => {
    const pair = sessionPair({ continuity });
    pair.near.receive({ type: MessageType.Sequence, sequenceId: 3 });
    await pair.settle();
    expect(pair.near.ends[0]?.error).toBeInstanceOf(ProtocolError);
  });

  test("silence is a lost connection like any other", async () => {
    const pair = sessionPair({ continuity });
    for (let ticks = 0; ticks < 5; ticks++)
      pair.near.session.tick(1_000, { keepAliveIntervalMs: 9_000, timeoutMs: 4_000 });
    expect(pair.near.losses[0]).toBeInstanceOf(TimeoutError);
    expect(pair.near.ends).toEqual([]);
    expect(pair.near.connection.closed).toBe(true);
  });
});

describe("counting what arrives", () => {
  test("duplicates are dropped, also when the peer repeats more than it has to", async () => {
    const pair = sessionPair({ continuity });
    pair.far.receive(call(1), call(2), call(3));
    pair.far.receive({ type: MessageType.Sequence, sequenceId: 2 }, call(2), call(3), call(4));
    await pair.settle();
    expect(numbersOf(pair)).toEqual([1, 2, 3, 4]);
  });

  test("a peer may go on behind what arrived, although not all of that came again over the last connection", async () => {
    const pair = sessionPair({ continuity });
    pair.far.receive(call(1), call(2), call(3));
    pair.far.receive({ type: MessageType.Sequence, sequenceId: 1 }, call(1));
    pair.far.receive({ type: MessageType.Sequence, sequenceId: 4 }, call(4)); // it has got the acknowledgement meanwhile
    await pair.settle();
    expect(numbersOf(pair)).toEqual([1, 2, 3, 4]);
  });

  test("it is acknowledged with the next tick, once", async () => {
    const pair = sessionPair({ continuity });
    pair.far.receive(call(1), call(2));
    tick(pair);
    tick(pair);
    await pair.settle();
    expect(pair.far.sent).toEqual([{ type: MessageType.Ack, sequenceId: 2 }]);
  });

  test("much of it is acknowledged at once", async () => {
    const pair = sessionPair({ continuity });
    pair.far.receive(call(1), { type: MessageType.Invocation, target: "Large", arguments: ["x".repeat(40_000)] });
    await pair.settle();
    expect(pair.far.sent).toEqual([{ type: MessageType.Ack, sequenceId: 2 }]);
  });

  test("the last acknowledgement is repeated on a new connection, because it may have been lost", async () => {
    const pair = sessionPair({ continuity });
    pair.far.receive(call(1));
    tick(pair);
    pair.cut();
    pair.resume();
    await pair.settle();
    expect(pair.far.sent).toContainEqual({ type: MessageType.Ack, sequenceId: 1 });
  });

  test("messages that are held are acknowledged, because they will be handed over, and come in order when they are released", async () => {
    const pair = sessionPair({ continuity });
    const { held } = pair.far;
    held.hold();
    pair.far.receive(call(1), call(2));
    tick(pair);
    await pair.settle();
    expect(pair.far.calls).toEqual([]);
    expect(pair.far.sent).toEqual([{ type: MessageType.Ack, sequenceId: 2 }]);
    held.release();
    pair.far.receive(call(3));
    tick(pair);
    await pair.settle();
    expect(numbersOf(pair)).toEqual([1, 2, 3]);
    expect(pair.far.sent).toContainEqual({ type: MessageType.Ack, sequenceId: 3 });
  });

  test("acknowledgements are read while messages are held", async () => {
    const pair = sessionPair({ continuity });
    pair.far.held.hold();
    const sent = pair.far.session.send("Call", ["x".repeat(2_000)]);
    await pair.settle();
    pair.far.receive({ type: MessageType.Ack, sequenceId: 1 });
    await expect(sent).resolves.toBeUndefined();
  });

  test("a peer that sends without end while messages are held is stopped", async () => {
    const pair = sessionPair({ continuity });
    pair.far.held.hold();
    const large: HubMessage = { type: MessageType.Invocation, target: "Large", arguments: ["x".repeat(1024 * 1024)] };
    pair.far.receive(large, large, large);
    pair.far.receive(large, large, large);
    await pair.settle();
    expect(pair.far.ends[0]?.error).toBeInstanceOf(LimitError);
  });
});

// A version of the user's that says 2 and does not know what that means.
test("an encoding that does not know what is said about counting ends the session, also when there is a goodbye to say", async () => {
  const encode = jest.spyOn(JsonHubProtocol.prototype, "encode");
  try {
    const pair = sessionPair({ continuity });
    pair.near.closeMessage = { type: MessageType.Close };
    pair.near.receive(call(1));
    pair.cut();
    encode.mockImplementation(() => {
      throw new Error("unknown message");
    });
    pair.near.attach(new MemoryConnection());
    expect(pair.near.ends[0]?.error).toMatchObject({ message: "unknown message" });
  } finally {
    encode.mockRestore();
  }
});

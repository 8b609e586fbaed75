/** How sessions that outlive their connections wait for peers that are not ready, slow, or gone (HUB_PROTOCOL §9). */
import { MessageType, type HubMessage } from "../../../src/protocol/messages.js";
import { MemoryConnection } from "../../support/connection-pair.js";
import { sessionPair, type SessionPair } from "../../support/session-pair.js";
import { never } from "./numbered-calls.js";

const continuity = { bufferSize: 1_000, isExact: true };
const second = { continuity, speaksSecond: true };

function call(number: number): HubMessage {
  return { type: MessageType.Invocation, target: "Call", arguments: [number] };
}

function numbersOf({ far }: SessionPair): unknown[] {
  return far.calls.map((invocation) => invocation.arguments[0]);
}

function tick({ near, far }: SessionPair): void {
  near.session.tick(1_000, never);
  far.session.tick(1_000, never);
}

describe("who speaks second", () => {
  test("sends nothing that counts until the peer has said something", async () => {
    const pair = sessionPair(second);
    void pair.near.session.send("Call", [1]);
    pair.near.session.ping();
    await pair.settle();
    expect(pair.near.sentTypes).toEqual([MessageType.Ping]);
    pair.near.receive({ type: MessageType.Ping });
    void pair.near.session.send("Call", [2]);
    await pair.settle();
    expect(numbersOf(pair)).toEqual([1, 2]);
  });

  test("waits until the next tick, and not at the end", async () => {
    for (const proceed of [
      (pair: SessionPair) => tick(pair),
      (pair: SessionPair) =>
        pair.near.session.close({ type: MessageType.Close }, { error: undefined, allowReconnect: true }),
    ]) {
      const pair = sessionPair(second);
      void pair.near.session.send("Call", [1]);
      void proceed(pair);
      await pair.settle();
      expect(numbersOf(pair)).toEqual([1]);
    }
  });

  test("sends it over the next connection, if the first is lost before that", async () => {
    const pair = sessionPair(second);
    void pair.near.session.send("Call", [1]);
    pair.cut();
    pair.resume();
    await pair.settle();
    expect([numbersOf(pair), pair.near.sent]).toEqual([[], []]);
    pair.near.receive({ type: MessageType.Ping });
    await pair.settle();
    expect(numbersOf(pair)).toEqual([1]);
  });

  test("does not send again what the peer acknowledges with its first words", async () => {
    const pair = sessionPair(second);
    tick(pair);
    for (let number = 1; number <= 3; number++) void pair.near.session.send("Call", [number]);
    await pair.settle();
    pair.cut();
    pair.resume();
    pair.near.receive({ type: MessageType.Sequence, sequenceId: 1 }, { type: MessageType.Ack, sequenceId: 2 });
    await pair.settle();
    expect(pair.near.sent).toEqual([{ type: MessageType.Sequence, sequenceId: 3 }, call(3)]);
  });
});

describe("a peer that is slow", () => {
  test("a peer that sends much while messages are held has to wait, and still does not give up for want of acknowledgements", async () => {
    const pair = sessionPair({ continuity });
    const { held } = pair.far;
    held.hold();
    const large: HubMessage = { type: MessageType.Invocation, target: "Large", arguments: ["x".repeat(600 * 1024)] };
    pair.far.receive(large);
    pair.far.receive(large);
    await pair.settle();
    for (let number = 0; number < 5; number++) pair.far.receive(call(number));
    await pair.settle();
    expect(pair.far.sent).toEqual([{ type: MessageType.Ack, sequenceId: 1 }]);
    for (let ticks = 0; ticks < 3; ticks++) tick(pair);
    await pair.settle();
    expect(pair.far.sent.slice(1)).toEqual([2, 3, 4].map((sequenceId) => ({ type: MessageType.Ack, sequenceId })));
    held.release();
    tick(pair);
    await pair.settle();
    expect(pair.far.sent).toContainEqual({ type: MessageType.Ack, sequenceId: 7 });
  });

  test("a peer that is taken from as slowly as it sends may go on for ever, although something is kept all the time", async () => {
    const pair = sessionPair({ continuity });
    const { held } = pair.far;
    pair.far.onCall = () => held.hold();
    const large: HubMessage = { type: MessageType.Invocation, target: "Large", arguments: ["x".repeat(600 * 1024)] };
    for (let number = 0; number < 10; number++) {
      pair.far.receive(large);
      if (number > 1) held.release();
    }
    await pair.settle();
    expect([pair.far.calls.length, pair.far.ends]).toEqual([9, []]);
    tick(pair);
    await pair.settle();
    // One is kept, and so little is acknowledged although it waits.
    expect(pair.far.sent.at(-1)).toEqual({ type: MessageType.Ack, sequenceId: 10 });
  });

  test("one that is given up gets no ping behind that, though one is due", async () => {
    const pair = sessionPair({ continuity });
    pair.near.session.send("Call", ["x".repeat(2_000)]).catch(() => undefined);
    await pair.settle();
    for (let ticks = 0; ticks < 5; ticks++)
      pair.near.session.tick(1_000, { keepAliveIntervalMs: 4_000, timeoutMs: 100_000 });
    await pair.settle();
    expect([pair.near.ends.length, pair.near.sentTypes]).toEqual([1, [MessageType.Invocation]]);
  });

  test("one that makes room again and again, is waited for", async () => {
    const pair = sessionPair({ continuity });
    for (let id = 1; id <= 10; id++) {
      const sent = pair.near.session.send("Call", ["x".repeat(2_000)]);
      for (let ticks = 0; ticks < 4; ticks++) pair.near.session.tick(1_000, never);
      pair.near.receive({ type: MessageType.Ack, sequenceId: id });
      await expect(sent).resolves.toBeUndefined();
    }
    expect(pair.near.ends).toEqual([]);
  });

  describe("over new connections", () => {
    // The test is the peer: it acknowledges what it is told to.
    function fullPair(): SessionPair {
      const pair = sessionPair({ continuity });
      pair.far.session.channel.end(() => new Error("the test is the peer"));
      void pair.near.session.send("Call", ["x".repeat(2_000)]);
      return pair;
    }

    /** @returns how many seconds the peer is waited for. */
    function secondsUntilEnd({ near }: SessionPair, onSecond: (second: number) => void): number {
      for (let second = 1; second < 100; second++) {
        near.session.tick(1_000, never);
        if (near.ends.length > 0) return second;
        onSecond(second);
      }
      return Infinity;
    }

    function reattach({ near }: SessionPair): void {
      near.connection.lose(new Error("cut"));
      near.attach(new MemoryConnection());
    }

    test("one that acknowledges nothing has its time anew over the first of them, and not over each", () => {
      const pair = fullPair();
      expect(secondsUntilEnd(pair, () => reattach(pair))).toBe(6);
      expect(pair.near.ends[0]?.error).toMatchObject({ name: "TimeoutError" });
    });

    test("all of it, however long it was waited for before", () => {
      const pair = fullPair();
      expect(secondsUntilEnd(pair, (second) => second === 4 && reattach(pair))).toBe(9);
    });

    test("again, once it has made room", () => {
      const pair = fullPair();
      expect(
        secondsUntilEnd(pair, (second) => {
          if (second % 4 !== 0 || second > 16) return;
          pair.near.receive({ type: MessageType.Ack, sequenceId: second / 4 });
          void pair.near.session.send("Call", ["x".repeat(2_000)]);
          reattach(pair);
        }),
      ).toBe(21);
    });

    test("not again for a few messages that make no room", () => {
      const pair = fullPair();
      for (let count = 0; count < 20; count++) void pair.near.session.send("Call", ["x".repeat(2_000)]);
      const ackOne = (second: number) => pair.near.receive({ type: MessageType.Ack, sequenceId: second });
      expect(secondsUntilEnd(pair, (second) => (reattach(pair), ackOne(second)))).toBe(6);
    });
  });

  test("a full buffer shows before anything more is written, and its end too", async () => {
    const pair = sessionPair({ continuity });
    expect(pair.near.session.isBlocked).toBe(false);
    void pair.near.session.send("Call", ["x".repeat(2_000)]);
    expect(pair.near.session.isBlocked).toBe(true);
    const room = pair.near.session.whenUnblocked();
    pair.near.receive({ type: MessageType.Ack, sequenceId: 1 });
    await room;
    expect(pair.near.session.isBlocked).toBe(false);
  });
});

test("what is sent again comes in frames that grow: one message at first, and still few for many messages", async () => {
  const pair = sessionPair({ continuity: { ...continuity, bufferSize: 100_000 } });
  pair.cut();
  for (let number = 1; number <= 1_000; number++) void pair.near.session.send("Call", [number]);
  pair.resume();
  await pair.settle();
  expect(numbersOf(pair)).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
  const calls = pair.near.connection.sent.map((chunk) => String(chunk).split('"Call"').length - 1).filter(Boolean);
  expect([calls.slice(0, 2), calls.length < 100]).toEqual([[1, 1], true]);
});

test("a connection that is given up is dropped without a goodbye, where it can be", () => {
  const pair = sessionPair({ continuity });
  let isDropped = false;
  const connection = Object.assign(new MemoryConnection(), { terminate: () => void (isDropped = true) });
  pair.near.attach(connection);
  for (let ticks = 0; ticks < 5; ticks++)
    pair.near.session.tick(1_000, { keepAliveIntervalMs: 9_000, timeoutMs: 4_000 });
  expect([isDropped, connection.closed]).toEqual([true, false]);
});

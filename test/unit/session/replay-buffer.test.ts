/** The messages that a session keeps until the peer acknowledges them (HUB_PROTOCOL §9). */
import { TimeoutError } from "../../../src/errors/http-errors.js";
import { LimitError } from "../../../src/errors/call-errors.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { WRITTEN } from "../../../src/session/message-writer.js";
import { MemoryConnection } from "../../support/connection-pair.js";
import { sessionPair } from "../../support/session-pair.js";
import { continuity, never, call, numbersOf, tick } from "./numbered-calls.js";

describe("the replay buffer", () => {
  test("whoever writes more than it holds waits for the peer's acknowledgement", async () => {
    const pair = sessionPair({ continuity });
    expect(pair.near.session.send("Call", [1])).toBe(WRITTEN);
    let isOver = false;
    const sent = pair.near.session.send("Call", ["x".repeat(2_000)]).then(() => (isOver = true));
    await pair.settle();
    expect(isOver).toBe(false);
    tick(pair);
    await pair.settle();
    await sent;
    expect(pair.far.calls).toHaveLength(2);
  });

  test("a peer that never acknowledges ends the session after five seconds", async () => {
    const pair = sessionPair({ continuity });
    const sent = pair.near.session.send("Call", ["x".repeat(2_000)]);
    for (let ticks = 0; ticks < 5; ticks++) pair.near.session.tick(1_000, never);
    await expect(sent).rejects.toMatchObject({ code: "connection-lost", cause: expect.any(TimeoutError) });
  });

  test("one pause of the process does not count as the peer's", async () => {
    const pair = sessionPair({ continuity });
    const sent = pair.near.session.send("Call", ["x".repeat(2_000)]);
    pair.near.session.tick(60_000, never);
    pair.near.receive({ type: MessageType.Ack, sequenceId: 1 });
    await expect(sent).resolves.toBeUndefined();
  });

  test("acknowledgements of what was never sent mean nothing more", async () => {
    const pair = sessionPair({ continuity });
    pair.near.receive({ type: MessageType.Ack, sequenceId: 1_000_000 });
    void pair.near.session.send("Call", [1]);
    pair.cut();
    pair.resume();
    await pair.settle();
    expect(numbersOf(pair)).toEqual([1]);
  });

  test("what the peer acknowledges as its first word is not sent again", async () => {
    const pair = sessionPair({ continuity });
    for (let number = 1; number <= 5; number++) void pair.near.session.send("Call", [number]);
    await pair.settle();
    pair.cut();
    pair.near.attach(new MemoryConnection());
    await pair.settle();
    expect(pair.near.sent).toEqual([]);
    pair.near.receive({ type: MessageType.Sequence, sequenceId: 1 }, { type: MessageType.Ack, sequenceId: 3 });
    await pair.settle();
    expect(pair.near.sent).toEqual([{ type: MessageType.Sequence, sequenceId: 4 }, call(4), call(5)]);
  });

  test("a peer that says nothing gets what it misses with the next tick", async () => {
    const pair = sessionPair({ continuity });
    void pair.near.session.send("Call", [1]);
    pair.cut();
    pair.near.attach(new MemoryConnection());
    tick(pair);
    await pair.settle();
    expect(pair.near.sent).toEqual([{ type: MessageType.Sequence, sequenceId: 1 }, call(1)]);
  });

  test("an application that never waits is stopped before memory is full", () => {
    const pair = sessionPair({ continuity });
    const large = ["x".repeat(1024 * 1024)];
    expect(() => {
      for (let calls = 0; calls < 20; calls++) void pair.near.session.send("Large", large);
    }).toThrow(LimitError);
  });
});

/** What shares a chunk, and what waits. */
import { LimitError } from "../../../src/errors/call-errors.js";
import { WRITTEN } from "../../../src/session/message-writer.js";
import { setUp, endTask, isPending } from "./written-connection.js";

describe("coalescing", () => {
  test("what is written in one task goes out as one chunk when it ends", async () => {
    const { connection, writer } = setUp();
    expect(writer.writeEncoded("a")).toBe(WRITTEN);
    expect(writer.writeEncoded("b")).toBe(WRITTEN);
    expect(connection.sent).toEqual([]);
    await endTask();
    expect(connection.sent).toEqual(["ab"]);
  });

  test("what follows in the same turn is held until its end, and shares one more chunk", async () => {
    const { connection, clock, writer } = setUp();
    void writer.writeEncoded("a");
    await endTask();
    void writer.writeEncoded("b");
    await endTask();
    expect(writer.writeEncoded("c")).toBe(WRITTEN);
    await endTask();
    expect(connection.sent).toEqual(["a"]);
    clock.runAfterTurn();
    expect(connection.sent).toEqual(["a", "bc"]);
  });

  test("what lingers goes out with the rest of its turn", async () => {
    const { connection, clock, writer } = setUp();
    writer.linger();
    writer.linger();
    expect(writer.writeEncoded("a")).toBe(WRITTEN);
    await endTask();
    void writer.writeEncoded("b");
    await endTask();
    expect(connection.sent).toEqual([]);
    expect(clock.pendingTurns).toBe(1);
    clock.runAfterTurn();
    expect(connection.sent).toEqual(["ab"]);
  });

  test("lingering holds nothing beyond its turn, and nothing up where nothing is written", async () => {
    const { connection, clock, writer } = setUp();
    writer.linger();
    clock.runAfterTurn();
    void writer.writeEncoded("a");
    await endTask();
    expect(connection.sent).toEqual(["a"]);
  });

  test("after a quiet turn it starts anew", async () => {
    const { connection, clock, writer } = setUp();
    for (const text of ["a", "b", "c"]) {
      void writer.writeEncoded(text);
      await endTask();
      clock.runAfterTurn();
    }
    expect(connection.sent).toEqual(["a", "b", "c"]);
    expect(clock.pendingTurns).toBe(0);
  });

  test("the turn after one with held data holds too", async () => {
    const { connection, clock, writer } = setUp();
    void writer.writeEncoded("a");
    await endTask();
    void writer.writeEncoded("b");
    clock.runAfterTurn();
    void writer.writeEncoded("c");
    await endTask();
    expect(connection.sent.join("")).toBe("abc");
    expect(connection.sent[0]).toBe("a");
    await clock.settle();
    expect(clock.pendingTurns).toBe(0);
  });

  test("asks for the end of the turn once, not for each message", async () => {
    const { clock, writer } = setUp();
    void writer.writeEncoded("a");
    await endTask();
    for (let i = 0; i < 10; i++) void writer.writeEncoded("b");
    expect(clock.pendingTurns).toBe(1);
  });

  test("held data goes out early when it is big", async () => {
    const { connection, clock, writer } = setUp();
    void writer.writeEncoded("a");
    await endTask();
    const quarter = "x".repeat(16 * 1024);
    for (let i = 0; i < 4; i++) void writer.writeEncoded(quarter);
    expect(connection.sent).toHaveLength(1);
    void writer.writeEncoded("y");
    expect(connection.sent).toEqual(["a", `${quarter.repeat(4)}y`]);
    expect(clock.pendingTurns).toBe(1);
  });

  test("one task does not pile up a chunk without bound", async () => {
    const { connection, writer } = setUp();
    const part = "x".repeat(16 * 1024);
    for (let i = 0; i < 100; i++) void writer.writeEncoded(part);
    await endTask();
    writer.flush();
    expect(connection.sent.join("")).toHaveLength(100 * part.length);
    expect(Math.max(...connection.sent.map((data) => data.length))).toBeLessThanOrEqual(96 * 1024);
  });

  test("bytes are joined", async () => {
    const { connection, clock, writer } = setUp();
    const single = new Uint8Array([1, 2]);
    void writer.writeEncoded(single);
    await endTask();
    expect(connection.sent[0]).toBe(single);
    void writer.writeEncoded(new Uint8Array([3]));
    void writer.writeEncoded(new Uint8Array());
    void writer.writeEncoded(new Uint8Array([4, 5]));
    clock.runAfterTurn();
    expect(connection.sent[1]).toEqual(new Uint8Array([3, 4, 5]));
  });

  test("flush sends at once, and nothing twice", async () => {
    const { connection, clock, writer } = setUp();
    void writer.writeEncoded("a");
    writer.flush();
    expect(connection.sent).toEqual(["a"]);
    writer.flush();
    await endTask();
    clock.runAfterTurn();
    expect(connection.sent).toEqual(["a"]);
    expect(connection.faults).toEqual([]);
  });

  test("tells that something went out, when it did", async () => {
    const { clock, writer } = setUp();
    expect(writer.hasWritten).toBe(false);
    void writer.writeEncoded("a");
    expect(writer.hasWritten).toBe(false);
    await endTask();
    expect(writer.hasWritten).toBe(true);
    writer.hasWritten = false;
    clock.runAfterTurn();
    expect(writer.hasWritten).toBe(false);
  });
});

describe("back-pressure", () => {
  test("while the connection takes nothing, messages wait and share a chunk", async () => {
    const { connection, clock, writer } = setUp();
    connection.congest();
    expect(writer.writeEncoded("a")).toBe(WRITTEN);
    await endTask();
    expect(writer.isBlocked).toBe(true);
    const b = writer.writeEncoded("b");
    const c = writer.writeEncoded("c");
    expect(b).not.toBe(WRITTEN);
    await clock.settle();
    expect(connection.sent).toEqual(["a"]);
    expect(await isPending(b)).toBe(true);
    connection.relieve();
    await b;
    await c;
    expect(connection.sent).toEqual(["a", "bc"]);
    expect(writer.isBlocked).toBe(false);
  });

  test("a waiting message is only done when its own chunk was taken", async () => {
    const { connection, writer } = setUp();
    connection.congest();
    void writer.writeEncoded("a");
    await endTask();
    const b = writer.writeEncoded("b");
    connection.relieve();
    connection.congest();
    await endTask();
    expect(connection.sent).toEqual(["a", "b"]);
    expect(await isPending(b)).toBe(true);
    connection.relieve();
    await b;
  });

  test("never sends while a chunk is on its way: neither by flush nor by what was scheduled before", async () => {
    const { connection, clock, writer } = setUp();
    connection.congest();
    void writer.writeEncoded("a");
    writer.flush();
    const b = writer.writeEncoded("b");
    writer.flush();
    await clock.settle();
    expect(connection.sent).toEqual(["a"]);
    expect(writer.isBlocked).toBe(true);
    connection.relieve();
    await b;
    expect(connection.sent).toEqual(["a", "b"]);
  });

  test("nor at the end of the turn that the congestion began in", async () => {
    const { connection, clock, writer } = setUp();
    void writer.writeEncoded("a");
    await endTask();
    connection.congest();
    void writer.writeEncoded("x".repeat(70_000));
    expect(writer.isBlocked).toBe(true);
    const later = writer.writeEncoded("b");
    clock.runAfterTurn();
    await endTask();
    expect(connection.sent).toHaveLength(2);
    connection.relieve();
    await later;
    expect(connection.sent).toHaveLength(3);
  });

  test("whenUnblocked: at once if nothing is in the way, else when the connection takes more", async () => {
    const { connection, writer } = setUp();
    expect(writer.whenUnblocked()).toBe(WRITTEN);
    connection.congest();
    void writer.writeEncoded("a");
    await endTask();
    const unblocked = writer.whenUnblocked();
    expect(await isPending(unblocked)).toBe(true);
    connection.relieve();
    await unblocked;
    expect(writer.isBlocked).toBe(false);
    expect(connection.faults).toEqual([]);
  });

  test("whenUnblocked fulfils too when the send failed", async () => {
    const { connection, writer } = setUp();
    connection.congest();
    void writer.writeEncoded("a");
    await endTask();
    const unblocked = writer.whenUnblocked();
    connection.breakSends(new Error("lost"));
    await unblocked;
  });

  test("a limit stops whoever does not wait", async () => {
    const { connection, writer } = setUp();
    connection.congest();
    void writer.writeEncoded("a");
    await endTask();
    const part = "x".repeat(1024 * 1024);
    for (let i = 0; i < 16; i++) {
      writer.assertRoom();
      void writer.writeEncoded(part);
    }
    writer.assertRoom();
    void writer.writeEncoded("y");
    expect(() => writer.assertRoom()).toThrow(LimitError);
    connection.relieve();
    await endTask();
    expect(() => writer.assertRoom()).not.toThrow();
  });

  test("a single message beyond the limit is still accepted", async () => {
    const { connection, writer } = setUp();
    connection.congest();
    void writer.writeEncoded("a");
    await endTask();
    writer.assertRoom();
    const big = writer.writeEncoded("x".repeat(17 * 1024 * 1024));
    connection.relieve();
    await big;
    expect(connection.sent[1]).toHaveLength(17 * 1024 * 1024);
  });

  test("the limit also stops a task that never ends", () => {
    const { connection, writer } = setUp();
    connection.congest();
    const part = "x".repeat(1024 * 1024);
    expect(() => {
      for (let i = 0; i < 100; i++) {
        writer.assertRoom();
        void writer.writeEncoded(part);
      }
    }).toThrow(LimitError);
  });
});

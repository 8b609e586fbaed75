/** Who learns of what is written: connections that confirm, failures, and the end. */
import { ConnectionError } from "../../../src/errors/connection-errors.js";
import type { Connection } from "../../../src/session/connection.js";
import { MessageWriter, WRITTEN } from "../../../src/session/message-writer.js";
import { MemoryConnection } from "../../support/connection-pair.js";
import { FakeClock } from "../../support/fake-clock.js";
import { setUp, endTask, isPending } from "./written-connection.js";

describe("a connection that confirms", () => {
  test("every write waits for its chunk", async () => {
    const { connection, writer } = setUp({ confirmsSends: true });
    connection.congest();
    const a = writer.writeEncoded("a");
    const b = writer.writeEncoded("b");
    await endTask();
    expect(connection.sent).toEqual(["ab"]);
    const c = writer.writeEncoded("c");
    expect(await isPending(a)).toBe(true);
    connection.relieve();
    await Promise.all([a, b, c]);
    expect(connection.sent).toEqual(["ab", "c"]);
  });

  test("a failed chunk fails those who wrote it, and only those", async () => {
    const { connection, writer } = setUp({ confirmsSends: true });
    connection.congest();
    const a = writer.writeEncoded("a");
    await endTask();
    const b = writer.writeEncoded("b");
    const error = new ConnectionError("connection-lost", "lost");
    connection.breakSends(error);
    await expect(a).rejects.toBe(error);
    await expect(b).resolves.toBeUndefined();
    expect(connection.sent).toEqual(["a", "b"]);
  });
});

describe("failures", () => {
  test("a send that throws does not throw here, and later messages still go", async () => {
    const { connection, clock, writer } = setUp();
    const send = connection.send.bind(connection);
    connection.send = () => {
      throw new Error("no socket");
    };
    expect(writer.writeEncoded("a")).toBe(WRITTEN);
    await clock.settle();
    connection.send = send;
    void writer.writeEncoded("b");
    await clock.settle();
    expect(connection.sent).toEqual(["b"]);
  });

  test("whoever waits learns of a send that throws", async () => {
    const { connection, writer } = setUp({ confirmsSends: true });
    const error = new Error("no socket");
    connection.send = () => {
      throw error;
    };
    await expect(writer.writeEncoded("a")).rejects.toBe(error);
  });

  test("a failure that nobody waits for does not count as unhandled", async () => {
    const { connection, clock, writer } = setUp();
    connection.congest();
    void writer.writeEncoded("a");
    await endTask();
    void writer.writeEncoded("b");
    connection.breakSends(new Error("lost"), true);
    await endTask();
    connection.breakSends(new Error("lost"));
    await clock.settle();
    expect(connection.sent).toEqual(["a", "b"]);
  });
});

describe("the end", () => {
  test("what waits is dropped, and whoever wrote it learns why", async () => {
    const { connection, clock, writer } = setUp();
    connection.congest();
    void writer.writeEncoded("a");
    await endTask();
    const b = writer.writeEncoded("b");
    const unblocked = writer.whenUnblocked();
    const error = new ConnectionError("connection-lost", "lost");
    writer.end(() => error);
    await expect(b).rejects.toBe(error);
    await unblocked;
    connection.relieve();
    await clock.settle();
    expect(connection.sent).toEqual(["a"]);
    expect(writer.whenUnblocked()).toBe(WRITTEN);
  });

  test("nothing that was scheduled goes out after it", async () => {
    const { connection, clock, writer } = setUp();
    void writer.writeEncoded("a");
    writer.end(() => new Error("lost"));
    await clock.settle();
    void writer.writeEncoded("b");
    await endTask();
    writer.end(() => new Error("lost"));
    void writer.writeEncoded("c");
    writer.end(() => new Error("lost"));
    await clock.settle();
    expect(connection.sent).toEqual(["b"]);
  });

  test("a chunk that is on its way decides by itself", async () => {
    const { connection, writer } = setUp({ confirmsSends: true });
    connection.congest();
    const a = writer.writeEncoded("a");
    await endTask();
    writer.end(() => new Error("lost"));
    expect(await isPending(a)).toBe(true);
    connection.relieve();
    await a;
  });
});

describe("another connection", () => {
  class MovableWriter extends MessageWriter {
    moveTo(connection: Connection): void {
      this.end(() => new Error("moved"));
      this.connection = connection;
    }
  }

  test("waits for its own chunk, whatever becomes of the one before it", async () => {
    const [first, second] = [new MemoryConnection({}), new MemoryConnection({})];
    const writer = new MovableWriter(first, new FakeClock());
    first.congest();
    second.congest();
    void writer.writeEncoded("a");
    await endTask();
    writer.moveTo(second);
    void writer.writeEncoded("b");
    await endTask();
    const waiting = writer.writeEncoded("c");
    first.relieve();
    expect(await isPending(waiting)).toBe(true);
    expect(writer.isBlocked).toBe(true);
    expect(second.sent).toEqual(["b"]);
    second.relieve();
    await waiting;
    expect(second.sent).toEqual(["b", "c"]);
  });
});

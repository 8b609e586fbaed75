/** Who learns of what is written: connections that confirm, failures, and the end. */
import { ConnectionError } from "../../../src/errors/connection-errors.js";
import { WRITTEN } from "../../../src/session/message-writer.js";
import { setUp, endTask, isPending } from "./written-connection.js";

describe("a connection that confirms", () => {
  test("every write waits for its chunk", async () => {
    const { connection, writer } = setUp({ confirmsSends: true });
    connection.congest();
    const a = writer.write("a");
    const b = writer.write("b");
    await endTask();
    expect(connection.sent).toEqual(["ab"]);
    const c = writer.write("c");
    expect(await isPending(a)).toBe(true);
    connection.relieve();
    await Promise.all([a, b, c]);
    expect(connection.sent).toEqual(["ab", "c"]);
  });

  test("a failed chunk fails those who wrote it, and only those", async () => {
    const { connection, writer } = setUp({ confirmsSends: true });
    connection.congest();
    const a = writer.write("a");
    await endTask();
    const b = writer.write("b");
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
    expect(writer.write("a")).toBe(WRITTEN);
    await clock.settle();
    connection.send = send;
    void writer.write("b");
    await clock.settle();
    expect(connection.sent).toEqual(["b"]);
  });

  test("whoever waits learns of a send that throws", async () => {
    const { connection, writer } = setUp({ confirmsSends: true });
    const error = new Error("no socket");
    connection.send = () => {
      throw error;
    };
    await expect(writer.write("a")).rejects.toBe(error);
  });

  test("a failure that nobody waits for does not count as unhandled", async () => {
    const { connection, clock, writer } = setUp();
    connection.congest();
    void writer.write("a");
    await endTask();
    void writer.write("b");
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
    void writer.write("a");
    await endTask();
    const b = writer.write("b");
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
    void writer.write("a");
    writer.end(() => new Error("lost"));
    await clock.settle();
    void writer.write("b");
    await endTask();
    writer.end(() => new Error("lost"));
    void writer.write("c");
    writer.end(() => new Error("lost"));
    await clock.settle();
    expect(connection.sent).toEqual(["b"]);
  });

  test("a chunk that is on its way decides by itself", async () => {
    const { connection, writer } = setUp({ confirmsSends: true });
    connection.congest();
    const a = writer.write("a");
    await endTask();
    writer.end(() => new Error("lost"));
    expect(await isPending(a)).toBe(true);
    connection.relieve();
    await a;
  });
});

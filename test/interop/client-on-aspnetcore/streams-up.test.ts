/** Streams to the real server: every kind of source, any number and position, both ways at once, and early ends. */
import { Readable } from "node:stream";
import { Deferred } from "../../../src/common/deferred.js";
import { Subject, type HubConnection } from "../../../src/index.js";
import { describeWhen } from "../../support/requirements.js";
import { RealHub } from "../../support/real-hub.js";
import { collect, failureOf } from "../../support/witness.js";
import { endless, filled, generate, observable } from "../../support/stream-sources.js";

describeWhen("dotnet", "streams to ASP.NET Core", () => {
  const hub = new RealHub();
  let connection: HubConnection;
  beforeEach(async () => {
    connection = await hub.connect();
  });

  test.each([
    ["a Subject", () => filled(1, 2, 3)],
    ["an observable", () => observable(1, 2, 3)],
    ["an async generator", () => generate(1, 2, 3)],
    ["a ReadableStream", () => Readable.toWeb(Readable.from([1, 2, 3]))],
    [
      "a ReadableStream that cannot be iterated",
      () => ({ getReader: () => Readable.toWeb(Readable.from([1, 2, 3])).getReader() }),
    ],
    ["a Readable of Node", () => Readable.from([1, 2, 3])],
  ])("%s is uploaded", async (_name, source) => {
    await expect(connection.invoke("Upload", "n", source())).resolves.toEqual({ name: "n", count: 3, sum: 6 });
  });

  test("a channel gets them too, of any text", async () => {
    const texts = ["a", "€😀", "\u001e", ""];
    await expect(connection.invoke("UploadChannel", generate(...texts))).resolves.toBe(texts.join(","));
  });

  // The official client sends the second of two neighbours as a plain object (GAPS 1).
  test("several streams find their places, neighbours too", async () => {
    await expect(connection.invoke("UploadTwo", filled(1, 2), generate(30, 4))).resolves.toEqual([3, 34]);
    await expect(connection.invoke("UploadBetween", "b", generate(1, 2), 7, observable("x", "y"), "a")).resolves.toBe(
      "b|3|7|x+y|a",
    );
  });

  test("streams go both ways at once", async () => {
    await expect(collect(connection.stream("EchoStream", generate("a", "ß", "c")))).resolves.toEqual(["A", "ß", "C"]);
    await expect(collect(connection.stream("Zip", generate(1, 2, 3), "-", filled(4, 5, 6)))).resolves.toEqual([
      "1-4",
      "2-5",
      "3-6",
    ]);
  });

  test("many items keep their order and their number", async () => {
    const numbers = Array.from({ length: 5_000 }, (_, i) => i);
    const sum = numbers.reduce((total, i) => total + i, 0);
    await expect(connection.invoke("Upload", "n", generate(...numbers))).resolves.toEqual({
      name: "n",
      count: 5_000,
      sum,
    });
    await expect(connection.invoke("Upload", "n", filled(...numbers))).resolves.toMatchObject({ count: 5_000, sum });
  });

  test.each([
    ["an Error", new Error("the source broke"), "the source broke"],
    ["a text", "just text", "just text"],
  ])("a source that fails with %s fails the upload, not the call", async (_name, thrown, message) => {
    const subject = new Subject<number>();
    const pushed = connection.invoke("UploadOutcome", subject);
    subject.next(1);
    subject.error(thrown);
    await expect(pushed).resolves.toMatchObject({ count: 1, error: expect.stringContaining(message) });

    async function* failing() {
      yield 1;
      yield 2;
      throw thrown;
    }
    const pulled = connection.invoke("UploadOutcome", failing());
    await expect(pulled).resolves.toMatchObject({ count: 2, error: expect.stringContaining(message) });
    const { detail } = await hub.server.waitForEvent("upload-failed", { connectionId: connection.connectionId });
    expect(detail).toContain(message);
  });

  test("an item that cannot be encoded fails its upload, not the connection", async () => {
    await expect(connection.invoke("UploadOutcome", generate<unknown>(1, 2n))).resolves.toMatchObject({
      count: 1,
      error: expect.stringContaining("BigInt"),
    });
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("an item of the wrong type fails its upload, not the connection", async () => {
    await expect(connection.invoke("UploadOutcome", generate<unknown>(1, "no number"))).resolves.toMatchObject({
      error: expect.any(String),
    });
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  // GAPS 14: there the upload goes on for nobody. The source has nothing on its way when the answer comes: an item that
  // meets a full upload whose method has just returned makes ASP.NET Core 10 close the connection (ChannelClosedException).
  test("when the server has answered, the source is released and read no further", async () => {
    const answered = new Deferred<void>();
    const released = new Deferred<void>();
    const readOn = jest.fn();
    async function* source() {
      try {
        yield 1;
        yield 2;
        await answered.promise;
        yield 3;
        readOn();
      } finally {
        released.resolve();
      }
    }
    await expect(connection.invoke("UploadSome", 2, source())).resolves.toBe(3);
    answered.resolve();
    await released.promise;
    expect(readOn).not.toHaveBeenCalled();
    await connection.invoke("Nothing");
  });

  test("when the server has answered, an observable is unsubscribed", async () => {
    let observer: { next(item: number): void } | undefined;
    const unsubscribe = jest.fn();
    const source = {
      subscribe(given: { next(item: number): void }) {
        observer = given;
        return { unsubscribe };
      },
    };
    const uploading = connection.invoke("UploadSome", 2, source);
    observer?.next(1);
    observer?.next(2);
    await expect(uploading).resolves.toBe(3);
    expect(unsubscribe).toHaveBeenCalledTimes(1);
    observer?.next(3);
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("a call that fails ends its upload", async () => {
    let released = false;
    await failureOf(
      connection.invoke(
        "NoSuchMethod",
        endless(() => (released = true)),
      ),
    );
    await connection.invoke("Nothing");
    expect(released).toBe(true);
  });

  test("more streams, or fewer, than the method has fail the call", async () => {
    const { message } = await failureOf(connection.invoke("UploadOutcome", generate(1), generate(2)));
    expect(message).toBe(
      "An unexpected error occurred invoking 'UploadOutcome' on the server. HubException: Client sent 2 stream(s), Hub method expects 1.",
    );
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("a pulled source waits while the server does not read", async () => {
    const gate = hub.newMarker();
    let pulled = 0;
    let over = false;
    async function* ones() {
      for (; !over; pulled++) yield 1;
    }
    const uploading = connection.invoke("UploadBehindGate", gate, ones());
    // It has come to a stand when a thousand turns of the event loop bring no item.
    for (let turns = 0, before = -1; turns < 1_000; turns++) {
      if (pulled !== before) turns = 0;
      before = pulled;
      await new Promise((resolve) => setImmediate(resolve));
    }
    over = true;
    await hub.server.openGate(gate);
    const sum: unknown = await uploading;
    expect(sum).toBe(pulled);
  });

  test("stop() releases what is being uploaded", async () => {
    let released: () => void = () => undefined;
    const done = new Promise<void>((resolve) => (released = resolve));
    const subject = new Subject<number>();
    const failures = [
      failureOf(connection.invoke("UploadOutcome", endless(released))),
      failureOf(connection.invoke("UploadOutcome", subject)),
    ];
    await connection.stop();
    await done;
    subject.next(1);
    subject.complete();
    for (const failure of failures) expect(await failure).toMatchObject({ code: "connection-lost" });
  });
});

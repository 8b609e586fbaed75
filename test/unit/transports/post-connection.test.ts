/** Sending by POST, the end of such a connection, and closing it with everything that was sent before. */
import { ConnectionError } from "../../../src/errors/connection-errors.js";
import { HttpError, TimeoutError } from "../../../src/errors/http-errors.js";
import { TransferFormat } from "../../../src/protocol/messages.js";
import { MessageWriter } from "../../../src/session/message-writer.js";
import { endError, PostConnection } from "../../../src/transports/post-connection.js";
import { RecordingListener } from "./recording-listener.js";
import { scriptedContext } from "./scripted-context.js";

const url = "http://h/chat?id=1";

function setUp(goodbye?: () => Promise<unknown>) {
  const set = scriptedContext();
  const listener = new RecordingListener();
  const { signal } = new AbortController();
  const request = { url, transferFormat: TransferFormat.Text, listener, signal };
  return { ...set, listener, connection: new PostConnection(set.context, request, goodbye) };
}

/** How a promise ended, if it did. */
function watch(promise: Promise<unknown>) {
  const outcome: { value?: unknown; error?: unknown; settled: boolean } = { settled: false };
  promise.then(
    (value) => Object.assign(outcome, { value, settled: true }),
    (error: unknown) => Object.assign(outcome, { error, settled: true }),
  );
  return outcome;
}

describe("send", () => {
  it("posts text as it is and bytes as a buffer that has nothing else in it", async () => {
    const { connection, http } = setUp();
    const whole = new Uint8Array([1, 2]);
    for (const data of ["a", new Uint8Array([0, 1, 2, 3]).subarray(1, 3), whole]) {
      const sent = connection.send(data);
      http.last("POST").answer();
      await sent;
    }
    const [text, part, all] = http.requests;
    expect(text).toMatchObject({ method: "POST", url, content: "a", timeout: 7_000, headers: { "X-A": "1" } });
    expect(part?.content).toEqual(new Uint8Array([1, 2]).buffer);
    expect(all?.content).toBe(whole.buffer); // not a copy
  });

  it("counts as done when the server has answered", async () => {
    const { connection, clock, http } = setUp();
    const sent = watch(connection.send("a"));
    await clock.settle();
    expect(sent.settled).toBe(false);
    http.last("POST").answer();
    await clock.settle();
    expect(sent).toEqual({ settled: true, value: undefined });
  });

  it("with a writer: one request at a time, in order, and what waits together shares the next", async () => {
    const { connection, clock, http } = setUp();
    const writer = new MessageWriter(connection, clock);
    const writes = [watch(writer.writeEncoded("a"))];
    await clock.settle();
    writes.push(watch(writer.writeEncoded("b")), watch(writer.writeEncoded("c")));
    await clock.settle();
    writes.push(watch(writer.writeEncoded("d")));
    await clock.settle();
    expect(http.requests.map(({ content }) => content)).toEqual(["a"]);
    http.last("POST").answer();
    await clock.settle();
    expect(http.requests.map(({ content }) => content)).toEqual(["a", "bcd"]);
    expect(writes.map(({ settled }) => settled)).toEqual([true, false, false, false]);
    http.last("POST").fail(new TimeoutError());
    await clock.settle();
    for (const write of writes.slice(1)) expect(write.error).toBeInstanceOf(TimeoutError);
  });

  it.each([
    ["a timeout", new TimeoutError()],
    ["an error of the network", new Error("ECONNRESET")],
  ])("that fails (%s) ends the connection with that error, because a message is lost", async (_name, thrown) => {
    const { connection, clock, http, listener } = setUp();
    const sent = watch(connection.send("a"));
    http.last("POST").fail(thrown);
    await clock.settle();
    const error = endError(thrown);
    expect(listener.ends).toEqual([error]);
    expect(sent.error).toEqual(error);
    expect(connection.signal.aborted).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it("that is refused waits for the server's last word, which says more", async () => {
    const { connection, clock, http, listener } = setUp();
    const sent = watch(connection.send("a"));
    http.last("POST").answer(404);
    await clock.advanceAsync(999);
    expect(listener.ends).toHaveLength(0);
    connection.listener.onData("the reason");
    connection.end(); // as the end of its stream does
    await clock.settle();
    expect(listener.chunks).toEqual(["the reason"]);
    expect(listener.ends).toStrictEqual([undefined]);
    expect(sent.error).toEqual(new HttpError("No", 404));
    expect(clock.pendingTimers).toBe(0);
  });

  it("that is refused ends the connection when there is no last word", async () => {
    const { connection, clock, http, listener } = setUp();
    const sent = watch(connection.send("a"));
    http.last("POST").answer(500);
    await clock.advanceAsync(1_000);
    expect(listener.ends).toEqual([new HttpError("No", 500)]);
    expect(sent.error).toBe(listener.ends[0]);
  });

  it("after the end rejects with why it ended, and asks nobody", async () => {
    const { connection, clock, http } = setUp();
    const waiting = watch(connection.send("a"));
    connection.end(new TimeoutError());
    await clock.settle();
    expect(waiting.error).toBeInstanceOf(TimeoutError);
    expect(http.last("POST").isAborted).toBe(true);
    await expect(connection.send("b")).rejects.toBeInstanceOf(TimeoutError);
    expect(http.of("POST")).toHaveLength(1);
  });
});

describe("end", () => {
  it("tells the listener once", () => {
    const { connection, listener } = setUp();
    connection.end();
    connection.end(new TimeoutError());
    expect(listener.ends).toStrictEqual([undefined]);
  });

  it("keeps hubwire's errors, and makes a ConnectionError of others", () => {
    const cause = new Error("ECONNRESET");
    expect(endError(cause)).toEqual(
      new ConnectionError("connection-lost", "The connection broke: ECONNRESET", { cause }),
    );
    const own = new HttpError("x", 500);
    expect(endError(own)).toBe(own);
  });
});

describe("close", () => {
  it("waits for the last POST, then says goodbye, and the listener hears nothing", async () => {
    const goodbye = jest.fn(() => Promise.resolve());
    const { connection, clock, http, listener } = setUp(goodbye);
    const sent = watch(connection.send("last words"));
    const closed = watch(connection.close());
    await clock.settle();
    expect(http.last("POST").isAborted).toBe(false);
    expect(goodbye).not.toHaveBeenCalled();
    http.last("POST").answer();
    await clock.settle();
    expect(sent).toEqual({ settled: true, value: undefined });
    expect(goodbye).toHaveBeenCalledTimes(1);
    expect(closed.settled).toBe(true);
    expect(connection.close()).toBe(connection.close());
    connection.end(new TimeoutError());
    expect(listener.ends).toHaveLength(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it("gives each step a second", async () => {
    const goodbye = jest.fn(() => new Promise<never>(() => undefined));
    const { connection, clock, http } = setUp(goodbye);
    const sent = watch(connection.send("a"));
    const closed = watch(connection.close());
    await clock.advanceAsync(999);
    expect(goodbye).not.toHaveBeenCalled();
    await clock.advanceAsync(1);
    expect(http.last("POST").isAborted).toBe(true);
    expect(sent.error).toMatchObject({ code: "connection-lost" });
    expect(goodbye).toHaveBeenCalledTimes(1);
    await clock.advanceAsync(999);
    expect(closed.settled).toBe(false);
    await clock.advanceAsync(1);
    expect(closed).toEqual({ settled: true, value: undefined });
    expect(clock.pendingTimers).toBe(0);
  });

  it("ignores that the goodbye fails", async () => {
    const { connection, clock } = setUp(() => Promise.reject(new HttpError("gone", 404)));
    await expect(connection.close()).resolves.toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });

  it("says no goodbye to a server that has ended the connection", async () => {
    const goodbye = jest.fn(() => Promise.resolve());
    const { connection, http } = setUp(goodbye);
    void connection.send("close");
    const closed = connection.close();
    connection.end();
    http.last("POST").answer();
    await closed;
    expect(goodbye).not.toHaveBeenCalled();
  });

  it("does not wait for a POST that was refused", async () => {
    const { connection, clock, http } = setUp();
    const sent = watch(connection.send("a"));
    http.last("POST").answer(404);
    await clock.settle();
    await connection.close();
    await clock.settle();
    expect(sent.error).toEqual(new HttpError("No", 404));
    expect(clock.pendingTimers).toBe(0);
  });
});

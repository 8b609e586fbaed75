/** Long Polling: its polls, their answers and timeouts, and how it ends. */
import { HttpError, TimeoutError } from "../../../src/errors/http-errors.js";
import { TransferFormat } from "../../../src/protocol/messages.js";
import { longPolling } from "../../../src/transports/long-polling.js";
import { RecordingListener } from "./recording-listener.js";
import { scriptedContext } from "./scripted-context.js";

const url = "http://h/chat?a=b&id=1";

function setUp(transferFormat = TransferFormat.Text) {
  const tokens = ["first", "second"];
  const set = scriptedContext(() => tokens.shift() ?? "");
  const listener = new RecordingListener();
  const controller = new AbortController();
  const connecting = longPolling.connect(set.context, { url, transferFormat, listener, signal: controller.signal });
  return { ...set, connecting, controller, listener, tokens };
}

async function connect(transferFormat?: TransferFormat) {
  const set = setUp(transferFormat);
  set.http.last("GET").answer();
  const connection = await set.connecting;
  return { ...set, connection };
}

describe("connecting", () => {
  it("is done when the first poll is answered, and the next one is under way then", async () => {
    const { connection, http } = await connect();
    expect(http.requests.map(({ method, url }) => [method, url])).toEqual([
      ["GET", `${url}&_=0`],
      ["GET", `${url}&_=1`],
    ]);
    expect(http.requests[1]).toMatchObject({
      timeout: 100_000,
      responseType: "text",
      isPoll: true,
      headers: { "X-A": "1" },
    });
    expect(connection.inherentKeepAlive).toBe(true);
    expect(connection.confirmsSends).toBe(true);
  });

  it.each([204, 404, 500])("fails with a status that is not 200 (%s)", async (status) => {
    const { connecting, http, listener } = setUp();
    http.last("GET").answer(status);
    await expect(connecting).rejects.toMatchObject({ name: "HttpError", statusCode: status });
    expect(listener.ends).toHaveLength(0);
  });

  it("is given up with the signal", async () => {
    const { connecting, controller, http } = setUp();
    controller.abort();
    await expect(connecting).rejects.toMatchObject({ name: "AbortError" });
    expect(http.last("GET").isAborted).toBe(true);
  });

  it("asks for the token once more when it is refused", async () => {
    const { clock, connecting, http, tokens } = setUp();
    http.last("GET").answer(401);
    await clock.settle();
    expect(tokens).toEqual(["second"]);
    expect(http.last("GET").headers).toMatchObject({ Authorization: "Bearer first" });
    http.last("GET").answer();
    await connecting;
  });
});

describe("polling", () => {
  it("delivers what comes and has one poll under way", async () => {
    const { clock, http, listener } = await connect();
    for (const text of ["a", "", "b"]) {
      http.last("GET").answer(200, text);
      await clock.advanceAsync(100);
    }
    expect(listener.chunks).toEqual(["a", "b"]);
    expect(http.of("GET")).toHaveLength(5);
  });

  it("does not ask without a break when empty answers come at once", async () => {
    const { clock, connection, http } = await connect();
    http.last("GET").answer();
    await clock.advanceAsync(99);
    expect(http.of("GET")).toHaveLength(2);
    await clock.advanceAsync(1);
    expect(http.of("GET")).toHaveLength(3);
    http.last("GET").answer();
    await clock.settle();
    const closed = connection.close();
    await clock.settle();
    http.last("DELETE").answer(202);
    await closed;
    expect(http.of("GET")).toHaveLength(3);
    expect(clock.pendingTimers).toBe(0);
  });

  it("asks for bytes when the encoding is binary, and hands over the buffer itself", async () => {
    const { clock, http, listener } = await connect(TransferFormat.Binary);
    const { buffer } = new Uint8Array([1, 2, 3]);
    expect(http.last("GET").responseType).toBe("arraybuffer");
    http.last("GET").answer(200, buffer);
    await clock.settle();
    http.last("GET").answer(200, new ArrayBuffer(0));
    await clock.settle();
    expect(listener.chunks).toHaveLength(1);
    expect(listener.chunks[0]).toBe(buffer);
  });

  it("ends cleanly with 204, without a DELETE", async () => {
    const { connection, http, listener } = await connect();
    http.last("GET").answer(204);
    await listener.until(({ ends }) => ends.length > 0);
    expect(listener.ends).toStrictEqual([undefined]);
    await connection.close();
    expect(http.of("DELETE")).toEqual([]);
  });

  it.each([202, 404, 500])("ends with any other status as the error (%s)", async (status) => {
    const { http, listener } = await connect();
    http.last("GET").answer(status);
    await listener.until(({ ends }) => ends.length > 0);
    expect(listener.ends).toEqual([expect.any(HttpError)]);
    expect(listener.ends[0]).toMatchObject({ statusCode: status });
  });

  it("ends with the error of a broken poll, and gives up the POST that is under way", async () => {
    const { connection, http, listener } = await connect();
    const sent = connection.send("a");
    http.last("GET").fail(new Error("ECONNRESET"));
    await expect(sent).rejects.toMatchObject({ name: "ConnectionError", code: "connection-lost" });
    expect(http.last("POST").isAborted).toBe(true);
    expect(listener.ends).toEqual([expect.objectContaining({ code: "connection-lost" })]);
  });

  it("asks whether the server is there when a poll was not answered in time, then polls again", async () => {
    const { clock, http, listener } = await connect();
    http.last("GET").fail(new TimeoutError());
    await clock.settle();
    expect(http.last("POST")).toMatchObject({ url, content: "", timeout: 15_000 });
    expect(http.of("GET")).toHaveLength(2);
    http.last("POST").answer();
    await clock.settle();
    expect(http.of("GET")).toHaveLength(3);
    http.last("GET").answer(200, "a");
    await clock.settle();
    expect(listener.chunks).toEqual(["a"]);
    expect(listener.ends).toHaveLength(0);
  });

  // GAPS 18: the official client polls a dead network for ever and says it is connected.
  it("ends when the server does not answer that either", async () => {
    const { clock, http, listener } = await connect();
    http.last("GET").fail(new TimeoutError());
    await clock.settle();
    http.last("POST").fail(new TimeoutError());
    await clock.settle();
    expect(listener.ends).toEqual([expect.any(TimeoutError)]);
    expect(http.of("GET")).toHaveLength(2);
  });
});

describe("closing", () => {
  it("gives up the poll and deletes the connection, with the token", async () => {
    const { clock, connection, http, listener } = await connect();
    const closed = connection.close();
    await clock.settle();
    expect(http.last("GET").isAborted).toBe(true);
    expect(http.last("DELETE")).toMatchObject({ url, headers: { "X-A": "1" } });
    http.last("DELETE").answer(202);
    await closed;
    expect(listener.ends).toHaveLength(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it("asks for the token once more when the DELETE is refused, and no more than that", async () => {
    const { clock, connection, http, listener } = await connect();
    const closed = connection.close();
    await clock.settle();
    http.last("DELETE").answer(401);
    await clock.settle();
    expect(http.of("DELETE").map(({ headers }) => headers?.["Authorization"])).toEqual([undefined, "Bearer first"]);
    http.last("DELETE").answer(401);
    await closed;
    expect(http.of("DELETE")).toHaveLength(2);
    expect(listener.ends).toHaveLength(0);
  });

  it("waits a second for an unanswered DELETE, and gives it up", async () => {
    const { clock, connection, http } = await connect();
    let closed = false;
    void connection.close().then(() => (closed = true));
    await clock.advanceAsync(999);
    expect(closed).toBe(false);
    await clock.advanceAsync(1);
    expect(closed).toBe(true);
    expect(http.last("DELETE").isAborted).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it("lets the poll bring the end before the last POST is answered, which counts all the same, and sends no DELETE then", async () => {
    const { clock, connection, http } = await connect();
    const sent = connection.send("close");
    const closed = connection.close();
    http.last("GET").answer(204);
    await clock.settle();
    http.last("POST").answer();
    await closed;
    await expect(sent).resolves.toBeUndefined();
    expect(http.of("DELETE")).toEqual([]);
  });
});

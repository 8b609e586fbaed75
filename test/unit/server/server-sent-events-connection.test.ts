/** The life of a stream of events in fake time: what is written, when writers wait, how it ends (TRANSPORTS §4). */
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { Hub } from "../../../src/server/hub.js";
import type { MapHubOptions } from "../../../src/server/options.js";
import { ServerSentEventsConnection } from "../../../src/server/server-sent-events-connection.js";
import { HubHarness } from "../../support/hub-harness.js";

/** As much of a response as a stream is. The network takes nothing while it is slow. */
class StreamResponse extends EventEmitter {
  readonly written: string[] = [];
  status: number | undefined;
  headers: object | undefined;
  isSlow = false;
  isEnded = false;
  isDestroyed = false;
  writableLength = 0;

  writeHead(status: number, headers: object): void {
    this.status = status;
    this.headers = headers;
  }

  write(text: string): boolean {
    this.written.push(text);
    if (this.isSlow) this.writableLength += text.length;
    return !this.isSlow;
  }

  drain(): void {
    this.writableLength = 0;
    this.emit("drain");
  }

  end(): void {
    this.isEnded = true;
    if (!this.isSlow) this.emit("close");
  }

  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    this.emit("close");
  }
}

function open(options?: MapHubOptions) {
  const harness = new HubHarness(Hub as new () => Hub, options);
  const response = new StreamResponse();
  const connection = new ServerSentEventsConnection(harness.runtime, response as unknown as ServerResponse, {
    "X-More": "1",
  });
  const closed: unknown[] = [];
  connection.listener = { onData: () => undefined, onClosed: (error) => void closed.push(error) };
  const expectGone = async () => {
    await harness.work.whenIdle();
    expect(harness.clock.pendingTimers).toBe(0);
  };
  return { harness, response, connection, closed, expectGone };
}

test("opens at once, with a comment", () => {
  const { response } = open();
  expect(response.status).toBe(200);
  expect(response.headers).toMatchObject({ "Content-Type": "text/event-stream", "X-More": "1" });
  expect(response.written).toEqual([":\r\n"]);
});

test.each([
  ["text", "data: text\r\n\r\n"],
  ["a\nb", "data: a\r\ndata: b\r\n\r\n"],
  ["a\r\nb\r", "data: a\r\ndata: b\r\ndata: \r\n\r\n"],
  ["\n\n", "data: \r\ndata: \r\ndata: \r\n\r\n"],
  ["\u2028é\u0085", "data: \u2028é\u0085\r\n\r\n"],
])("%j is one event", (data, event) => {
  const { connection, response } = open();
  expect(connection.send(data)).toBeUndefined();
  expect(response.written[1]).toBe(event);
});

test("bytes go out as the text that they are", () => {
  const { connection, response } = open();
  void connection.send(new TextEncoder().encode("é"));
  expect(response.written[1]).toBe("data: é\r\n\r\n");
});

test("writers wait when the network takes nothing and more than the limit is there", async () => {
  const { connection, response } = open({ transportMaxBufferSize: 30 });
  response.isSlow = true;
  expect(connection.send("1234567890")).toBeUndefined();
  const waiting = connection.send("1234567890");
  expect(connection.send("x")).toBe(waiting);
  response.drain();
  await waiting;
  expect(connection.send("x")).toBeUndefined();
});

test("writers that wait learn when the stream breaks, and so does the listener", async () => {
  const { connection, response, closed, expectGone } = open({ transportMaxBufferSize: 1 });
  response.isSlow = true;
  const waiting = connection.send("1234567890");
  response.destroy();
  await expect(waiting).rejects.toMatchObject({ code: "connection-lost" });
  expect(closed).toMatchObject([{ code: "connection-lost" }]);
  await expectGone();
});

test("close ends the stream behind what was written, and the listener hears nothing", async () => {
  const { connection, response, closed, expectGone } = open();
  void connection.send("last words");
  const released = connection.close();
  expect(connection.close()).toBe(released);
  await released;
  expect([response.isEnded, response.isDestroyed, closed]).toEqual([true, false, []]);
  await expectGone();
});

test("close waits for a slow network no longer than five seconds", async () => {
  const { harness, connection, response, closed, expectGone } = open();
  response.isSlow = true;
  const released = connection.close();
  await harness.advance(4_900);
  expect(response.isDestroyed).toBe(false);
  await harness.advance(100);
  await released;
  expect([response.isDestroyed, closed]).toEqual([true, []]);
  await expectGone();
});

test("terminate drops it at once, and the listener hears nothing", async () => {
  const { connection, response, closed, expectGone } = open();
  connection.terminate();
  connection.terminate();
  expect([response.isDestroyed, closed]).toEqual([true, []]);
  await expectGone();
});

test("a torn request ends it with an error", async () => {
  const { connection, response, closed, expectGone } = open();
  connection.onTorn();
  expect(response.isDestroyed).toBe(true);
  expect(closed).toMatchObject([{ code: "connection-lost", message: expect.stringContaining("broke off") }]);
  await expectGone();
});

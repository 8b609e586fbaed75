/** The life of a Long Polling connection in fake time: which poll gets what, and when it counts as lost (TRANSPORTS §5). */
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import type { HttpAnswer } from "../../../src/server/http-answer.js";
import { Hub } from "../../../src/server/hub.js";
import { LongPollingConnection } from "../../../src/server/long-polling-connection.js";
import type { MapHubOptions } from "../../../src/server/options.js";
import { HubHarness } from "../../support/hub-harness.js";

/** As much of a response as a poll is: the events of one that is written, or given up. */
class PollResponse extends EventEmitter {
  readonly req = { socket: { destroyed: false } };
  headersSent = false;
  isDestroyed = false;

  /** The network takes the answer. */
  take(): void {
    this.emit("finish");
    this.emit("close");
  }

  /** The network breaks. */
  break(): void {
    this.req.socket.destroyed = true;
    this.emit("finish"); // as Node does
    this.emit("close");
  }

  destroy(): void {
    this.isDestroyed = true;
    this.break();
  }
}

function connected(options?: MapHubOptions) {
  const harness = new HubHarness(Hub as new () => Hub, options);
  const connection = new LongPollingConnection(harness.runtime);
  const closed: unknown[] = [];
  connection.listener = { onData: () => undefined, onClosed: (error) => void closed.push(error?.message) };
  let isOver = false;
  void connection.over.then(() => (isOver = true));
  return {
    connection,
    closed,
    advance: (ms: number) => harness.advance(ms),
    poll() {
      const response = new PollResponse();
      const answers: HttpAnswer[] = [];
      void connection.poll(response as unknown as ServerResponse).then((answer) => void answers.push(answer));
      return { response, answers };
    },
    /** Lets promises settle. */
    settle: () => harness.advance(0),
    async expectOver() {
      await harness.advance(0);
      expect(isOver).toBe(true);
      expect(harness.clock.pendingTimers).toBe(0);
      await harness.work.whenIdle();
    },
  };
}

test("nothing is taken by a second poll while the first is being written", async () => {
  const { connection, poll, settle } = connected();
  const first = poll();
  void connection.send("a");
  const second = poll();
  void connection.send("b");
  await settle();
  expect(first.answers).toMatchObject([{ status: 200, body: "a" }]);
  expect(second.answers).toEqual([]);
  first.response.take();
  await settle();
  expect(second.answers).toMatchObject([{ status: 200, body: "b" }]);
});

test("a poll that somebody else has answered takes nothing", async () => {
  const { connection, poll, settle } = connected();
  const first = poll();
  first.response.headersSent = true;
  void connection.send("a");
  first.response.take();
  const second = poll();
  await settle();
  expect(second.answers).toMatchObject([{ body: "a" }]);
});

test("a poll waits for as long as the option says", async () => {
  const { poll, advance, closed } = connected();
  const { answers, response } = poll();
  await advance(89_000);
  expect(answers).toEqual([]);
  await advance(1_000);
  expect(answers).toMatchObject([{ status: 200 }]);
  response.take();
  await advance(14_000);
  expect(closed).toEqual([]);
});

test.each([
  ["before its first poll", () => undefined],
  ["between polls", (poll: () => { response: PollResponse }) => poll().response.break()],
])("a client that stays away %s is lost after the time of the option", async (_when, before) => {
  const { poll, advance, closed, expectOver } = connected();
  before(poll);
  await advance(14_000);
  expect(closed).toEqual([]);
  await advance(1_000);
  expect(closed).toEqual(["The client did not poll for 15000 ms."]);
  await expectOver();
});

test("one beat after a long pause of the process ends nothing", async () => {
  const { connection, closed } = connected();
  connection.onBeat(60_000);
  expect(closed).toEqual([]);
});

test("an answer that the network does not take ends the connection", async () => {
  const { connection, poll, advance, closed, expectOver } = connected();
  const { response } = poll();
  void connection.send("a");
  await advance(9_000);
  expect(closed).toEqual([]);
  await advance(1_000);
  expect(closed).toEqual(["The client took nothing for 10000 ms."]);
  expect(response.isDestroyed).toBe(true);
  await expectOver();
});

test("an answer that breaks off ends the connection, and whoever waits for room learns of it", async () => {
  const { connection, poll, closed, expectOver } = connected({ transportMaxBufferSize: 1 });
  const { response } = poll();
  void connection.send("a");
  const waiting = connection.send("more");
  response.break();
  await expect(waiting).rejects.toMatchObject({ code: "connection-lost" });
  expect(closed).toEqual(["A poll broke off while it was answered."]);
  await expectOver();
});

test("a DELETE ends it at once and without an error", async () => {
  const { connection, poll, closed, expectOver } = connected();
  const { answers } = poll();
  connection.end();
  await expectOver();
  expect(answers).toMatchObject([{ status: 204 }]);
  expect(closed).toEqual([undefined]);
});

test("a poll that comes too late learns at once that there is nothing more", async () => {
  const { connection, poll, settle } = connected();
  connection.end();
  const { answers } = poll();
  await settle();
  expect(answers).toMatchObject([{ status: 204 }]);
});

describe("close", () => {
  test("lets the next poll take what is left, and the one after that learns of the end", async () => {
    const { connection, poll, closed, settle, expectOver } = connected();
    void connection.send("last words");
    const released = connection.close();
    expect(connection.close()).toBe(released);
    void connection.send("never");
    const first = poll();
    await settle();
    expect(first.answers).toMatchObject([{ status: 200, body: "last words" }]);
    first.response.take();
    const second = poll();
    await released;
    await expectOver();
    expect(second.answers).toMatchObject([{ status: 204 }]);
    expect(closed).toEqual([]);
  });

  test("answers a poll that waits", async () => {
    const { connection, poll, expectOver } = connected();
    const { answers } = poll();
    await connection.close();
    await expectOver();
    expect(answers).toMatchObject([{ status: 204 }]);
  });

  test("waits for a client no longer than five seconds", async () => {
    const { connection, poll, advance, expectOver } = connected();
    const { response } = poll();
    void connection.send("last words");
    void connection.close();
    response.take();
    await advance(4_000);
    expect(await Promise.race([connection.over.then(() => "over"), Promise.resolve("waiting")])).toBe("waiting");
    await advance(1_000);
    await expectOver();
  });
});

test("terminate drops everything at once, and the listener hears nothing", async () => {
  const { connection, poll, closed, expectOver } = connected();
  const writing = poll();
  void connection.send("a");
  const { answers } = poll();
  connection.terminate();
  connection.terminate();
  await expectOver();
  expect(writing.response.isDestroyed).toBe(true);
  expect(answers).toMatchObject([{ status: 204 }]);
  expect(closed).toEqual([]);
});

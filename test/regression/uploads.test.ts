/** What the official client gets wrong about uploads, done right. The numbers are those of the project's list of gaps, section A. */
import { Subject } from "../../src/index.js";
import { MessageType, type InvocationMessage } from "../../src/protocol/messages.js";
import { startedConnection } from "../unit/client/observed-connection.js";

async function* numbers() {
  for (let i = 1; ; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    yield i;
  }
}

test("streams next to each other are all recognised (GAPS 1)", async () => {
  const { connection, hub } = await startedConnection();
  const sources = [new Subject(), new Subject(), (async function* () {})(), new Subject()];
  void connection.send("M", "a", ...sources, "b");
  await hub.clock.settle();
  const [call] = hub.socket.calls as InvocationMessage[];
  expect(call?.arguments).toEqual(["a", "b"]);
  expect(call?.streamIds).toHaveLength(4);
  expect(new Set(call?.streamIds).size).toBe(4);
  await connection.stop();
});

test("an upload ends when the server has answered the call (GAPS 14)", async () => {
  const { connection, hub } = await startedConnection();
  const subject = new Subject<number>();
  const call = connection.invoke("M", subject);
  subject.next(1);
  await hub.clock.settle();
  const sent = hub.socket.calls;
  const id = (sent[0] as InvocationMessage).invocationId ?? "";
  hub.socket.receive({ type: MessageType.Completion, invocationId: id, result: 1 });
  await call;
  subject.next(2);
  subject.complete();
  await hub.clock.settle();
  expect(hub.socket.calls).toEqual(sent);
  await connection.stop();
});

// The first item after a loss ended Node processes there. Unhandled rejections fail a test here.
test("an upload ends with the connection, and items that come later harm nobody (GAPS 14)", async () => {
  const { connection, hub } = await startedConnection([0]);
  const subject = new Subject<number>();
  const call = connection.invoke("M", subject).catch((error: unknown) => error);
  const pulled = connection.invoke("M", numbers()).catch((error: unknown) => error);
  hub.socket.drop();
  subject.next(1);
  expect(await call).toMatchObject({ code: "connection-lost" });
  expect(await pulled).toMatchObject({ code: "connection-lost" });
  await hub.clock.advanceAsync(0);
  subject.next(2);
  subject.error(new Error("late"));
  await hub.clock.settle();
  expect(hub.socket.calls).toEqual([]);
  await connection.stop();
});

test("a Subject keeps what comes before the call, and ends for good (GAPS 15)", async () => {
  const { connection, hub } = await startedConnection();
  const subject = new Subject<number>();
  subject.next(1);
  void connection.send("M", subject);
  subject.next(2);
  subject.complete();
  subject.next(3);
  subject.complete();
  await hub.clock.settle();
  const [call, ...rest] = hub.socket.calls;
  const invocationId = (call as InvocationMessage).streamIds?.[0];
  expect(rest).toEqual([
    { type: MessageType.StreamItem, invocationId, item: 1 },
    { type: MessageType.StreamItem, invocationId, item: 2 },
    { type: MessageType.Completion, invocationId },
  ]);
  await connection.stop();
});

/** The order, the limit and the pauses of a connection's POST requests, and what becomes of those that break off. */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { PostIntake, type PostReceiver } from "../../../src/server/post-intake.js";

class Receiver implements PostReceiver {
  readonly events: string[] = [];
  onNext: () => void = () => undefined;

  onPosted(chunk: Uint8Array): void {
    this.events.push(Buffer.from(chunk).toString());
    this.onNext();
  }

  onTorn(): void {
    this.events.push("torn");
  }
}

function post(): IncomingMessage {
  return new IncomingMessage(new Socket());
}

function intakeOf(maximumSize = 10) {
  const receiver = new Receiver();
  const intake = new PostIntake(receiver, maximumSize);
  const statuses: (number | undefined)[] = [];
  return {
    receiver,
    intake,
    statuses,
    receive(request = post()): IncomingMessage {
      const index = statuses.push(undefined) - 1;
      void intake.receive(request).then(({ status }) => (statuses[index] = status));
      return request;
    },
  };
}

/** Lets streams run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function send(request: IncomingMessage, ...parts: string[]): Promise<void> {
  for (const part of parts) {
    request.push(Buffer.from(part));
    await settle();
  }
}

async function finish(request: IncomingMessage): Promise<void> {
  request.push(null);
  await settle();
}

test("a body that fits is delivered in one piece, when it is complete", async () => {
  const { receiver, receive, statuses } = intakeOf();
  const request = receive();
  await send(request, "ab", "cd");
  expect(receiver.events).toEqual([]);
  await finish(request);
  expect(receiver.events).toEqual(["abcd"]);
  expect(statuses).toEqual([200]);
});

test("a large body is delivered in parts, none of them much larger than the limit", async () => {
  const { receiver, receive, statuses } = intakeOf(4);
  const request = receive();
  await send(request, "abc", "de", "f", "ghij", "k");
  expect(receiver.events).toEqual(["abcde", "fghij"]);
  await finish(request);
  expect(receiver.events).toEqual(["abcde", "fghij", "k"]);
  expect(statuses).toEqual([200]);
});

test("a request waits for those before it", async () => {
  const { receiver, receive, statuses } = intakeOf();
  const [first, second] = [receive(), receive()];
  await send(second, "2");
  await finish(second);
  await send(first, "1");
  expect([receiver.events, statuses]).toEqual([[], [undefined, undefined]]);
  await finish(first);
  expect([receiver.events, statuses]).toEqual([
    ["1", "2"],
    [200, 200],
  ]);
});

test("while paused, bodies are kept as far as there is room, and are accepted", async () => {
  const { intake, receiver, receive, statuses } = intakeOf(4);
  intake.pause();
  const requests = [receive(), receive(), receive()];
  for (const [index, request] of requests.entries()) {
    await send(request, `${index}xx`);
    await finish(request);
  }
  // The second one fills the buffer and waits; the third is not even read.
  expect(statuses).toEqual([200, undefined, undefined]);
  expect(receiver.events).toEqual([]);
  intake.resume();
  await settle();
  expect(receiver.events).toEqual(["0xx", "1xx", "2xx"]);
  expect(statuses).toEqual([200, 200, 200]);
});

test("a large body goes on where it was paused", async () => {
  const { intake, receiver, receive } = intakeOf(4);
  const request = receive();
  receiver.onNext = () => intake.pause();
  await send(request, "abcd", "efgh", "ijkl");
  expect(receiver.events).toEqual(["abcd"]);
  expect(request.isPaused()).toBe(true);
  intake.resume();
  await settle();
  expect(receiver.events).toEqual(["abcd", "efgh"]);
  receiver.onNext = () => undefined;
  intake.resume();
  await finish(request);
  expect(receiver.events.join("")).toBe("abcdefghijkl");
});

test("whoever takes a body may pause and resume meanwhile, and gets the next one afterwards", async () => {
  const { intake, receiver, receive } = intakeOf();
  intake.pause();
  for (const text of ["1", "2"]) {
    const request = receive();
    await send(request, text);
    await finish(request);
  }
  let depth = 0;
  receiver.onNext = () => {
    expect(depth++).toBe(0);
    intake.pause();
    intake.resume();
    depth--;
  };
  intake.resume();
  expect(receiver.events).toEqual(["1", "2"]);
});

describe("a request that breaks off", () => {
  test("is forgotten when nothing of it was delivered", async () => {
    const { receiver, receive, statuses } = intakeOf();
    const [first, second] = [receive(), receive()];
    await send(first, "lost");
    first.destroy();
    await settle();
    await send(second, "kept");
    await finish(second);
    expect(receiver.events).toEqual(["kept"]);
    expect(statuses).toEqual([400, 200]);
  });

  test("is forgotten when it broke off before its turn", async () => {
    const { receiver, receive, statuses } = intakeOf();
    const [first, second, third] = [receive(), receive(), receive()];
    await send(second, "lost");
    second.destroy();
    await finish(first);
    await send(third, "kept");
    await finish(third);
    expect(receiver.events).toEqual(["kept"]);
    expect(statuses).toEqual([200, 400, 200]);
  });

  test("is told when a part of it was delivered, and nothing follows it", async () => {
    const { intake, receiver, receive, statuses } = intakeOf(4);
    receiver.onTorn = () => {
      receiver.events.push("torn");
      intake.end();
    };
    const [first, second] = [receive(), receive()];
    await send(first, "abcd", "e");
    first.destroy();
    await send(second, "never");
    await finish(second);
    expect(receiver.events).toEqual(["abcd", "torn"]);
    expect(statuses).toEqual([400, 404]);
  });

  test("makes room for what it had taken", async () => {
    const { intake, receiver, receive, statuses } = intakeOf(4);
    intake.pause();
    const [first, second] = [receive(), receive()];
    await send(first, "abcd");
    first.destroy();
    await settle();
    await send(second, "efg");
    await finish(second);
    expect(statuses).toEqual([400, 200]);
    intake.resume();
    expect(receiver.events).toEqual(["efg"]);
  });
});

test("the end of the connection accepts what has begun, and refuses the rest", async () => {
  const { intake, receiver, receive, statuses } = intakeOf();
  const [first, second] = [receive(), receive()];
  await send(first, "begun");
  intake.end();
  receive();
  await finish(first);
  await finish(second);
  intake.resume();
  expect(statuses).toEqual([200, 404, 404]);
  expect(receiver.events).toEqual([]);
});

test("a body that ends the connection is accepted", async () => {
  const { intake, receiver, receive, statuses } = intakeOf(2);
  receiver.onNext = () => intake.end();
  const [first, second] = [receive(), receive()];
  await send(first, "goodbye", "more");
  await finish(first);
  await finish(second);
  expect(receiver.events).toEqual(["goodbye"]);
  expect(statuses).toEqual([200, 404]);
});

test("more requests than any client has are refused", async () => {
  const { receive, statuses } = intakeOf();
  for (let index = 0; index < 33; index++) receive();
  await settle();
  expect(statuses.slice(0, 32)).toEqual(Array(32).fill(undefined));
  expect(statuses[32]).toBe(429);
});

test.each([
  [{ body: "text é" }, "text é", 200],
  [{ body: Buffer.from("bytes") }, "bytes", 200],
  [{ body: { parsed: true }, rawBody: Buffer.from("raw") }, "raw", 200],
  [{ body: {} }, undefined, 500],
  [{}, undefined, 500],
])("a body that somebody has read before: %j", async (left, delivered, status) => {
  const { receiver, receive, statuses } = intakeOf();
  const request = post();
  request.resume();
  await finish(request);
  receive(Object.assign(request, left));
  await settle();
  expect(receiver.events).toEqual(delivered === undefined ? [] : [delivered]);
  expect(statuses).toEqual([status]);
});

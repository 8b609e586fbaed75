/** The life of a client with stateful reconnect, where it differs from that of others: what comes early, and what ends it while it is away. */
import { Deferred } from "../../../src/common/deferred.js";
import { HubError } from "../../../src/errors/call-errors.js";
import { MessageType, TransferFormat, type HubMessage } from "../../../src/protocol/messages.js";
import { Hub } from "../../../src/server/hub.js";
import type { ServerConnection } from "../../../src/server/server-connection.js";
import { MemoryConnection } from "../../support/connection-pair.js";
import { HubHarness, type TestClient } from "../../support/hub-harness.js";

const lost = new Error("lost");
const HANDSHAKE = '{"protocol":"json","version":2}\u001e';

let log: unknown[];
let gate: Deferred<void>;
let onConnected: (hub: Hub) => void | Promise<void>;

class LifeHub extends Hub {
  override onConnected(): void | Promise<void> {
    log.push("connected");
    return onConnected(this);
  }

  override onDisconnected(error?: Error): void {
    log.push(["disconnected", error]);
  }

  echo(value: unknown): unknown {
    log.push(value);
    return value;
  }

  abortLater(): Promise<void> {
    return gate.promise.then(() => this.context.abort());
  }

  isAborted(): boolean {
    return this.context.connectionAborted.aborted;
  }
}

/** Another connection of the same client. */
class Link implements ServerConnection {
  readonly connection = new MemoryConnection();
  readonly transport = "WebSockets";
  readonly transferFormats: TransferFormat = TransferFormat.Text | TransferFormat.Binary;
  isTerminated = false;

  pause(): void {
    throw new Error("it must go on reading, because acknowledgements come in it");
  }

  resume(): void {}

  terminate(): void {
    this.isTerminated = true;
  }

  /** What the server has sent. */
  get received(): HubMessage[] {
    const records = this.connection.sent.join("").split("\u001e").slice(0, -1);
    return records.map((record) => JSON.parse(record) as HubMessage);
  }
}

beforeEach(() => {
  log = [];
  gate = new Deferred();
  onConnected = () => undefined;
});

async function connect(): Promise<{ harness: HubHarness; client: TestClient }> {
  const harness = new HubHarness(LifeHub, { disconnectTimeout: 5_000 });
  const client = harness.accept({ isStateful: true });
  await client.sendText(HANDSHAKE);
  return { harness, client };
}

const call = (invocationId: string, value: unknown): HubMessage => ({
  type: MessageType.Invocation,
  invocationId,
  target: "echo",
  arguments: [value],
});

describe("before onConnected is done", () => {
  beforeEach(() => (onConnected = () => gate.promise));

  test("calls wait, also those of the next connection", async () => {
    const { client } = await connect();
    await client.send(call("1", 1));
    await client.lose(lost);
    const link = new Link();
    client.server.goOnOver(link);
    link.connection.receive(`{"type":9,"sequenceId":2}\u001e${JSON.stringify(call("2", 2))}\u001e`);
    await client.settle();
    expect(log).toEqual(["connected"]);
    gate.resolve();
    await client.settle();
    expect(log).toEqual(["connected", 1, 2]);
    const types = [MessageType.Ack, MessageType.Sequence, MessageType.Ack];
    expect(link.received.slice(0, 3).map(({ type }) => type)).toEqual(types);
    expect(link.received.slice(3)).toMatchObject([{ invocationId: "1" }, { invocationId: "2" }]);
  });

  test("a client that is away and refused is gone at once", async () => {
    const { client, harness } = await connect();
    await client.lose(lost);
    gate.reject(new HubError("not you"));
    await client.settle();
    expect(client.isOver).toBe(true);
    await harness.work.whenIdle();
    expect(log).toEqual(["connected"]);
  });

  test("a client that stays away is forgotten, and onDisconnected comes behind onConnected", async () => {
    const { client, harness } = await connect();
    await client.lose(lost);
    await harness.advance(7_000);
    expect([log, client.isOver]).toEqual([["connected"], false]);
    gate.resolve();
    await client.settle();
    expect([log, client.isOver]).toEqual([["connected", ["disconnected", lost]], true]);
  });
});

test("what onConnected sent is in front of its refusal, although nothing counted is sent before the client speaks", async () => {
  onConnected = async (hub) => {
    await hub.clients.caller.send("Hello");
    throw new HubError("not you");
  };
  const { client } = await connect();
  expect(client.received).toMatchObject([{ target: "Hello" }, { type: MessageType.Close }]);
});

test("what onConnected sent waits for the client's first word, or the next beat", async () => {
  onConnected = async (hub) => hub.clients.caller.send("Hello");
  const first = await connect();
  expect(first.client.received).toEqual([]);
  await first.client.send({ type: MessageType.Ping });
  expect(first.client.calls).toEqual([["Hello"]]);
  const second = await connect();
  await second.harness.advance(1_100);
  expect(second.client.calls).toEqual([["Hello"]]);
});

test("the one before is dropped when the client comes over another connection", async () => {
  const { client } = await connect();
  client.server.goOnOver(new Link());
  await client.settle();
  expect(client.isTerminated).toBe(true);
  expect(log).toEqual(["connected"]);
});

test("an abort by the hub needs no connection", async () => {
  const { client } = await connect();
  await client.call("1", "abortLater");
  await client.lose(lost);
  gate.resolve();
  await client.settle();
  expect(log).toEqual(["connected", ["disconnected", undefined]]);
  expect(() => client.server.assertMayReturn()).toThrow("No Connection with that ID");
});

test("nothing is aborted while the client may come back", async () => {
  const { client, harness } = await connect();
  await client.lose(lost);
  await harness.advance(3_000);
  const link = new Link();
  client.server.goOnOver(link);
  link.connection.receive('{"type":1,"invocationId":"1","target":"isAborted","arguments":[]}\u001e');
  await client.settle();
  expect(link.received).toContainEqual({ type: MessageType.Completion, invocationId: "1", result: false });
});

test("nothing is left of a client that did not come back", async () => {
  const { client, harness } = await connect();
  await client.send({ type: MessageType.Ping });
  await client.lose(lost);
  await harness.advance(7_000);
  expect([log, client.isOver]).toEqual([["connected", ["disconnected", lost]], true]);
  await harness.work.whenIdle();
  expect(harness.clock.pendingTimers).toBe(0);
});

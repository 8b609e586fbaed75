/** MessagePack against the official JavaScript packages: each end reads what the other writes, and their client runs on our server. */
import * as signalR from "@microsoft/signalr";
import { MessagePackHubProtocol as OfficialProtocol } from "@microsoft/signalr-protocol-msgpack";
import { MessagePackHubProtocol } from "../../../src/msgpack.js";
import { MessageType, type HubMessage } from "../../../src/protocol/messages.js";
import { HubSite } from "../../integration/hub-site.js";
import { hubMessages, withoutUndefined } from "../../support/hub-messages.js";
import { InteropHub } from "../../support/interop-hub.js";

const ours = new MessagePackHubProtocol();
const theirs = new OfficialProtocol();
const logger = { log: () => undefined };

/** Values that only binary encodings have. */
const binaryMessages: readonly (readonly [string, HubMessage])[] = [
  ["bytes", Uint8Array.of(0, 1, 255)],
  ["many bytes", new Uint8Array(70_000).fill(7)],
  ["a date", new Date("2024-02-29T12:34:56.789Z")],
  ["a date before 1970", new Date(-1)],
].map(([name, item]) => [name as string, { type: MessageType.StreamItem, invocationId: "1", item }]);

const messages = [...hubMessages, ...binaryMessages];

/** What their writer makes of a message: it leaves out the members of Close, and an error that is empty (GAPS 19, 33). */
function asTheyWrite(message: HubMessage): object {
  if (message.type === MessageType.Close) return { type: MessageType.Close };
  return withoutUndefined("error" in message && message.error === "" ? { ...message, error: undefined } : message);
}

/** What their reader makes of it: it adds empty headers and streams, and knows no cancellation and no call for a stream. */
const theyRead = messages.filter(
  ([, { type }]) => type !== MessageType.StreamInvocation && type !== MessageType.CancelInvocation,
);

test.each(messages)("we read what they write: %s", (_name, message) => {
  const written = theirs.writeMessage(message as signalR.HubMessage);
  expect(ours.parseMessages(written, null).map(withoutUndefined)).toEqual([asTheyWrite(message)]);
});

test.each(theyRead)("they read what we write: %s", (_name, message) => {
  const [read] = theirs.parseMessages(ours.writeMessage(message), logger);
  const { streamIds: _, ...members } = message as { streamIds?: string[] };
  expect(read).toMatchObject(withoutUndefined(members as HubMessage));
});

test("what both write is the same, byte for byte, but for the streams that they leave out", () => {
  for (const [, message] of messages) {
    const isCall = message.type === MessageType.Invocation || message.type === MessageType.StreamInvocation;
    const isWholeToThem = Object.keys(asTheyWrite(message)).length === Object.keys(withoutUndefined(message)).length;
    if (isCall || !isWholeToThem) continue;
    expect(
      Buffer.from(ours.encode(message)).equals(Buffer.from(theirs.writeMessage(message as signalR.HubMessage))),
    ).toBe(true);
  }
});

// Their client with their encoding is a column of the contract suite.
const transports = ["WebSockets", "LongPolling"] as const;

describe.each(transports)("their client with our encoding on our server over %s", (transport) => {
  const held = HubSite.forTests({
    protocols: [new MessagePackHubProtocol()],
    maximumReceiveMessageSize: 1024 * 1024,
    map: (hubs) => hubs.mapHub("/hub", InteropHub),
  });
  let connection: signalR.HubConnection;

  beforeEach(async () => {
    connection = new signalR.HubConnectionBuilder()
      .withUrl(`${held.site.url}/hub`, { transport: signalR.HttpTransportType[transport] })
      .configureLogging(signalR.LogLevel.None)
      .withHubProtocol(new MessagePackHubProtocol() as signalR.IHubProtocol)
      .build();
    await connection.start();
  });

  afterEach(() => connection.stop());

  function read(stream: signalR.IStreamResult<unknown>): Promise<unknown[]> {
    const items: unknown[] = [];
    return new Promise((resolve, reject) => {
      stream.subscribe({ next: (item) => items.push(item), error: reject, complete: () => resolve(items) });
    });
  }

  test.each<[string, unknown]>([
    ["null", null],
    ["a number", -1.5],
    ["a text", "aä€😀\u001e"],
    ["an object", { a: [1, { b: null }], "": true }],
    ["bytes", Uint8Array.of(0, 30, 255)],
    ["many bytes", new Uint8Array(70_000).fill(30)],
    ["a date", new Date("2024-02-29T12:34:56.789Z")],
  ])("%s comes back", async (_what, value) => {
    await expect(connection.invoke("Echo", value)).resolves.toEqual(value);
  });

  test("results, nothing, and errors", async () => {
    await expect(connection.invoke("Add", 20, 22)).resolves.toBe(42);
    await expect(connection.invoke("Nothing")).resolves.toBeNull();
    await expect(connection.invoke("FailHub", "no")).rejects.toThrow("HubException: no");
    await expect(connection.invoke("Missing")).rejects.toThrow("Method does not exist");
  });

  test("streams down, up and both", async () => {
    await expect(read(connection.stream("Counter", 4, 0))).resolves.toEqual([1, 2, 3, 4]);
    await expect(read(connection.stream("FailingStreamHub", 1, "broken"))).rejects.toThrow("broken");
    const subject = new signalR.Subject<number>();
    const sum = connection.invoke("Upload", "name", subject);
    for (const item of [1, 2, 3]) subject.next(item);
    subject.complete();
    await expect(sum).resolves.toBe(6);
    const failing = new signalR.Subject<number>();
    const outcome = connection.invoke("UploadOutcome", failing);
    failing.next(1);
    failing.error(new Error("no more"));
    await expect(outcome).resolves.toBe("failed after 1");
  });

  test("cancelling a stream reaches the server", async () => {
    await new Promise<void>((resolve, reject) => {
      const stream = connection.stream<number>("Counter", 1e9, 1);
      const subscription = stream.subscribe({
        next: () => {
          subscription.dispose();
          resolve();
        },
        error: reject,
        complete: () => undefined,
      });
    });
    let cancelled = 0;
    while (cancelled === 0) cancelled = await connection.invoke<number>("CancelledStreams");
    expect(cancelled).toBe(1);
  });

  test("calls from the server, and their results", async () => {
    const ticks: number[] = [];
    connection.on("Tick", (index: number) => void ticks.push(index));
    connection.on("Answer", (question: string) => `${question}!`);
    await connection.invoke("Burst", 200);
    expect(ticks).toEqual(Array.from({ length: 200 }, (_, index) => index));
    await expect(connection.invoke("AskClient", "why")).resolves.toBe("client said: why!");
  });

  test("the server closes the connection", async () => {
    const closed = new Promise<unknown>((resolve) => connection.onclose(resolve));
    await connection.send("AbortMe");
    await closed;
    expect(connection.state).toBe(signalR.HubConnectionState.Disconnected);
  });
});

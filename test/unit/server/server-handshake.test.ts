/** What the server answers to the opening message (HUB_PROTOCOL §3). */
import { Hub } from "../../../src/server/hub.js";
import { TransferFormat } from "../../../src/protocol/messages.js";
import type { MapHubOptions } from "../../../src/server/options.js";
import { HubHarness } from "../../support/hub-harness.js";

const events: string[] = [];

class EventHub extends Hub {
  override onConnected(): void {
    events.push("connected");
  }

  override onDisconnected(): void {
    events.push("disconnected");
  }

  echo(value: unknown): unknown {
    return value;
  }
}

beforeEach(() => {
  events.length = 0;
});

function accept(options?: MapHubOptions, transferFormats?: TransferFormat) {
  const harness = new HubHarness(EventHub, options);
  return { harness, client: harness.accept(transferFormats === undefined ? {} : { transferFormats }) };
}

test.each([
  '{"protocol":"json","version":1}',
  '{"version":2,"protocol":"JSON","more":[]}',
  '{"protocol":"json","version":-3}',
])("accepts %s", async (request) => {
  const { client } = accept();
  await client.sendText(`${request}\u001e`);
  expect(client.handshakeAnswer).toEqual({});
  expect(events).toEqual(["connected"]);
  expect(client.connection.closed).toBe(false);
});

test.each([
  ['{"protocol":"xml","version":1}', "The protocol 'xml' is not supported."],
  ['{"protocol":"json","version":3}', "The server does not support version 3 of the 'json' protocol."],
  ['{"protocol":"json"}', "An unexpected error occurred during connection handshake."],
  ['{"protocol":1,"version":1}', "An unexpected error occurred during connection handshake."],
  ["nonsense", "An unexpected error occurred during connection handshake."],
  ['{"type":6}', "An unexpected error occurred during connection handshake."],
  [" ".repeat(33_000), "Handshake was canceled."],
])("refuses %#", async (request, error) => {
  const { client } = accept();
  await client.sendText(`${request}\u001e`);
  expect(client.handshakeAnswer).toEqual({ error });
  expect(client.connection.closed).toBe(true);
  expect(client.isOver).toBe(true);
  expect(events).toEqual([]);
});

test("tells what was wrong when detailed errors are on", async () => {
  const { client } = accept({ enableDetailedErrors: true });
  await client.sendText("[]\u001e");
  expect(client.handshakeAnswer).toEqual({
    error:
      "An unexpected error occurred during connection handshake. HandshakeError: The handshake message cannot be read: it is not an object.",
  });
});

test("refuses an encoding that the transport cannot carry", async () => {
  const { client } = accept({}, TransferFormat.Binary);
  await client.handshake();
  const reason = "The transport does not support 'Text' transfer format.";
  expect(client.handshakeAnswer).toEqual({
    error: `Cannot use the 'json' protocol on the current transport. ${reason}`,
  });
});

test("takes the request in pieces, and the calls behind it", async () => {
  const { client } = accept();
  await client.sendText('{"protocol":"js');
  expect(client.handshakeAnswer).toBeUndefined();
  await client.sendText('on","version":1}\u001e{"type":1,"invocationId":"0","target":"echo","arguments":[7]}\u001e');
  expect(client.handshakeAnswer).toEqual({});
  expect(client.answers).toEqual({ 0: { type: 3, result: 7 } });
});

test("gives up a client that says nothing, in time and not before", async () => {
  const { harness, client } = accept();
  await harness.advance(14_000);
  expect(client.handshakeAnswer).toBeUndefined();
  await harness.advance(2_000);
  expect(client.handshakeAnswer).toEqual({ error: "Handshake was canceled." });
  expect(client.isOver).toBe(true);
  expect(harness.clock.pendingTimers).toBe(0);
});

test("keeps the time limit that was set", async () => {
  const { harness, client } = accept({ handshakeTimeout: 400 });
  await harness.advance(300);
  expect(client.handshakeAnswer).toBeUndefined();
  await harness.advance(200);
  expect(client.handshakeAnswer).toEqual({ error: "Handshake was canceled." });
});

test("forgets a connection that ends before the handshake", async () => {
  const { harness, client } = accept();
  await client.lose(new Error("reset"));
  expect(client.isOver).toBe(true);
  expect(events).toEqual([]);
  expect(harness.clock.pendingTimers).toBe(0);
  await harness.work.whenIdle();
});

test("answers in bytes when the encoding is binary", async () => {
  const binary = {
    name: "messagepack",
    version: 1,
    transferFormat: TransferFormat.Binary,
    encode: () => new Uint8Array([0]),
    createDecoder: () => ({ decode: () => undefined }),
  };
  const { client } = accept({ protocols: [binary] });
  await client.sendText('{"protocol":"messagepack","version":1}\u001e');
  expect(client.connection.sent).toEqual([new TextEncoder().encode("{}\u001e")]);
});

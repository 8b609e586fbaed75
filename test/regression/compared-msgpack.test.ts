/** MessagePack, by hubwire's encoding and by the official one: what that one gets wrong. */
import { MessagePackHubProtocol as OfficialProtocol } from "@microsoft/signalr-protocol-msgpack";
import { encode } from "@msgpack/msgpack";
import { NullLogger, type HubMessage, type IHubProtocol } from "../../src/index.js";
import { MessagePackHubProtocol } from "../../src/msgpack.js";

/** What the tests use of both; the official reader knows fewer kinds of messages. */
type Encoding = Pick<IHubProtocol, "parseMessages" | "writeMessage">;

const ours: Encoding = new MessagePackHubProtocol({ useBigInt64: true });
const theirs = new OfficialProtocol() as Encoding;

/** Declares two tests, one for each encoding. */
function compare(title: string, run: (encoding: Encoding) => unknown, expected: { ours: unknown; theirs: unknown }) {
  test(title, () => expect(run(ours)).toEqual(expected.ours));
  test(`not so the official encoding: ${title}`, () => expect(run(theirs)).toEqual(expected.theirs));
}

/** A message as it travels: its length, which is short here, and its items. */
function framed(...items: unknown[]): ArrayBuffer {
  const body = encode(items, { useBigInt64: true });
  return Uint8Array.of(body.length, ...body).buffer;
}

/** What is read, or `"refused"`. */
function read(encoding: Encoding, input: ArrayBuffer): unknown {
  try {
    return encoding.parseMessages(input, NullLogger.instance);
  } catch {
    return "refused";
  }
}

/** What is left of a message that is written and read again. */
function returned(encoding: Encoding, message: HubMessage): unknown {
  return read(encoding, encoding.writeMessage(message) as ArrayBuffer);
}

const close: HubMessage = { type: 7, error: "enough", allowReconnect: true };
compare("Close is written with its error and allowReconnect (GAPS 33)", (encoding) => returned(encoding, close), {
  ours: [close],
  theirs: [{ type: 7, allowReconnect: undefined, error: null }],
});

compare("calls for a stream can be read (GAPS 33)", (encoding) => read(encoding, framed(4, {}, "1", "M", [], [])), {
  ours: [expect.objectContaining({ type: 4, invocationId: "1", target: "M", arguments: [] })],
  theirs: [],
});

compare("cancellations can be read (GAPS 33)", (encoding) => read(encoding, framed(5, {}, "1")), {
  ours: [expect.objectContaining({ type: 5, invocationId: "1" })],
  theirs: [],
});

compare("an unknown kind of result is refused (GAPS 33)", (encoding) => read(encoding, framed(3, {}, "1", 9, 1)), {
  ours: "refused",
  theirs: [expect.objectContaining({ type: 3, invocationId: "1" })],
});

compare("the id of an Ack has to be a number (GAPS 33)", (encoding) => read(encoding, framed(8, "x")), {
  ours: "refused",
  theirs: [{ type: 8, sequenceId: "x" }],
});

compare(
  "the streams of a call are read (GAPS 33)",
  (encoding) => read(encoding, framed(1, {}, "1", "M", [], ["2", "3"])),
  {
    ours: [expect.objectContaining({ streamIds: ["2", "3"] })],
    theirs: [expect.objectContaining({ streamIds: [] })],
  },
);

compare(
  "a Buffer of Node can be read (GAPS 34)",
  (encoding) => read(encoding, Buffer.from(framed(6)) as unknown as ArrayBuffer),
  { ours: [{ type: 6 }], theirs: "refused" },
);

compare(
  "64-bit integers are exact, with the option (GAPS 34)",
  (encoding) => read(encoding, framed(2, {}, "1", 2n ** 60n + 1n)),
  {
    ours: [expect.objectContaining({ item: 2n ** 60n + 1n })],
    theirs: [expect.objectContaining({ item: 2 ** 60 })],
  },
);

/** The MessagePack encoding: its exact bytes, and how it takes what other peers write (HUB_PROTOCOL §4, §10). */
import { InvalidArgumentError, LimitError, ProtocolError } from "../../../src/errors/call-errors.js";
import { LogLevel } from "../../../src/logging/log-level.js";
import { Log, NullLogger, type Logger } from "../../../src/logging/logger.js";
import { MessageType, TransferFormat, type HubMessage } from "../../../src/protocol/messages.js";
import { MessagePackHubProtocol } from "../../../src/protocol/msgpack-hub-protocol.js";
import { withoutUndefined } from "../../support/hub-messages.js";

const protocol = new MessagePackHubProtocol();

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.split(/\s+/).filter(Boolean), (byte) => Number.parseInt(byte, 16));
}

function hex(data: Uint8Array): string {
  return [...data].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** The content of a frame in hex, as what it decodes to. */
function decode(content: string, logger: Logger = NullLogger.instance): object[] {
  const body = bytes(content);
  const messages: object[] = [];
  const decoder = protocol.createDecoder({ maximumMessageSize: Infinity, log: new Log(logger) });
  decoder.decode(Uint8Array.of(body.length, ...body), (message) => messages.push(withoutUndefined(message)));
  return messages;
}

test("is messagepack, version 2, binary", () => {
  expect([protocol.name, protocol.version, protocol.transferFormat]).toEqual(["messagepack", 2, TransferFormat.Binary]);
});

describe("encode", () => {
  test.each<[HubMessage, string]>([
    [{ type: MessageType.Invocation, target: "Tick", arguments: [7] }, "0c 96 01 80 c0 a4 54 69 63 6b 91 07 90"],
    [
      { type: MessageType.Invocation, invocationId: "a1", target: "Sum", arguments: [2, 3] },
      "0e 96 01 80 a2 61 31 a3 53 75 6d 92 02 03 90",
    ],
    [
      { type: MessageType.Invocation, invocationId: "5", target: "Up", arguments: [], streamIds: ["4"] },
      "0c 96 01 80 a1 35 a2 55 70 90 91 a1 34",
    ],
    [
      { type: MessageType.Invocation, headers: { k: "v" }, target: "T", arguments: [] },
      "0c 96 01 81 a1 6b a1 76 c0 a1 54 90 90",
    ],
    [
      { type: MessageType.StreamInvocation, invocationId: "9", target: "Count", arguments: [3] },
      "0e 96 04 80 a1 39 a5 43 6f 75 6e 74 91 03 90",
    ],
    [{ type: MessageType.StreamItem, invocationId: "9", item: "x" }, "07 94 02 80 a1 39 a1 78"],
    [{ type: MessageType.Completion, invocationId: "9" }, "06 94 03 80 a1 39 02"],
    [{ type: MessageType.Completion, invocationId: "9", result: undefined }, "06 94 03 80 a1 39 02"],
    [{ type: MessageType.Completion, invocationId: "9", result: true }, "07 95 03 80 a1 39 03 c3"],
    [{ type: MessageType.Completion, invocationId: "9", result: null }, "07 95 03 80 a1 39 03 c0"],
    [{ type: MessageType.Completion, invocationId: "9", error: "bad" }, "0a 95 03 80 a1 39 01 a3 62 61 64"],
    [{ type: MessageType.Completion, invocationId: "9", error: "" }, "07 95 03 80 a1 39 01 a0"],
    [{ type: MessageType.CancelInvocation, invocationId: "9" }, "05 93 05 80 a1 39"],
    [{ type: MessageType.Ping }, "02 91 06"],
    [{ type: MessageType.Close }, "03 92 07 c0"],
    [{ type: MessageType.Close, allowReconnect: true }, "04 93 07 c0 c3"],
    [{ type: MessageType.Close, error: "e", allowReconnect: false }, "05 93 07 a1 65 c2"],
    [{ type: MessageType.Ack, sequenceId: 300 }, "05 92 08 cd 01 2c"],
    [{ type: MessageType.Ack, sequenceId: 70_000 }, "07 92 08 ce 00 01 11 70"],
    [{ type: MessageType.Ack, sequenceId: 2 ** 40 + 5 }, "0b 92 08 cf 00 00 01 00 00 00 00 05"],
    [{ type: MessageType.Sequence, sequenceId: 1 }, "03 92 09 01"],
  ])("%j", (message, expected) => {
    expect(hex(protocol.encode(message))).toBe(expected);
    const buffer = protocol.writeMessage(message);
    expect(buffer).toBeInstanceOf(ArrayBuffer);
    expect(hex(new Uint8Array(buffer))).toBe(expected);
  });

  test.each([31, 32, 40, 41, 255, 256, 65_535, 65_536])("texts of %i units around the values", (length) => {
    for (const unit of ["x", "é", "€", "\ud83d\ude00"]) {
      const text = unit.repeat(length);
      const message: HubMessage = {
        type: MessageType.Invocation,
        headers: { [text]: text },
        invocationId: text,
        target: text,
        arguments: [text],
        streamIds: [text, text],
      };
      expect(protocol.parseMessages(protocol.writeMessage(message), null)).toEqual([message]);
    }
  });

  test.each([15, 16, 65_535, 65_536])("%i headers and streams", (count) => {
    const streamIds = Array.from({ length: count }, (_, index) => `s${index}`);
    const headers = Object.fromEntries(streamIds.map((id) => [id, "v"]));
    const message: HubMessage = { type: MessageType.Invocation, headers, target: "T", arguments: [], streamIds };
    expect(protocol.parseMessages(protocol.writeMessage(message), null).map(withoutUndefined)).toEqual([message]);
  });

  test("a value that writes a message of its own while it is encoded", () => {
    const inner: Uint8Array[] = [];
    const value = {
      get member() {
        inner.push(protocol.encode({ type: MessageType.StreamItem, invocationId: "inner", item: "x".repeat(100) }));
        return 1;
      },
    };
    const outer = protocol.encode({ type: MessageType.StreamItem, invocationId: "outer", item: value });
    const read = (data: Uint8Array) => withoutUndefined(protocol.parseMessages(data, null)[0] as HubMessage);
    expect(read(outer)).toMatchObject({ invocationId: "outer", item: { member: 1 } });
    expect(inner.map(read)).toMatchObject([{ invocationId: "inner" }]);
  });

  test("every message has a buffer of its own", () => {
    const message: HubMessage = { type: MessageType.StreamItem, invocationId: "1", item: 1 };
    const first = protocol.encode(message);
    protocol.encode({ ...message, item: 2 });
    expect(hex(first)).toBe("06 94 02 80 a1 31 01");
    expect(first.buffer.byteLength).toBe(first.length);
  });
});

describe("decode", () => {
  test.each([
    ["an invocation of five items", "95 01 80 c0 a1 54 90", { type: 1, target: "T", arguments: [] }],
    ["an empty id means none", "96 01 80 a0 a1 54 90 90", { type: 1, target: "T", arguments: [] }],
    ["headers that are nil", "96 01 c0 c0 a1 54 90 90", { type: 1, target: "T", arguments: [] }],
    ["streams that are nil", "96 01 80 c0 a1 54 90 c0", { type: 1, target: "T", arguments: [] }],
    [
      "items that a later version appended",
      "97 01 80 c0 a1 54 90 90 81 a1 61 92 01 02",
      { type: 1, target: "T", arguments: [] },
    ],
    ["an item behind a void completion", "95 03 80 a1 39 02 07", { type: 3, invocationId: "9" }],
    ["a ping with more behind it", "92 06 c0", { type: 6 }],
    ["a close with more behind it", "94 07 a1 65 c3 01", { type: 7, error: "e", allowReconnect: true }],
    ["a close that leaves the reconnect open", "93 07 c0 c0", { type: 7 }],
    [
      "numbers written longer than they have to be",
      "dd 00 00 00 02 d3 00 00 00 00 00 00 00 08 cf 00 00 00 00 00 00 00 05",
      { type: 8, sequenceId: 5 },
    ],
    ["a negative sequence", "92 09 d3 ff ff ff ff ff ff ff fe", { type: 9, sequenceId: -2 }],
    [
      "long heads",
      "dc 00 04 02 de 00 01 d9 01 6b da 00 01 76 db 00 00 00 01 39 d9 01 78",
      { type: 2, headers: { k: "v" }, invocationId: "9", item: "x" },
    ],
    [
      "half of a surrogate pair",
      "94 02 80 a1 39 a3 ed a0 bd",
      { type: 2, invocationId: "9", item: "\ufffd\ufffd\ufffd" },
    ],
    ["a byte order mark", "94 02 80 a1 39 a4 ef bb bf 78", { type: 2, invocationId: "9", item: "\ufeffx" }],
  ])("%s", (_what, content, message) => {
    expect(decode(content)).toEqual([message]);
  });

  test.each([
    ["nothing", ""],
    ["no array", "81 01 02"],
    ["an empty array", "90"],
    ["a type that is no integer", "91 a1 31"],
    ["a type that is a fraction", "91 cb 3f f0 00 00 00 00 00 00"],
    ["an invocation of four items", "94 01 80 c0 a1 54"],
    ["a target that is nil", "95 01 80 c0 c0 90"],
    ["an empty target", "95 01 80 c0 a0 90"],
    ["an id that is a number", "95 01 80 07 a1 54 90"],
    ["arguments that are nil", "95 01 80 c0 a1 54 c0"],
    ["arguments that are a map", "95 01 80 c0 a1 54 80"],
    ["headers that are an array", "95 01 90 c0 a1 54 90"],
    ["a header that is a number", "95 01 81 a1 6b 01 c0 a1 54 90"],
    ["a header without a text for a name", "95 01 81 01 a1 6b c0 a1 54 90"],
    ["a header named __proto__", "95 01 81 a9 5f 5f 70 72 6f 74 6f 5f 5f a1 76 c0 a1 54 90"],
    ["streams that are a text", "96 01 80 c0 a1 54 90 a1 34"],
    ["a stream that is a number", "96 01 80 c0 a1 54 90 91 04"],
    ["an empty stream id", "96 01 80 c0 a1 54 90 91 a0"],
    ["a stream invocation without an id", "96 04 80 c0 a1 54 90 90"],
    ["a stream invocation with an empty id", "96 04 80 a0 a1 54 90 90"],
    ["a stream item without an item", "93 02 80 a1 39"],
    ["a stream item without an id", "94 02 80 c0 01"],
    ["a completion without an id", "94 03 80 a0 02"],
    ["a completion without a kind", "93 03 80 a1 39"],
    ["a completion of kind 0", "95 03 80 a1 39 00 01"],
    ["a completion of kind 4", "95 03 80 a1 39 04 01"],
    ["an error that is missing", "94 03 80 a1 39 01"],
    ["an error that is nil", "95 03 80 a1 39 01 c0"],
    ["a result that is missing", "94 03 80 a1 39 03"],
    ["a cancellation of an empty id", "93 05 80 a0"],
    ["a close without an error's place", "91 07"],
    ["a close whose error is a number", "92 07 01"],
    ["a close whose reconnect is a number", "93 07 c0 01"],
    ["an ack without an id", "91 08"],
    ["an ack of a text", "92 08 a1 31"],
    ["an ack beyond 2^53", "92 08 cf 00 20 00 00 00 00 00 00"],
    ["a sequence of nil", "92 09 c0"],
    ["headers whose number is a lie", "95 01 df ff ff ff ff a1 6b a1 76"],
    ["streams whose number is a lie", "96 01 80 c0 a1 54 90 dd ff ff ff ff a1 34"],
    ["a message whose number of items is a lie", "dd ff ff ff ff 06 c0"],
    ["bytes behind the message", "91 06 c0"],
    ["an item less than announced", "92 06"],
    ["a byte that means nothing", "94 02 80 a1 39 c1"],
    ["a text that goes beyond the end", "94 02 80 a1 39 a5 78"],
    ["a number that goes beyond the end", "94 02 80 a1 39 cd 01"],
    ["a member named __proto__", "94 02 80 a1 39 81 a9 5f 5f 70 72 6f 74 6f 5f 5f 80"],
    ["a member named by an array", "94 02 80 a1 39 81 90 01"],
    ["a member named by nil", "94 02 80 a1 39 81 c0 01"],
    ["a timestamp of three bytes", "94 02 80 a1 39 c7 03 ff 00 00 00"],
    ["a timestamp beyond all dates", "94 02 80 a1 39 c7 0c ff 00 00 00 00 7f ff ff ff ff ff ff ff"],
  ])("%s is a protocol error", (_what, content) => {
    expect(() => decode(content)).toThrow(ProtocolError);
  });

  test.each(["91 0a", "91 00", "91 ff", "92 cd 01 00 c1"])(
    "an unknown type is skipped, whatever it holds: %s",
    (content) => {
      const logger = { log: jest.fn() };
      expect(decode(content, logger)).toEqual([]);
      expect(logger.log).toHaveBeenCalledWith(LogLevel.Information, expect.stringContaining("unknown type"));
      const body = bytes(content);
      const stream = Uint8Array.of(body.length, ...body, 2, 0x91, 6);
      expect(protocol.parseMessages(stream, null)).toEqual([{ type: MessageType.Ping }]);
    },
  );

  test("text is refused", () => {
    const decoder = protocol.createDecoder({ maximumMessageSize: Infinity, log: new Log(NullLogger.instance) });
    expect(() => decoder.decode("{}", jest.fn())).toThrow(ProtocolError);
  });

  test("a message at the limit is read, one over it is a LimitError that names the option", () => {
    const log = new Log(NullLogger.instance);
    const ping = protocol.encode({ type: MessageType.Ping });
    const deliver = jest.fn();
    protocol.createDecoder({ maximumMessageSize: 3, log }).decode(ping, deliver);
    expect(deliver).toHaveBeenCalledTimes(1);
    const over = () => protocol.createDecoder({ maximumMessageSize: 2, log }).decode(ping, deliver);
    expect(over).toThrow(LimitError);
    expect(over).toThrow(expect.objectContaining({ limit: "maximumReceiveMessageSize" }));
  });
});

describe("parseMessages, the official form", () => {
  const ping = protocol.encode({ type: MessageType.Ping });

  test.each([
    ["an ArrayBuffer", new Uint8Array(ping).buffer],
    ["a Uint8Array", ping],
    ["a Buffer", Buffer.from(ping)],
    ["a view of a part", Uint8Array.of(9, ...ping, 9).subarray(1, 1 + ping.length)],
  ])("takes %s", (_what, input) => {
    expect(protocol.parseMessages(input, NullLogger.instance)).toEqual([{ type: MessageType.Ping }]);
  });

  test("takes many messages, and none", () => {
    expect(protocol.parseMessages(Uint8Array.of(...ping, ...ping), null)).toHaveLength(2);
    expect(protocol.parseMessages(new ArrayBuffer(0), null)).toEqual([]);
  });

  test("refuses an incomplete message, and text", () => {
    expect(() => protocol.parseMessages(ping.subarray(0, 2), null)).toThrow(ProtocolError);
    expect(() => protocol.parseMessages(Uint8Array.of(0x80), null)).toThrow(ProtocolError);
    expect(() => protocol.parseMessages("text", null)).toThrow(ProtocolError);
  });
});

describe("options", () => {
  test.each([
    { maxDepth: -1 },
    { maxDepth: "1" },
    { maxStrLength: NaN },
    { initialBufferSize: true },
    { extensionCodec: {} },
    { dates: "iso" },
    { propertyNames: "PascalCase" },
  ])("%j is refused", (options) => {
    expect(() => new MessagePackHubProtocol(options as object)).toThrow(InvalidArgumentError);
    expect(() => new MessagePackHubProtocol(options as object)).toThrow(Object.keys(options)[0]);
  });

  test.each([undefined, null, {}, { maxDepth: undefined, dates: undefined, extensionCodec: undefined }])(
    "%j is fine",
    (options) => {
      const { encode } = new MessagePackHubProtocol(options as object);
      expect(encode).toBeInstanceOf(Function);
    },
  );
});

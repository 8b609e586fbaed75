/** Encodings that only have the official shape, in hubwire's place for encodings. */
import { InvalidArgumentError, ProtocolError } from "../../../src/errors/call-errors.js";
import { Log, NullLogger, type Logger } from "../../../src/logging/logger.js";
import { toHubProtocol } from "../../../src/protocol/custom-hub-protocol.js";
import type { CustomHubProtocol, DecoderOptions } from "../../../src/protocol/hub-protocol.js";
import { JsonHubProtocol } from "../../../src/protocol/json-hub-protocol.js";
import { MessageType, TransferFormat, type HubMessage } from "../../../src/protocol/messages.js";

const options = { maximumMessageSize: Infinity, log: new Log(NullLogger.instance) };

/** One character per message. */
class DigitProtocol implements CustomHubProtocol {
  readonly name = "digit";
  readonly version = 1;
  readonly transferFormat: TransferFormat;
  readonly inputs: (string | ArrayBuffer)[] = [];

  constructor(transferFormat: TransferFormat) {
    this.transferFormat = transferFormat;
  }

  parseMessages(input: string | ArrayBuffer): HubMessage[] {
    this.inputs.push(input);
    const text = typeof input === "string" ? input : new TextDecoder().decode(input);
    return Array.from(text, (digit) => ({ type: MessageType.Ack, sequenceId: Number(digit) }));
  }

  writeMessage(message: HubMessage): string | ArrayBuffer {
    const text = String(message.type);
    return this.transferFormat === TransferFormat.Text ? text : new Uint8Array(new TextEncoder().encode(text)).buffer;
  }
}

test("one of ours is used as it is", () => {
  const json = new JsonHubProtocol();
  expect(toHubProtocol(json)).toBe(json);
});

describe("an application's class that extends one of ours", () => {
  const ping: HubMessage = { type: MessageType.Ping };
  const read = (protocol: JsonHubProtocol) => {
    const messages: HubMessage[] = [];
    const text = `${JSON.stringify(ping)}\u001e`;
    toHubProtocol(protocol)
      .createDecoder(options)
      .decode(text, (message) => messages.push(message));
    return messages;
  };

  test("is read through its own parseMessages", () => {
    class Doubling extends JsonHubProtocol {
      override parseMessages(input: string, logger: Logger | null) {
        const messages = super.parseMessages(input, logger);
        return [...messages, ...messages];
      }
    }
    expect(read(new Doubling())).toEqual([ping, ping]);
    expect(toHubProtocol(new Doubling()).encode(ping)).toBe('{"type":6}\u001e');
  });

  test("is written through its own writeMessage, also when that was assigned", () => {
    const protocol = new JsonHubProtocol();
    protocol.writeMessage = () => "written";
    expect(toHubProtocol(protocol).encode(ping)).toBe("written");
    expect(read(protocol)).toEqual([ping]);
  });

  test("is used as it is when it replaces what hubwire calls", () => {
    class Own extends JsonHubProtocol {
      override createDecoder(of: DecoderOptions) {
        return super.createDecoder(of);
      }
    }
    const own = new Own();
    expect(toHubProtocol(own)).toBe(own);
  });
});

test("name, version and format are taken over", () => {
  expect(toHubProtocol(new DigitProtocol(TransferFormat.Binary))).toMatchObject({
    name: "digit",
    version: 1,
    transferFormat: TransferFormat.Binary,
  });
});

test("text: encodes and decodes", () => {
  const protocol = toHubProtocol(new DigitProtocol(TransferFormat.Text));
  expect(protocol.encode({ type: MessageType.Ping })).toBe("6");
  const messages: HubMessage[] = [];
  protocol.createDecoder(options).decode("12", (message) => messages.push(message));
  protocol.createDecoder(options).decode(new TextEncoder().encode("3"), (message) => messages.push(message));
  expect(messages).toEqual([1, 2, 3].map((sequenceId) => ({ type: MessageType.Ack, sequenceId })));
});

test("binary: the protocol gets an ArrayBuffer of its own, whatever arrived", () => {
  const custom = new DigitProtocol(TransferFormat.Binary);
  const protocol = toHubProtocol(custom);
  expect(protocol.encode({ type: MessageType.Ping })).toEqual(new Uint8Array([0x36]));
  const pool = new Uint8Array([0x39, 0x31, 0x32, 0x39]);
  const messages: HubMessage[] = [];
  protocol.createDecoder(options).decode(pool.subarray(1, 3), (message) => messages.push(message));
  expect(messages).toHaveLength(2);
  const [input] = custom.inputs;
  expect(input).toBeInstanceOf(ArrayBuffer);
  pool.fill(0);
  expect(new Uint8Array(input as ArrayBuffer)).toEqual(new Uint8Array([0x31, 0x32]));
});

test("what it throws while decoding is a protocol error", () => {
  const custom = new DigitProtocol(TransferFormat.Text);
  const cause = new Error("bad");
  custom.parseMessages = () => {
    throw cause;
  };
  const decode = () => toHubProtocol(custom).createDecoder(options).decode("1", jest.fn());
  expect(decode).toThrow(ProtocolError);
  expect(decode).toThrow(expect.objectContaining({ cause }));
});

test("what a receiver throws is not taken for the protocol's error", () => {
  const error = new RangeError("mine");
  const decoder = toHubProtocol(new DigitProtocol(TransferFormat.Text)).createDecoder(options);
  expect(() =>
    decoder.decode("1", () => {
      throw error;
    }),
  ).toThrow(error);
});

test("what it throws while encoding is an argument error", () => {
  const custom = new DigitProtocol(TransferFormat.Text);
  custom.writeMessage = () => {
    throw new Error("bad");
  };
  const encode = () => toHubProtocol(custom).encode({ type: MessageType.Ping });
  expect(encode).toThrow(InvalidArgumentError);
  expect(encode).toThrow(expect.objectContaining({ code: "not-serializable" }));
});

test.each([undefined, null, "json", {}, { parseMessages() {} }, { writeMessage() {}, parseMessages: 1 }])(
  "%p is no protocol",
  (value) => {
    expect(() => toHubProtocol(value as unknown as CustomHubProtocol)).toThrow(InvalidArgumentError);
  },
);

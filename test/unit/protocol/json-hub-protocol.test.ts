/** The JSON encoding: its exact texts, and how it takes what other peers write (HUB_PROTOCOL §4, §10). */
import { InvalidArgumentError, LimitError, ProtocolError } from "../../../src/errors/call-errors.js";
import { LogLevel } from "../../../src/logging/log-level.js";
import { Log, NullLogger, type Logger } from "../../../src/logging/logger.js";
import { JsonHubProtocol } from "../../../src/protocol/json-hub-protocol.js";
import { MessageType, TransferFormat, type HubMessage } from "../../../src/protocol/messages.js";
import { hubMessages } from "../../support/hub-messages.js";

const protocol = new JsonHubProtocol();

function decode(text: string, logger: Logger = NullLogger.instance, maximumMessageSize = Infinity): HubMessage[] {
  const messages: HubMessage[] = [];
  const decoder = protocol.createDecoder({ maximumMessageSize, log: new Log(logger) });
  decoder.decode(text, (message) => messages.push(message));
  return messages;
}

test("is json, version 2, text", () => {
  expect([protocol.name, protocol.version, protocol.transferFormat]).toEqual(["json", 2, TransferFormat.Text]);
});

describe("encode", () => {
  test.each<[HubMessage, string]>([
    [{ type: MessageType.Invocation, target: "Tick", arguments: [7] }, '{"type":1,"target":"Tick","arguments":[7]}'],
    [
      {
        type: MessageType.Invocation,
        headers: { a: "b" },
        invocationId: "0",
        target: "T",
        arguments: [1, "x"],
        streamIds: ["1", "2"],
      },
      '{"type":1,"target":"T","arguments":[1,"x"],"invocationId":"0","streamIds":["1","2"],"headers":{"a":"b"}}',
    ],
    [
      { type: MessageType.StreamInvocation, invocationId: "9", target: "Count", arguments: [3] },
      '{"type":4,"target":"Count","arguments":[3],"invocationId":"9"}',
    ],
    [
      { type: MessageType.StreamItem, invocationId: "9", item: { a: 1 } },
      '{"type":2,"invocationId":"9","item":{"a":1}}',
    ],
    [{ type: MessageType.StreamItem, invocationId: "9", item: null }, '{"type":2,"invocationId":"9","item":null}'],
    [{ type: MessageType.Completion, invocationId: "9" }, '{"type":3,"invocationId":"9"}'],
    [{ type: MessageType.Completion, invocationId: "9", result: null }, '{"type":3,"invocationId":"9","result":null}'],
    [{ type: MessageType.Completion, invocationId: "9", result: 0 }, '{"type":3,"invocationId":"9","result":0}'],
    [{ type: MessageType.Completion, invocationId: "9", error: "bad" }, '{"type":3,"invocationId":"9","error":"bad"}'],
    [{ type: MessageType.Completion, invocationId: "9", error: "" }, '{"type":3,"invocationId":"9","error":""}'],
    [{ type: MessageType.CancelInvocation, invocationId: "9" }, '{"type":5,"invocationId":"9"}'],
    [{ type: MessageType.Ping }, '{"type":6}'],
    [{ type: MessageType.Close }, '{"type":7}'],
    [
      { type: MessageType.Close, error: "text", allowReconnect: true },
      '{"type":7,"error":"text","allowReconnect":true}',
    ],
    [{ type: MessageType.Ack, sequenceId: 300 }, '{"type":8,"sequenceId":300}'],
    [{ type: MessageType.Sequence, sequenceId: 1 }, '{"type":9,"sequenceId":1}'],
  ])("%j", (message, text) => {
    expect(protocol.encode(message)).toBe(`${text}\u001e`);
    expect(protocol.writeMessage(message)).toBe(`${text}\u001e`);
  });

  test.each(hubMessages)("%s: one JSON object, whose only separator is the last character", (_what, message) => {
    const text = protocol.encode(message);
    expect(text.indexOf("\u001e")).toBe(text.length - 1);
    expect(JSON.parse(text.slice(0, -1))).toEqual(JSON.parse(JSON.stringify(message)));
  });

  test.each([
    ["undefined", undefined],
    ["an object whose toJSON gives nothing", { toJSON: () => undefined }],
  ])("what JSON leaves out: %s", (_what, value) => {
    expect(protocol.encode({ type: MessageType.Invocation, target: "T", arguments: [value] })).toContain(
      '"arguments":[null]',
    );
    expect(protocol.encode({ type: MessageType.StreamItem, invocationId: "1", item: value })).toContain('"item":null');
    expect(protocol.encode({ type: MessageType.Completion, invocationId: "1", result: value })).toBe(
      '{"type":3,"invocationId":"1"}\u001e',
    );
  });

  test.each([
    ["function", () => 1],
    ["symbol", Symbol("mark")],
  ])("a %s is refused wherever a value stands, and not sent as null", (type, value) => {
    const failure = expect.objectContaining({ code: "not-serializable", message: expect.stringContaining(type) });
    for (const options of [undefined, { replacer: (_key: string, inner: unknown) => inner }]) {
      const encoding = new JsonHubProtocol(options);
      const encode = (message: HubMessage) => () => encoding.encode(message);
      expect(encode({ type: MessageType.Invocation, target: "T", arguments: [1, value] })).toThrow(failure);
      expect(encode({ type: MessageType.StreamItem, invocationId: "1", item: value })).toThrow(failure);
      expect(encode({ type: MessageType.Completion, invocationId: "1", result: value })).toThrow(failure);
    }
  });

  test("a function is sent when its toJSON or a replacer knows better", () => {
    const known = Object.assign(() => 1, { toJSON: () => 5 });
    const call = (...args: unknown[]) => ({ type: MessageType.Invocation, target: "T", arguments: args }) as const;
    expect(protocol.encode(call(known))).toContain('"arguments":[5]');
    const replacer = (_key: string, value: unknown) => (typeof value === "symbol" ? value.description : value);
    expect(new JsonHubProtocol({ replacer }).encode(call(Symbol("mark")))).toContain('"arguments":["mark"]');
  });

  test.each(["replacer", "reviver"])("refuses a %s that is no function", (name) => {
    expect(() => new JsonHubProtocol({ [name]: ["a"] })).toThrow(`The option '${name}' has a wrong value.`);
  });

  test.each([
    "plain",
    "",
    'a "quote"',
    "back\\slash",
    "tab\tand\u001e\u0000",
    "del\u007f",
    "naïve €😀",
    "\ud800",
    "\u2028",
    "x".repeat(40),
    "x".repeat(41),
    `${"x".repeat(40)}"`,
  ])("names, ids and errors are quoted as JSON does it: %j", (text) => {
    const message = { type: MessageType.Completion, invocationId: text, error: text } as const;
    expect(protocol.encode(message)).toBe(`${JSON.stringify(message)}\u001e`);
    const call = { type: MessageType.Invocation, target: text, arguments: [], streamIds: [text] } as const;
    expect(JSON.parse(protocol.encode({ ...call, arguments: [], streamIds: [text] }).slice(0, -1))).toEqual(call);
  });

  test.each([
    ["numbers", [0, -0, 1.5, -12, 1e21, 5e-324, NaN, -Infinity]],
    ["texts", ["", "plain", 'a "quote"', "naïve €😀", "x".repeat(41), "\ud800"]],
    ["numbers and texts in front of other values", [1, "a", true, null, undefined, [2], { b: 3 }]],
    ["nothing", []],
    ["boxed values", [new String("a"), new Number(1), new Boolean(false)]],
  ])("values are written as JSON does it: %s", (_what, values) => {
    const list = protocol.encode({ type: MessageType.Invocation, target: "T", arguments: values });
    expect(list).toBe(`{"type":1,"target":"T","arguments":${JSON.stringify(values)}}\u001e`);
    for (const item of values) {
      const text = protocol.encode({ type: MessageType.StreamItem, invocationId: "1", item });
      expect(text).toBe(`{"type":2,"invocationId":"1","item":${JSON.stringify(item ?? null)}}\u001e`);
    }
  });

  test("toJSON is used; numbers that JSON lacks become null", () => {
    const values = [new Date(0), NaN, Infinity];
    expect(protocol.encode({ type: MessageType.Invocation, target: "T", arguments: values })).toContain(
      '["1970-01-01T00:00:00.000Z",null,null]',
    );
  });

  test("a lone surrogate is escaped, so the text is always valid UTF-8", () => {
    expect(protocol.encode({ type: MessageType.StreamItem, invocationId: "1", item: "\ud800" })).toContain('"\\ud800"');
  });

  test("members that are null count as absent: messages that were decoded can be encoded again", () => {
    const text = '{"type":3,"headers":null,"invocationId":"1","error":null,"result":5}\u001e';
    const [message] = decode(text);
    if (message === undefined) throw new Error("nothing was decoded");
    expect(decode(protocol.encode(message))).toEqual([{ type: MessageType.Completion, invocationId: "1", result: 5 }]);
    const [call] = decode('{"type":1,"invocationId":null,"target":"T","arguments":[],"streamIds":null}\u001e');
    if (call === undefined) throw new Error("nothing was decoded");
    // The official client refuses null as an id (HUB_PROTOCOL §5).
    expect(protocol.encode(call)).toBe('{"type":1,"target":"T","arguments":[]}\u001e');
  });

  test.each([
    ["a BigInt", 1n],
    [
      "a toJSON that throws",
      {
        toJSON() {
          throw new Error("mine");
        },
      },
    ],
  ])("%s cannot be encoded", (_what, value) => {
    const encode = () => protocol.encode({ type: MessageType.Completion, invocationId: "1", result: value });
    expect(encode).toThrow(InvalidArgumentError);
    expect(encode).toThrow(/^Cannot be encoded as JSON: /);
  });

  test("nesting deeper than the stack is an error like any other", () => {
    let deep: unknown[] = [];
    for (let i = 0; i < 200_000; i++) deep = [deep];
    expect(() => protocol.encode({ type: MessageType.StreamItem, invocationId: "1", item: deep })).toThrow(
      InvalidArgumentError,
    );
  });
});

describe("decode", () => {
  test("members may come in any order, with white space", () => {
    expect(decode(' { "arguments" : [ 1 ] , "target" : "T" , "type" : 1 } \u001e')).toEqual([
      { arguments: [1], target: "T", type: 1 },
    ]);
  });

  test("unknown members are ignored", () => {
    expect(decode('{"type":6,"unknown":1}\u001e')).toMatchObject([{ type: 6 }]);
  });

  test("unknown types are skipped and logged", () => {
    const logger = { log: jest.fn() };
    expect(decode('{"type":6}\u001e{"type":77,"x":1}\u001e{"type":6}\u001e', logger)).toHaveLength(2);
    expect(logger.log).toHaveBeenCalledTimes(1);
    expect(logger.log).toHaveBeenCalledWith(LogLevel.Information, expect.stringContaining("unknown type"));
  });

  test.each([
    "",
    " ",
    "{",
    "}",
    "nul",
    "{'type':6}",
    "NaN",
    '{"type":6,"x":NaN}',
    '{"type":6,"x":-}',
    '{"type":6',
    '{"type":6}}',
    '{"type":6}{"type":6}',
    '"\t"',
  ])("%j is not JSON", (record) => {
    expect(() => decode(`${record}\u001e`)).toThrow(ProtocolError);
  });

  test.each(["null", "1", '"text"', "true", "[]", '[{"type":6}]', "{}", '{"type":"6"}', '{"Type":6}'])(
    "%s is no message",
    (record) => {
      expect(() => decode(`${record}\u001e`)).toThrow(ProtocolError);
    },
  );

  test("-0 is read as it came, and written as 0; a number beyond all is Infinity", () => {
    const [message] = decode('{"type":2,"invocationId":"1","item":[-0,1e400,-1e400]}\u001e');
    expect(message).toMatchObject({ item: [-0, Infinity, -Infinity] });
    expect(protocol.encode({ type: MessageType.StreamItem, invocationId: "1", item: -0 })).toContain('"item":0');
    expect(() => decode('{"type":8,"sequenceId":1e400}\u001e')).toThrow(ProtocolError);
    expect(decode('{"type":1e400}\u001e')).toEqual([]);
  });

  test("bytes that are not UTF-8 are no message", () => {
    for (const wrong of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]]) {
      const bytes = Buffer.concat([
        Buffer.from('{"type":7,"error":"'),
        Uint8Array.from(wrong),
        Buffer.from('"}\u001e'),
      ]);
      const decoder = protocol.createDecoder({ maximumMessageSize: 100, log: new Log(NullLogger.instance) });
      expect(() => decoder.decode(bytes, jest.fn())).toThrow(ProtocolError);
    }
  });

  test("a byte order mark is no part of a message", () => {
    expect(() => decode('\ufeff{"type":6}\u001e')).toThrow(ProtocolError);
  });

  test("what follows a message in its record, or nothing between two separators, is no message", () => {
    for (const text of ['{"type":6} x\u001e', '{"type":6}\u001e\u001e', '{"type":6}\0\u001e']) {
      expect(() => decode(text)).toThrow(ProtocolError);
    }
  });

  test("the last of two equal members counts, as everywhere in JSON", () => {
    expect(decode('{"type":1,"type":6}\u001e')).toEqual([{ type: 6 }]);
  });

  test("__proto__ and constructor are data", () => {
    const text =
      '{"type":1,"target":"__proto__","arguments":[{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}],' +
      '"__proto__":{"invocationId":"1","polluted":1},"headers":{"__proto__":"x"}}\u001e';
    const [message] = decode(text);
    expect(message).toMatchObject({ type: 1, target: "__proto__" });
    expect((message as { invocationId?: string }).invocationId).toBeUndefined();
    expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test("members that are only inherited do not count", () => {
    expect(() => decode('{"__proto__":{"type":6}}\u001e')).toThrow(ProtocolError);
  });

  test("deep nesting neither crashes nor hangs", () => {
    const depth = 100_000;
    const text = `{"type":2,"invocationId":"1","item":${"[".repeat(depth)}${"]".repeat(depth)}}\u001e`;
    try {
      expect(decode(text)).toHaveLength(1);
    } catch (error) {
      expect(error).toBeInstanceOf(ProtocolError); // an engine whose parser recurses
    }
  });

  test("the limit holds", () => {
    expect(decode('{"type":6}\u001e', NullLogger.instance, 11)).toHaveLength(1);
    expect(() => decode('{"type":6}\u001e', NullLogger.instance, 10)).toThrow(LimitError);
  });
});

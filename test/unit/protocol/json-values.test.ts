/** The application's own functions in the JSON encoding: they see values, each as if it stood alone, and never the messages around them. */
import fc from "fast-check";
import { ProtocolError } from "../../../src/errors/call-errors.js";
import type { JsonHubProtocolOptions } from "../../../src/index.js";
import { JsonHubProtocol } from "../../../src/protocol/json-hub-protocol.js";
import { MessageType, type HubMessage } from "../../../src/protocol/messages.js";
import { hubMessages } from "../../support/hub-messages.js";

type Reviver = NonNullable<JsonHubProtocolOptions["reviver"]>;
type Replacer = NonNullable<JsonHubProtocolOptions["replacer"]>;

const keepBigInts: Replacer = (_key, value) => (typeof value === "bigint" ? { $bigint: String(value) } : value);
const reviveBigInts: Reviver = (_key, value) =>
  typeof value === "object" && value !== null && "$bigint" in value ? BigInt(String(value.$bigint)) : value;

function decode(text: string, options: JsonHubProtocolOptions): HubMessage[] {
  return new JsonHubProtocol(options).parseMessages(text, null);
}

/** Everything a reviver is called with, and what it is called on. */
function recording(calls: unknown[][]): Reviver {
  return function (...args) {
    calls.push([structuredClone(this), ...structuredClone(args)]);
    return args[1];
  };
}

/** The calls that `JSON.parse` makes for these texts, one after the other. */
function callsFor(...texts: string[]): unknown[][] {
  const calls: unknown[][] = [];
  for (const text of texts) JSON.parse(text, recording(calls));
  return calls;
}

describe("options", () => {
  test.each([undefined, null, {}, { reviver: undefined, replacer: null }])("%j change nothing", (options) => {
    const plain = new JsonHubProtocol();
    const protocol = new JsonHubProtocol(options as JsonHubProtocolOptions);
    for (const [, message] of hubMessages) {
      expect(protocol.encode(message)).toBe(plain.encode(message));
      expect(protocol.parseMessages(plain.encode(message), null)).toEqual(
        plain.parseMessages(plain.encode(message), null),
      );
    }
  });

  test("functions that change nothing leave the text as it is", () => {
    const replacer: Replacer = (_key, value) => value;
    for (const [, message] of hubMessages) {
      expect(new JsonHubProtocol({ replacer }).encode(message)).toBe(new JsonHubProtocol().encode(message));
    }
  });
});

describe("replacer", () => {
  const message = (value: unknown): HubMessage[] => [
    { type: MessageType.Invocation, invocationId: "1", target: "T", arguments: [value, 1] },
    { type: MessageType.StreamInvocation, invocationId: "1", target: "T", arguments: [value] },
    { type: MessageType.StreamItem, invocationId: "1", item: value },
    { type: MessageType.Completion, invocationId: "1", result: value },
  ];

  test("writes what JSON lacks, in every message that carries values", () => {
    const protocol = new JsonHubProtocol({ replacer: keepBigInts });
    for (const each of message({ list: [2n ** 64n] })) {
      expect(protocol.encode(each)).toContain('{"list":[{"$bigint":"18446744073709551616"}]}');
    }
  });

  test("is called as JSON.stringify calls it, for each value alone", () => {
    const calls: unknown[][] = [];
    const replacer: Replacer = function (key, value) {
      calls.push([this, key, value]);
      return value;
    };
    const first = { a: [1] };
    new JsonHubProtocol({ replacer }).encode({
      type: MessageType.Invocation,
      headers: { h: "v" },
      invocationId: "1",
      target: "T",
      arguments: [first, "x"],
      streamIds: ["2"],
    });
    expect(calls).toEqual([
      [{ "": first }, "", first],
      [first, "a", [1]],
      [[1], "0", 1],
      [{ "": "x" }, "", "x"],
    ]);
  });

  test("finds a Date in what holds it, since toJSON comes first", () => {
    const replacer: Replacer = function (key, value) {
      const held = this[key];
      return held instanceof Date ? { $date: held.getTime() } : value;
    };
    for (const each of message(new Date(5))) {
      expect(new JsonHubProtocol({ replacer }).encode(each)).toContain('{"$date":5}');
    }
  });

  test("never gets messages without values, nor the rest of those that have some", () => {
    const replacer = jest.fn(() => "replaced");
    const protocol = new JsonHubProtocol({ replacer });
    const plain = new JsonHubProtocol();
    const without: HubMessage[] = [
      { type: MessageType.Invocation, headers: { h: "v" }, target: "T", arguments: [], streamIds: ["1"] },
      { type: MessageType.Completion, invocationId: "1" },
      { type: MessageType.Completion, invocationId: "1", result: undefined },
      { type: MessageType.Completion, invocationId: "1", error: "text" },
      { type: MessageType.CancelInvocation, headers: { h: "v" }, invocationId: "1" },
      { type: MessageType.Ping },
      { type: MessageType.Close, error: "text", allowReconnect: true },
      { type: MessageType.Ack, sequenceId: 1 },
      { type: MessageType.Sequence, sequenceId: 1 },
    ];
    for (const each of without) expect(protocol.encode(each)).toBe(plain.encode(each));
    expect(replacer).not.toHaveBeenCalled();
  });

  test("may leave values out: an argument and an item become null, a result is none", () => {
    const protocol = new JsonHubProtocol({ replacer: () => undefined });
    expect(message(1).map((each) => protocol.encode(each))).toEqual([
      '{"type":1,"target":"T","arguments":[null,null],"invocationId":"1"}\u001e',
      '{"type":4,"target":"T","arguments":[null],"invocationId":"1"}\u001e',
      '{"type":2,"invocationId":"1","item":null}\u001e',
      '{"type":3,"invocationId":"1"}\u001e',
    ]);
  });

  test("what it throws is the cause of an error that says not-serializable", () => {
    const mine = new Error("mine");
    const replacer = () => {
      throw mine;
    };
    for (const each of message(1)) {
      expect(() => new JsonHubProtocol({ replacer }).encode(each)).toThrow(
        expect.objectContaining({ code: "not-serializable", cause: mine }),
      );
    }
  });
});

describe("reviver", () => {
  test("makes of values what they stand for, in every message that carries some", () => {
    const text =
      '{"type":1,"target":"T","arguments":[{"$bigint":"1"},[{"$bigint":"2"}]]}\u001e' +
      '{"type":4,"invocationId":"1","target":"T","arguments":[{"$bigint":"3"}]}\u001e' +
      '{"type":2,"invocationId":"1","item":{"$bigint":"4"}}\u001e' +
      '{"type":3,"invocationId":"1","result":{"a":{"$bigint":"5"}}}\u001e';
    expect(decode(text, { reviver: reviveBigInts })).toEqual([
      { type: 1, target: "T", arguments: [1n, [2n]] },
      { type: 4, invocationId: "1", target: "T", arguments: [3n] },
      { type: 2, invocationId: "1", item: 4n },
      { type: 3, invocationId: "1", result: { a: 5n } },
    ]);
  });

  test.each([
    ["plain", '{"type":1,"target":"T","arguments":[{"a":[1,"x"]},2]}', ['{"a":[1,"x"]}', "2"]],
    ["no values", '{"type":1,"target":"T","arguments":[]}', []],
    ["white space", ' { "type" : 1 , "arguments" : [ 1 , [ ] ] , "target" : "T" } ', ["1", "[ ]"]],
    ["no values but white space", '{"type":1,"target":"T","arguments":[ ]}', []],
    [
      "brackets, quotes and commas in texts",
      '{"type":1,"target":"]},\\"","arguments":["a,]\\"}[","\\\\",{"k:\\\\\\"}":"{"}]}',
      ['"a,]\\"}["', '"\\\\"', '{"k:\\\\\\"}":"{"}'],
    ],
    ["the values in front", '{"arguments":[[[1]],{}],"target":"T","type":1}', ["[[1]]", "{}"]],
    ["a name with escapes", '{"type":1,"target":"T","\\u0061rguments":[1]}', ["1"]],
    ["two members of a name: the last", '{"type":1,"arguments":1,"target":"T","arguments":[2,3]}', ["2", "3"]],
    [
      "unknown members and headers",
      '{"type":1,"x":{"arguments":[0]},"headers":{"arguments":"0"},"item":7,"result":[8],"target":"T","arguments":[1]}',
      ["1"],
    ],
    [
      "members called __proto__",
      '{"type":1,"target":"T","__proto__":1,"arguments":[{"__proto__":2}]}',
      ['{"__proto__":2}'],
    ],
    ["an item", '{"type":2,"invocationId":"1","item":{"a":null},"arguments":[0]}', ['{"a":null}']],
    ["an item that is null", '{"type":2,"item":null,"invocationId":"1"}', ["null"]],
    ["a result", '{"type":3,"invocationId":"1","error":null,"result":-0}', ["-0"]],
    ["no result", '{"type":3,"invocationId":"1"}', []],
    ["an error", '{"type":3,"invocationId":"1","error":"text"}', []],
    ["a cancellation", '{"type":5,"invocationId":"1","item":1,"arguments":[1]}', []],
    ["a ping", '{"type":6,"result":1}', []],
    ["a close", '{"type":7,"error":"text"}', []],
    ["an ack", '{"type":8,"sequenceId":1}', []],
    ["an unknown type", '{"type":77,"arguments":[1],"item":1,"result":1}', []],
  ])("is called as JSON.parse calls it, for each value alone: %s", (_what, record, texts) => {
    const calls: unknown[][] = [];
    const revived = decode(`${record}\u001e`, { reviver: recording(calls) });
    expect(calls).toEqual(callsFor(...texts));
    expect(revived).toEqual(decode(`${record}\u001e`, {}));
  });

  test("whatever the values are, wherever they stand, and with any white space", () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    const unknown = fc.dictionary(fc.string({ maxLength: 5 }), value, { maxKeys: 3 });
    const space = fc.constantFrom("", " ", "\n\t");
    fc.assert(
      fc.property(fc.array(value, { maxLength: 4 }), unknown, unknown, space, (values, before, after, indent) => {
        const message = { ...before, type: 1, target: "T", headers: {}, streamIds: ["1"], arguments: values };
        const rest = Object.entries(after).filter(([name]) => !(name in message));
        const record = JSON.stringify({ x: before, ...message, ...Object.fromEntries(rest) }, null, indent);
        const calls: unknown[][] = [];
        decode(`${record}\u001e`, { reviver: recording(calls) });
        expect(calls).toEqual(callsFor(...values.map((each) => JSON.stringify(each, null, indent))));
      }),
      { numRuns: 500, seed: 4 },
    );
  });

  test("any cut of the stream gives the same", () => {
    const protocol = new JsonHubProtocol({ reviver: reviveBigInts });
    const text = '{"type":2,"invocationId":"1","item":["\\"}",{"$bigint":"7"}]}\u001e';
    const log = { write: jest.fn() } as never;
    for (let cut = 0; cut <= text.length; cut++) {
      const items: unknown[] = [];
      const decoder = protocol.createDecoder({ maximumMessageSize: 100, log });
      for (const part of [text.slice(0, cut), text.slice(cut)]) {
        decoder.decode(part, (message) => items.push((message as { item: unknown }).item));
      }
      expect(items).toEqual([['"}', 7n]]);
    }
  });

  test("members that it makes undefined are removed; a value as a whole becomes undefined", () => {
    const reviver: Reviver = (_key, value) => (value === "gone" ? undefined : value);
    expect(decode('{"type":1,"target":"T","arguments":["gone",{"a":"gone","b":1}]}\u001e', { reviver })).toEqual([
      { type: 1, target: "T", arguments: [undefined, { b: 1 }] },
    ]);
    const [item] = decode('{"type":2,"invocationId":"1","item":"gone"}\u001e', { reviver });
    expect(item).toEqual({ type: 2, invocationId: "1", item: undefined });
  });

  test("__proto__ stays data", () => {
    const [message] = decode('{"type":2,"invocationId":"1","item":{"__proto__":{"polluted":1}}}\u001e', {
      reviver: (_key, value) => value,
    });
    const { item } = message as { item: object };
    expect(Object.getPrototypeOf(item)).toBe(Object.prototype);
    expect(Object.keys(item)).toEqual(["__proto__"]);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test("a wrong message is refused before it is called", () => {
    const reviver = jest.fn();
    expect(() => decode('{"type":1,"arguments":[1]}\u001e', { reviver })).toThrow(ProtocolError);
    expect(() => decode('{"type":1,"target":"T","arguments":[1]\u001e', { reviver })).toThrow(ProtocolError);
    expect(reviver).not.toHaveBeenCalled();
  });

  test("what it throws is the cause of a ProtocolError", () => {
    const mine = new Error("mine");
    const reviver = () => {
      throw mine;
    };
    expect(() => decode('{"type":2,"invocationId":"1","item":1}\u001e', { reviver })).toThrow(ProtocolError);
    expect(() => decode('{"type":2,"invocationId":"1","item":1}\u001e', { reviver })).toThrow(
      expect.objectContaining({ cause: mine, message: "The reviver failed: mine" }),
    );
  });

  test("nesting deeper than the stack is a ProtocolError", () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    const reviver: Reviver = (_key, value) => value;
    expect(() => decode(`{"type":2,"invocationId":"1","item":${deep}}\u001e`, { reviver })).toThrow(ProtocolError);
  });

  test("a large message takes time in proportion", () => {
    const reviver: Reviver = (_key, value) => value;
    const many = `{"type":1,"target":"T","arguments":[${"1,".repeat(300_000)}1]${',"x":0'.repeat(50_000)}}\u001e`;
    const started = performance.now();
    expect(decode(many, { reviver })).toHaveLength(1);
    expect(
      decode(`{"type":2,"invocationId":"1","item":"${"\\\\".repeat(1_000_000)}"}\u001e`, { reviver }),
    ).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

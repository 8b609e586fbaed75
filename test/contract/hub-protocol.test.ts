/** What every encoding of hub messages does alike, run over each of them. A new encoding is one more line in the list. */
import { InvalidArgumentError, LimitError, ProtocolError } from "../../src/errors/call-errors.js";
import { Log, NullLogger } from "../../src/logging/logger.js";
import type { Chunk, Encoded, HubProtocol } from "../../src/protocol/hub-protocol.js";
import { JsonHubProtocol } from "../../src/protocol/json-hub-protocol.js";
import { MessageType, TransferFormat, type HubMessage } from "../../src/protocol/messages.js";
import { MessagePackHubProtocol } from "../../src/protocol/msgpack-hub-protocol.js";
import { hubMessages, withoutUndefined } from "../support/hub-messages.js";

const keep = (_key: string, value: unknown) => value;

const protocols: readonly (readonly [name: string, protocol: HubProtocol])[] = [
  ["JSON", new JsonHubProtocol()],
  ["JSON with functions", new JsonHubProtocol({ replacer: keep, reviver: keep })],
  ["MessagePack", new MessagePackHubProtocol()],
  [
    "MessagePack with options",
    new MessagePackHubProtocol({
      forceIntegerToFloat: true,
      propertyNames: "camelCase",
      dates: "string",
    }),
  ],
];

const log = new Log(NullLogger.instance);

describe.each(protocols)("%s", (_name, protocol) => {
  function decode(chunks: readonly Chunk[], maximumMessageSize = Infinity): object[] {
    const decoder = protocol.createDecoder({ maximumMessageSize, log });
    const messages: object[] = [];
    for (const chunk of chunks) decoder.decode(chunk, (message) => messages.push(withoutUndefined(message)));
    return messages;
  }

  const encoded = hubMessages.map(([, message]) => protocol.encode(message));
  const decoded = hubMessages.map(([, message]) => withoutUndefined(message));

  test("has a name, a version and a format", () => {
    expect(protocol.name).toMatch(/^[a-z]+$/);
    expect(protocol.version).toBe(2);
    expect([TransferFormat.Text, TransferFormat.Binary]).toContain(protocol.transferFormat);
  });

  test("encodes to what its format says", () => {
    for (const data of encoded) {
      expect(typeof data === "string").toBe(protocol.transferFormat === TransferFormat.Text);
    }
  });

  test.each(hubMessages)("%s is read as it was written", (_what, message) => {
    expect(decode([protocol.encode(message)])).toEqual([withoutUndefined(message)]);
  });

  test.each(hubMessages)("%s: members that are undefined count as absent", (_what, message) => {
    const members = { headers: undefined, streamIds: undefined, error: undefined, result: undefined, ...message };
    expect(decode([protocol.encode(members)])).toEqual([withoutUndefined(message)]);
  });

  test("undefined travels as null", () => {
    const messages: HubMessage[] = [
      { type: MessageType.Invocation, target: "T", arguments: [undefined, 1] },
      { type: MessageType.StreamItem, invocationId: "1", item: undefined },
      { type: MessageType.Completion, invocationId: "1", result: undefined },
    ];
    expect(decode(messages.map((message) => protocol.encode(message)))).toEqual([
      { type: MessageType.Invocation, target: "T", arguments: [null, 1] },
      { type: MessageType.StreamItem, invocationId: "1", item: null },
      { type: MessageType.Completion, invocationId: "1" },
    ]);
  });

  test("many messages in one chunk", () => {
    expect(decode([join(encoded)])).toEqual(decoded);
  });

  test("the same stream as bytes, and as an ArrayBuffer", () => {
    const bytes = toBytes(join(encoded));
    expect(decode([bytes])).toEqual(decoded);
    expect(decode([new Uint8Array(bytes).buffer])).toEqual(decoded);
    expect(decode([Buffer.from(bytes)])).toEqual(decoded);
  });

  test("bytes cut in two at every place", () => {
    const short = hubMessages.filter((_, index) => (encoded[index]?.length ?? 0) < 500);
    const bytes = toBytes(join(short.map(([, message]) => protocol.encode(message))));
    const whole = decode([bytes]);
    expect(whole).toEqual(short.map(([, message]) => withoutUndefined(message)));
    const expected = JSON.stringify(whole);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(JSON.stringify(decode([bytes.subarray(0, cut), bytes.subarray(cut)]))).toBe(expected);
    }
  });

  test("byte by byte", () => {
    const bytes = toBytes(join(encoded));
    const decoder = protocol.createDecoder({ maximumMessageSize: Infinity, log });
    const messages: object[] = [];
    for (let i = 0; i < bytes.length; i++) {
      decoder.decode(bytes.subarray(i, i + 1), (message) => messages.push(withoutUndefined(message)));
    }
    expect(messages).toEqual(decoded);
  });

  test("decoders of two connections do not mix", () => {
    const one = protocol.createDecoder({ maximumMessageSize: Infinity, log });
    const two = protocol.createDecoder({ maximumMessageSize: Infinity, log });
    const data = protocol.encode({ type: MessageType.CancelInvocation, invocationId: "1" });
    const messages: string[] = [];
    one.decode(data.slice(0, 4), () => messages.push("one"));
    two.decode(data, () => messages.push("two"));
    one.decode(data.slice(4), () => messages.push("one"));
    expect(messages).toEqual(["two", "one"]);
  });

  test("a chunk may be reused by the transport after the call", () => {
    const item = new Uint8Array(
      toBytes(protocol.encode({ type: MessageType.StreamItem, invocationId: "1", item: "ab" })),
    );
    const decoder = protocol.createDecoder({ maximumMessageSize: Infinity, log });
    const messages: object[] = [];
    const half = item.length >> 1;
    for (const part of [item.slice(0, half), item.slice(half)]) {
      decoder.decode(part, (message) => messages.push(message));
      part.fill(0);
    }
    expect(messages.map((message) => (message as { item: unknown }).item)).toEqual(["ab"]);
  });

  test("the size limit is exact, in bytes, framing included", () => {
    for (const data of encoded) {
      const bytes = toBytes(data);
      for (const chunks of [
        [data],
        [bytes],
        [bytes.subarray(0, bytes.length >> 1), bytes.subarray(bytes.length >> 1)],
      ]) {
        expect(decode(chunks, bytes.length)).toHaveLength(1);
        expect(() => decode(chunks, bytes.length - 1)).toThrow(LimitError);
      }
    }
  });

  test("messages in front of a broken one are delivered", () => {
    const decoder = protocol.createDecoder({ maximumMessageSize: Infinity, log });
    const deliver = jest.fn();
    const ping = protocol.encode({ type: MessageType.Ping });
    const broken = protocol.encode({ type: MessageType.CancelInvocation, invocationId: "" });
    expect(() => decoder.decode(join([ping, broken, ping]), deliver)).toThrow(ProtocolError);
    expect(deliver).toHaveBeenCalledTimes(1);
  });

  test("what a receiver throws passes through", () => {
    const decoder = protocol.createDecoder({ maximumMessageSize: Infinity, log });
    const error = new RangeError("mine");
    const throwing = () => {
      throw error;
    };
    expect(() => decoder.decode(protocol.encode({ type: MessageType.Ping }), throwing)).toThrow(error);
  });

  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  const throwing = {
    get member(): unknown {
      throw new Error("no member");
    },
  };

  test.each([
    ["a cyclic value", cyclic],
    ["a value whose getter throws", throwing],
  ])("%s cannot be encoded, in any message", (_what, value) => {
    const messages: HubMessage[] = [
      { type: MessageType.Invocation, target: "T", arguments: [value] },
      { type: MessageType.StreamInvocation, invocationId: "1", target: "T", arguments: [value] },
      { type: MessageType.StreamItem, invocationId: "1", item: value },
      { type: MessageType.Completion, invocationId: "1", result: value },
    ];
    for (const message of messages) {
      const encode = () => protocol.encode(message);
      expect(encode).toThrow(InvalidArgumentError);
      expect(encode).toThrow(expect.objectContaining({ code: "not-serializable", cause: expect.anything() }));
    }
    expect(decode([protocol.encode({ type: MessageType.Ping })])).toEqual([{ type: MessageType.Ping }]);
  });
});

function toBytes(data: Encoded): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(data) : data;
}

function join(parts: readonly Encoded[]): Encoded {
  if (parts.every((part) => typeof part === "string")) return parts.join("");
  return new Uint8Array(Buffer.concat(parts.map(toBytes)));
}

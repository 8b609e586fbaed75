/** The MessagePack decoder against whatever a peer may send: it delivers what is right, names what is wrong, and never does anything else. */
import { Encoder } from "@msgpack/msgpack";
import fc from "fast-check";
import { LimitError, ProtocolError } from "../../src/errors/call-errors.js";
import { Log, NullLogger } from "../../src/logging/logger.js";
import type { Chunk } from "../../src/protocol/hub-protocol.js";
import { MessageType, type HubMessage } from "../../src/protocol/messages.js";
import { MessagePackHubProtocol } from "../../src/protocol/msgpack-hub-protocol.js";
import { withoutUndefined } from "../support/hub-messages.js";
import { cut, cuts, expectCleanPrototypes, expectSame, hostileText, run } from "../support/fuzz.js";

jest.setTimeout(60_000);

const protocol = new MessagePackHubProtocol();
const codec = new Encoder();
const log = new Log(NullLogger.instance);

interface Outcome {
  readonly messages: HubMessage[];
  readonly error: "ProtocolError" | "LimitError" | undefined;
}

function decode(chunks: readonly Chunk[], maximumMessageSize = Infinity): Outcome {
  const decoder = protocol.createDecoder({ maximumMessageSize, log });
  const messages: HubMessage[] = [];
  try {
    for (const chunk of chunks) decoder.decode(chunk, (message) => messages.push(message));
    return { messages, error: undefined };
  } catch (error) {
    if (error instanceof LimitError) return { messages, error: "LimitError" };
    if (error instanceof ProtocolError) return { messages, error: "ProtocolError" };
    throw error;
  }
}

/** The same input in one chunk, as a Buffer, as an ArrayBuffer, and cut: what comes out must be the same. */
function decodeEveryWay(bytes: Uint8Array, lengths: readonly number[], maximumMessageSize?: number): Outcome {
  const whole = decode([bytes], maximumMessageSize);
  expectSame(decode(cut(bytes, lengths), maximumMessageSize), whole);
  expectSame(decode([Buffer.from(bytes)], maximumMessageSize), whole);
  expectSame(decode([new Uint8Array(bytes).buffer], maximumMessageSize), whole);
  return whole;
}

// What the rest of the code may rely on, written down a second time and differently.
const isText = (value: unknown) => typeof value === "string";
const isId = (value: unknown) => isText(value) && value !== "";
const optional = (check: (value: unknown) => boolean) => (value: unknown) => value === undefined || check(value);
const isListOf = (check: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.length > 0 && value.every(check);
const isHeaders = optional(
  (value) => Object.getPrototypeOf(value) === Object.prototype && Object.values(value as object).every(isText),
);
const isPresent = (value: unknown) => value !== undefined;
const call = { target: isId, arguments: Array.isArray, streamIds: optional(isListOf(isId)), headers: isHeaders };
const shapes: Readonly<Record<number, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  [MessageType.Invocation]: { ...call, invocationId: optional(isId) },
  [MessageType.StreamItem]: { invocationId: isId, item: isPresent, headers: isHeaders },
  [MessageType.Completion]: { invocationId: isId, error: optional(isText), result: () => true, headers: isHeaders },
  [MessageType.StreamInvocation]: { ...call, invocationId: isId },
  [MessageType.CancelInvocation]: { invocationId: isId, headers: isHeaders },
  [MessageType.Ping]: {},
  [MessageType.Close]: { error: optional(isText), allowReconnect: optional((value) => typeof value === "boolean") },
  [MessageType.Ack]: { sequenceId: Number.isSafeInteger },
  [MessageType.Sequence]: { sequenceId: Number.isSafeInteger },
};

/** Whether this is one of the messages, with nothing else in it. */
function isMessage(value: HubMessage): boolean {
  const { type, ...members } = value;
  const shape = shapes[type];
  if (shape === undefined || Object.keys(members).some((name) => !(name in shape))) return false;
  const values = new Map(Object.entries(members));
  if (!Object.entries(shape).every(([name, check]) => check(values.get(name)))) return false;
  return values.get("error") === undefined || values.get("result") === undefined;
}

const name = hostileText.filter((text) => text !== "__proto__");
const leaf = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, 1, -1, 127, 128, -33, 65_536, 2 ** 32, -(2 ** 40), 1.5, 1e308, ""),
  hostileText,
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  fc.uint8Array({ maxLength: 20 }),
  fc.date({ noInvalidDate: true }),
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: leaf },
  { weight: 1, arbitrary: fc.array(leaf, { maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.tuple(name, fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }))), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries)),
  },
);

const id = hostileText.filter((text) => text !== "");
const headers = fc.option(
  fc.array(fc.tuple(name, hostileText), { minLength: 1, maxLength: 2 }).map((entries) => Object.fromEntries(entries)),
  { nil: undefined },
);
const args = fc.array(value, { maxLength: 3 });
const streamIds = fc.option(fc.array(id, { minLength: 1, maxLength: 2 }), { nil: undefined });

const message: fc.Arbitrary<HubMessage> = fc.oneof(
  fc.record({
    type: fc.constant(MessageType.Invocation as const),
    headers,
    invocationId: fc.option(id, { nil: undefined }),
    target: id,
    arguments: args,
    streamIds,
  }),
  fc.record({
    type: fc.constant(MessageType.StreamInvocation as const),
    headers,
    invocationId: id,
    target: id,
    arguments: args,
    streamIds,
  }),
  fc.record({ type: fc.constant(MessageType.StreamItem as const), headers, invocationId: id, item: value }),
  fc.record({ type: fc.constant(MessageType.Completion as const), headers, invocationId: id, result: value }),
  fc.record({ type: fc.constant(MessageType.Completion as const), headers, invocationId: id, error: hostileText }),
  fc.record({ type: fc.constant(MessageType.CancelInvocation as const), headers, invocationId: id }),
  fc.constant({ type: MessageType.Ping as const }),
  fc.record({
    type: fc.constant(MessageType.Close as const),
    error: fc.option(hostileText, { nil: undefined }),
    allowReconnect: fc.option(fc.boolean(), { nil: undefined }),
  }),
  fc.record({ type: fc.constantFrom(MessageType.Ack as const), sequenceId: fc.maxSafeNat() }),
  fc.record({ type: fc.constantFrom(MessageType.Sequence as const), sequenceId: fc.maxSafeNat() }),
);

const messages = fc.array(message, { minLength: 1, maxLength: 4 });

function encode(sent: readonly HubMessage[]): Uint8Array {
  return new Uint8Array(Buffer.concat(sent.map((each) => protocol.encode(each))));
}

/** A frame around an array, written by the codec that the decoder has nothing of. */
function frame(items: unknown): Uint8Array {
  const body = codec.encode(items);
  const prefix = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
  return Uint8Array.of(...prefix, ...body);
}

afterEach(expectCleanPrototypes);

test("valid messages come out as they went in, however they are cut", () => {
  fc.assert(
    fc.property(messages, cuts, (sent, lengths) => {
      const outcome = decodeEveryWay(encode(sent), lengths);
      expect(outcome.error).toBeUndefined();
      expect(outcome.messages.map(withoutUndefined)).toEqual(sent.map(withoutUndefined));
    }),
    run(0.15),
  );
});

test("any array of any values: a message, a named error or nothing", () => {
  const type = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -1, max: 12 }) }, { weight: 1, arbitrary: leaf });
  const part = fc.oneof(value, id, fc.constant({}), fc.constant(null), fc.constantFrom<unknown>([], ["4"], 1, 2, 3));
  fc.assert(
    fc.property(type, fc.array(part, { maxLength: 7 }), cuts, (kind, parts, lengths) => {
      const outcome = decodeEveryWay(frame([kind, ...parts]), lengths);
      const isUnknown = typeof kind === "number" && Number.isInteger(kind) && shapes[kind] === undefined;
      if (isUnknown && Math.abs(kind) < 2 ** 32) expectSame(outcome, { messages: [], error: undefined });
      expect(outcome.messages.filter((each) => !isMessage(each))).toEqual([]);
      expect(outcome.error === "LimitError").toBe(false);
    }),
    run(0.25),
  );
});

test("spoilt and grown messages: only messages and named errors, the same however they are cut", () => {
  const edit = fc.record({
    kind: fc.constantFrom("replace", "insert", "delete", "repeat", "truncate"),
    at: fc.nat(),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 6 }),
      // Heads that announce a lot.
      fc.constantFrom(
        ...[
          [0xdd, 1, 255, 255, 255],
          [0xdd, 255, 255, 255, 255],
          [0xdf, 255, 255, 255, 255],
          [0xdc, 255, 255],
        ].map((head) => Uint8Array.from(head)),
        ...[
          [0xdb, 255, 255, 255, 255],
          [0xc6, 127, 255, 255, 255],
          [0xc9, 0, 0, 1, 0, 255],
        ].map((head) => Uint8Array.from(head)),
      ),
    ),
  });
  fc.assert(
    fc.property(
      messages,
      fc.array(edit, { minLength: 1, maxLength: 4 }),
      cuts,
      fc.integer({ min: 1, max: 400 }),
      (sent, edits, lengths, limit) => {
        let bytes = [...encode(sent)];
        for (const { kind, at, bytes: inserted } of edits) {
          const position = at % (bytes.length + 1);
          if (kind === "truncate") bytes = bytes.slice(0, position);
          else if (kind === "delete") bytes.splice(position, inserted.length);
          else if (kind === "insert") bytes.splice(position, 0, ...inserted);
          else if (kind === "repeat") bytes.splice(position, 0, ...bytes.slice(position, position + 40));
          else bytes.splice(position, inserted.length, ...inserted);
        }
        for (const size of [Infinity, limit]) {
          const outcome = decodeEveryWay(Uint8Array.from(bytes), lengths, size);
          expectSame(outcome.messages.filter(isMessage).length, outcome.messages.length);
        }
      },
    ),
    run(0.4),
  );
});

test("garbage, with a length in front that fits: only messages and named errors", () => {
  const start = fc.constantFrom([], [0x96, 1, 0x80, 0xc0, 0xa1, 0x54], [0x94, 2, 0x80, 0xa1, 0x39], [0x95, 3, 0x80]);
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 100 }), cuts, (known, garbage, lengths) => {
      const body = [...known, ...garbage];
      const outcome = decodeEveryWay(Uint8Array.of(body.length, ...body), lengths);
      expectSame(outcome.messages.filter(isMessage).length, outcome.messages.length);
    }),
    run(0.2),
  );
});

test("large and deep input takes time and memory in proportion", () => {
  const started = performance.now();
  const before = process.memoryUsage().rss;
  const length = [0x80 | (1_000_000 & 0x7f), 0x80 | ((1_000_000 >> 7) & 0x7f), 1_000_000 >> 14];
  const around = [0x94, 2, 0x80, 0xa1, 0x39];
  for (const pattern of [[0x91], [0x81, 0xa0], [0xdd, 1, 255, 255, 255], [0xc0], [0xdc, 255, 255], [0xc1], [0xa0]]) {
    const bytes = new Uint8Array(length.length + 1_000_000);
    bytes.set([...length, ...around]);
    for (let i = length.length + around.length; i < bytes.length; i++) bytes[i] = pattern[i % pattern.length] ?? 0;
    decode([bytes]);
    decode(cut(bytes, [1_000]));
    decode(cut(bytes, [7]), 2_000_000);
  }
  const pings = new Uint8Array(300_000);
  for (let i = 0; i < pings.length; i += 3) pings.set([2, 0x91, 6], i);
  expect(decode([pings]).messages).toHaveLength(100_000);
  expect(decode(cut(pings, [7])).messages).toHaveLength(100_000);
  expect(performance.now() - started).toBeLessThan(20_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(500 * 1024 * 1024);
});

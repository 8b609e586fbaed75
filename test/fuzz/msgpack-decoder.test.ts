/** The MessagePack decoder against whatever a peer may send: it delivers what is right, names what is wrong, and never does anything else. */
import { Decoder, Encoder } from "@msgpack/msgpack";
import fc from "fast-check";
import type { Chunk } from "../../src/protocol/hub-protocol.js";
import { MessageType, type HubMessage } from "../../src/protocol/messages.js";
import { MessagePackHubProtocol } from "../../src/protocol/msgpack-hub-protocol.js";
import { withoutUndefined } from "../support/hub-messages.js";
import {
  cut,
  cuts,
  decodeWith,
  expectCleanPrototypes,
  expectSame,
  hostileText,
  isId,
  isListOf,
  isText,
  optional,
  run,
  several,
  validMessage,
  withinLimit,
  type Outcome,
} from "../support/fuzz.js";

jest.setTimeout(120_000);

const protocol = new MessagePackHubProtocol();
const codec = new Encoder();
const decoder = new Decoder();

const decode = (chunks: readonly Chunk[], maximumMessageSize?: number) =>
  decodeWith(protocol, chunks, maximumMessageSize);

/** The same input in one chunk, as a Buffer, as an ArrayBuffer, and cut: what comes out must be the same. */
function decodeEveryWay(bytes: Uint8Array, lengths: readonly number[], maximumMessageSize?: number): Outcome {
  const whole = decode([bytes], maximumMessageSize);
  expectSame(decode(cut(bytes, lengths), maximumMessageSize), whole);
  expectSame(decode([Buffer.from(bytes)], maximumMessageSize), whole);
  expectSame(decode([new Uint8Array(bytes).buffer], maximumMessageSize), whole);
  return whole;
}

const isStreamIds = optional((value) => isListOf(isId)(value) && (value as unknown[]).length > 0);
const isHeaders = optional(
  (value) => Object.getPrototypeOf(value) === Object.prototype && Object.values(value as object).every(isText),
);
const isPresent = (value: unknown) => value !== undefined;
const call = { target: isId, arguments: Array.isArray, streamIds: isStreamIds, headers: isHeaders };
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

const messages = several(validMessage({ value, name, emptyHeaders: false }));

function encode(sent: readonly HubMessage[]): Uint8Array {
  return new Uint8Array(Buffer.concat(sent.map((each) => protocol.encode(each))));
}

/** A frame around an array, written by the codec that the decoder has nothing of. */
function frame(items: unknown): Uint8Array {
  const body = codec.encode(items);
  const prefix = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
  return Uint8Array.of(...prefix, ...body);
}

/** The items of a frame. */
function bodyOf(data: Uint8Array): unknown[] {
  const start = data.findIndex((byte) => byte < 0x80) + 1;
  return decoder.decode(data.subarray(start)) as unknown[];
}

afterEach(expectCleanPrototypes);

test("valid messages come out as they went in, however they are cut", () => {
  fc.assert(
    fc.property(messages, cuts, (sent, lengths) => {
      const outcome = decodeEveryWay(encode(sent), lengths);
      expect(outcome.error).toBeUndefined();
      expect(outcome.messages.map(withoutUndefined)).toEqual(sent.map(withoutUndefined));
    }),
    run(0.1),
  );
});

test("the size limit holds exactly, however they are cut", () => {
  fc.assert(
    fc.property(messages, cuts, fc.integer({ min: 1, max: 150 }), (sent, lengths, limit) => {
      const frames = sent.map((each) => protocol.encode(each));
      const outcome = decodeEveryWay(encode(sent), lengths, limit);
      const expected = withinLimit(
        sent,
        frames.map((each) => each.length),
        limit,
      );
      expect(outcome.error).toBe(expected.error);
      expectSame(outcome.messages.map(withoutUndefined), expected.messages.map(withoutUndefined));
    }),
    run(0.05),
  );
});

// What a later version adds stands behind what this one knows. (Behind a Close that ends early it would be its next member.)
test("messages that have grown at their end are read as before", () => {
  const more = fc.array(value, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(messages, more, cuts, (sent, added, lengths) => {
      const whole = sent.filter((each) => each.type !== MessageType.Close || each.allowReconnect !== undefined);
      const grown = whole.map((each) => frame([...bodyOf(protocol.encode(each)), ...added]));
      const outcome = decodeEveryWay(new Uint8Array(Buffer.concat(grown)), lengths);
      expect(outcome.error).toBeUndefined();
      expect(outcome.messages.map(withoutUndefined)).toEqual(whole.map(withoutUndefined));
    }),
    run(0.05),
  );
});

test("any array of any values: a message, a named error or nothing", () => {
  const type = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -1, max: 12 }) }, { weight: 1, arbitrary: leaf });
  const part = fc.oneof(
    value,
    hostileText,
    fc.constant({}),
    fc.constant(null),
    fc.constantFrom<unknown>([], ["4"], 1, 2, 3),
  );
  fc.assert(
    fc.property(type, fc.array(part, { maxLength: 7 }), cuts, (kind, parts, lengths) => {
      const outcome = decodeEveryWay(frame([kind, ...parts]), lengths);
      const isUnknown = typeof kind === "number" && Number.isInteger(kind) && shapes[kind] === undefined;
      if (isUnknown && Math.abs(kind) < 2 ** 32) expectSame(outcome, { messages: [], error: undefined });
      expect(outcome.messages.filter((each) => !isMessage(each))).toEqual([]);
      expect(outcome.error === "LimitError").toBe(false);
    }),
    run(0.2),
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

/** The JSON decoder against whatever a peer may send: it delivers what is right, names what is wrong, and never does anything else. */
import fc from "fast-check";
import type { Chunk } from "../../src/protocol/hub-protocol.js";
import { JsonHubProtocol } from "../../src/protocol/json-hub-protocol.js";
import { MessageType, type HubMessage } from "../../src/protocol/messages.js";
import { withoutUndefined } from "../support/hub-messages.js";
import {
  cut,
  cuts,
  decodeWith,
  edits,
  expectCleanPrototypes,
  expectSame,
  hostileText,
  hostileValue,
  isId,
  isListOf,
  isText,
  optional,
  run,
  several,
  spoil,
  validMessage,
  withinLimit,
  type Outcome,
} from "../support/fuzz.js";

jest.setTimeout(120_000);

const protocol = new JsonHubProtocol();
const encoder = new TextEncoder();

const decode = (chunks: readonly Chunk[], maximumMessageSize?: number) =>
  decodeWith(protocol, chunks, maximumMessageSize);

/** The same input in one chunk, cut, and as bytes cut: what comes out must be the same. */
function decodeEveryWay(text: string, lengths: readonly number[], maximumMessageSize?: number): Outcome {
  const whole = decode([text], maximumMessageSize);
  expectSame(decode(cut(text, lengths), maximumMessageSize), whole);
  expectSame(decode(cut(encoder.encode(text), lengths), maximumMessageSize), whole);
  return whole;
}

const isAbsent = (value: unknown) => value === undefined || value === null;
const maybe = (check: (value: unknown) => boolean) => optional(check, isAbsent);
const isHeaders = maybe(
  (value) => typeof value === "object" && !Array.isArray(value) && Object.values(value as object).every(isText),
);
const shapes: Record<number, Record<string, (value: unknown) => boolean>> = {
  [MessageType.Invocation]: {
    invocationId: maybe(isText),
    target: isId,
    arguments: Array.isArray,
    streamIds: maybe(isListOf(isId)),
    headers: isHeaders,
  },
  [MessageType.StreamItem]: { invocationId: isId, item: (value) => value !== undefined, headers: isHeaders },
  [MessageType.Completion]: { invocationId: isId, error: maybe(isText), headers: isHeaders },
  [MessageType.StreamInvocation]: {
    invocationId: isId,
    target: isId,
    arguments: Array.isArray,
    streamIds: maybe(isListOf(isId)),
    headers: isHeaders,
  },
  [MessageType.CancelInvocation]: { invocationId: isId, headers: isHeaders },
  [MessageType.Ping]: {},
  [MessageType.Close]: { error: maybe(isText), allowReconnect: maybe((value) => typeof value === "boolean") },
  [MessageType.Ack]: { sequenceId: Number.isSafeInteger },
  [MessageType.Sequence]: { sequenceId: Number.isSafeInteger },
};

/** Whether a parsed object is one of the messages; own members only. */
function isMessage(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const members = new Map(Object.entries(value));
  const type = members.get("type");
  const shape = typeof type === "number" ? shapes[type] : undefined;
  if (shape === undefined) return false;
  if (!Object.entries(shape).every(([name, check]) => check(members.get(name)))) return false;
  const hasBoth = !isAbsent(members.get("error")) && members.get("result") !== undefined;
  return type !== MessageType.Completion || !hasBoth;
}

const message = validMessage({ value: hostileValue, name: hostileText, emptyHeaders: true });
const messages = several(message);
/** Through JSON.parse of the whole, because JSON itself turns -0 into 0. */
function asJson(each: HubMessage): HubMessage {
  return JSON.parse(JSON.stringify(withoutUndefined(each))) as HubMessage;
}

const memberName = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      ...["headers", "invocationId", "target", "arguments", "streamIds", "item", "result", "error"],
      ...["allowReconnect", "sequenceId", "__proto__", "constructor", "unknown"],
    ),
  },
  { weight: 1, arbitrary: hostileText },
);

afterEach(expectCleanPrototypes);

test("valid messages come out as they went in, however they are cut", () => {
  fc.assert(
    fc.property(messages, cuts, (sent, lengths) => {
      const text = sent.map((each) => protocol.encode(each)).join("");
      const outcome = decodeEveryWay(text, lengths);
      expectSame(outcome, { messages: sent.map(asJson), error: undefined });
    }),
    run(0.2),
  );
});

test("the size limit holds exactly, however they are cut", () => {
  fc.assert(
    fc.property(messages, cuts, fc.integer({ min: 1, max: 200 }), (sent, lengths, limit) => {
      const records = sent.map((each) => protocol.encode(each));
      const sizes = records.map((record) => encoder.encode(record).length);
      const outcome = decodeEveryWay(records.join(""), lengths, limit);
      expectSame(outcome, withinLimit(sent.map(asJson), sizes, limit));
    }),
    run(0.05),
  );
});

test("wrong members: a message is delivered exactly if it is one", () => {
  const member = fc.tuple(memberName, hostileValue);
  fc.assert(
    fc.property(message, fc.array(member, { minLength: 1, maxLength: 3 }), cuts, (valid, changes, lengths) => {
      // The changed members stand behind the old ones of that name, so that they count.
      const record = `${protocol.encode(valid).slice(0, -2)},${changes
        .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
        .join(",")}}`;
      const parsed: unknown = JSON.parse(record);
      const outcome = decodeEveryWay(`${record}\u001e`, lengths);
      if (isMessage(parsed)) expectSame(outcome, { messages: [parsed], error: undefined });
      else expectSame(outcome, { messages: [], error: "ProtocolError" });
    }),
    run(0.3),
  );
});

test("any type with any members", () => {
  const type = fc.oneof(fc.integer({ min: -1, max: 12 }), hostileValue);
  fc.assert(
    fc.property(
      type,
      fc.array(fc.tuple(memberName, hostileValue), { maxLength: 5 }),
      cuts,
      (kind, members, lengths) => {
        const record = JSON.stringify(Object.fromEntries([...members, ["type", kind]]));
        const parsed = JSON.parse(record) as { type: unknown };
        const outcome = decodeEveryWay(`${record}\u001e`, lengths);
        const isUnknown = typeof parsed.type === "number" && shapes[parsed.type] === undefined;
        if (isMessage(parsed)) expectSame(outcome, { messages: [parsed], error: undefined });
        else expectSame(outcome, { messages: [], error: isUnknown ? undefined : "ProtocolError" });
      },
    ),
    run(0.15),
  );
});

test("spoilt and grown text: only messages and named errors, the same however it is cut", () => {
  fc.assert(
    fc.property(messages, edits, cuts, fc.integer({ min: 1, max: 400 }), (sent, changes, lengths, limit) => {
      const text = spoil(sent.map((each) => protocol.encode(each)).join(""), changes);
      for (const size of [Infinity, limit]) {
        const outcome = decodeEveryWay(text, lengths, size);
        expectSame(outcome.messages.filter(isMessage), outcome.messages);
      }
    }),
    run(0.2),
  );
});

test("spoilt bytes and garbage: only messages and named errors", () => {
  const garbage = fc.uint8Array({ maxLength: 60 });
  const changed = fc
    .tuple(messages, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }))
    .map(([sent, changes]) => {
      const bytes = encoder.encode(sent.map((each) => protocol.encode(each)).join(""));
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(garbage, changed), cuts, fc.integer({ min: 1, max: 400 }), (bytes, lengths, limit) => {
      for (const size of [Infinity, limit]) {
        const whole = decode([bytes], size);
        const parts = decode(cut(bytes, lengths), size);
        expectSame(parts.messages.filter(isMessage), parts.messages);
        expectSame(parts.error === undefined, whole.error === undefined);
        // Bytes that are no text spoil their whole chunk, so what stands in front of them may or may not be delivered.
        expectSame(parts.messages.slice(0, whole.messages.length), whole.messages);
      }
    }),
    run(0.1),
  );
});

test("large and deep input takes time in proportion", () => {
  const started = performance.now();
  for (const text of [
    "[".repeat(1_000_000),
    `${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}\u001e`,
    `{"type":1,"target":"T","arguments":[${"[".repeat(100_000)}${"]".repeat(100_000)}]}\u001e`,
    "\u001e".repeat(1_000_000),
    '{"type":6}\u001e'.repeat(100_000),
    `{"type":2,"invocationId":"1","item":"${"\\u0041".repeat(300_000)}"}\u001e`,
    `{"type":1,"target":"${"€".repeat(500_000)}","arguments":[]}\u001e`,
  ]) {
    decode([text]);
    decode(cut(text, [1_000]));
    decode(cut(encoder.encode(text), [7]), 2_000_000);
  }
  expect(performance.now() - started).toBeLessThan(20_000);
});

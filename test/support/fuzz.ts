/** What the fuzz tests share: how many cases, from which seed, valid messages, and the ways to spoil and to cut them. */
import fc from "fast-check";
import { LimitError, ProtocolError } from "../../src/errors/call-errors.js";
import { Log, NullLogger } from "../../src/logging/logger.js";
import type { Chunk, HubProtocol } from "../../src/protocol/hub-protocol.js";
import { MessageType, type HubMessage } from "../../src/protocol/messages.js";

/** Repeat a run with `HUBWIRE_FUZZ_SEED=<the printed seed>`. */
const seed = Number(process.env["HUBWIRE_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** Cases for each decoder and each side of the handshake; its properties share them. */
const CASES = process.env["CI"] === "true" ? 100_000 : 6_000;

process.stdout.write(`fuzz seed: ${seed}, ${CASES} cases for each decoder and handshake\n`);

/** Without lone surrogates, which have no bytes of their own. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** Parameters for a property that takes this share of the cases. */
export function run(share: number): fc.Parameters<unknown> {
  return { seed, numRuns: Math.ceil(CASES * share), endOnFailure: true };
}

/** Fails if something got onto the prototypes that everything inherits from. */
export function expectCleanPrototypes(): void {
  for (const prototype of [Object.prototype, Array.prototype, String.prototype, Function.prototype]) {
    expect(Object.keys(prototype)).toEqual([]);
  }
  expect(Object.getPrototypeOf(Object.prototype)).toBeNull();
}

/** Compares two values that consist of JSON and `undefined`; many times faster than a matcher, which hundreds of thousands of cases need. */
export function expectSame(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected);
}

/** JSON text that a careless or hostile peer could write: names that mean something to JavaScript, odd numbers, controls. */
export const hostileText = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: "binary-ascii", maxLength: 10 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 4 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }).map(wellFormed) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "__proto__",
      "constructor",
      "prototype",
      "toString",
      "toJSON",
      "then",
      "length",
      "\u001e",
      "\u0000",
      "\ufeff",
      "\u2028",
      '"',
      "\\",
    ),
  },
);

/** Any JSON value, some of them with such names. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, false, 0, -0, 1, -1, 1.5, 2 ** 53, 1e308, -1e-300, "", "0", [], {}),
  hostileText,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.array(fc.oneof(hostileText, fc.integer(), fc.constant(null)), { maxLength: 3 }),
  // Entries rather than an object literal: `__proto__` must become a member.
  fc
    .array(fc.tuple(hostileText, fc.oneof(hostileText, fc.integer(), fc.constant(null))), { maxLength: 3 })
    .map((entries) => Object.fromEntries(entries)),
);

/** One change of a text. Positions are fractions of its length. */
interface Edit {
  readonly kind: "insert" | "delete" | "replace" | "repeat" | "truncate";
  readonly at: number;
  readonly length: number;
  readonly text: string;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom("insert", "delete", "replace", "repeat", "truncate"),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 12 }),
  text: fc.oneof(
    fc.constantFrom("\u001e", '"', "{", "}", "[", "]", ",", ":", "\\", "0", "-", "e", " ", "null", "\u0000", "€", "😀"),
    hostileText,
  ),
});

/** One to four changes. */
export const edits: fc.Arbitrary<Edit[]> = fc.array(edit, { minLength: 1, maxLength: 4 });

/** Applies the changes; the result is always well-formed. */
export function spoil(text: string, changes: readonly Edit[]): string {
  let spoilt = text;
  for (const { kind, at, length, text: inserted } of changes) {
    const start = Math.floor(at * spoilt.length);
    const [before, middle, after] = [
      spoilt.slice(0, start),
      spoilt.slice(start, start + length),
      spoilt.slice(start + length),
    ];
    if (kind === "insert") spoilt = before + inserted + middle + after;
    else if (kind === "delete") spoilt = before + after;
    else if (kind === "replace") spoilt = before + inserted + after;
    else if (kind === "repeat") spoilt = before + middle.repeat(length) + after;
    else spoilt = before;
  }
  return wellFormed(spoilt);
}

/** Lengths of the chunks that something is cut into, over and over. */
export const cuts: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });

/** Cuts a text or bytes into chunks. */
export function cut<T extends string | Uint8Array>(data: T, lengths: readonly number[]): Chunk[] {
  const chunks: Chunk[] = [];
  for (let start = 0, i = 0; start < data.length; i++) {
    const end = start + (lengths[i % lengths.length] ?? 1);
    chunks.push(data.slice(start, end));
    start = end;
  }
  return chunks;
}

/** What a decoder made of chunks. */
export interface Outcome {
  readonly messages: HubMessage[];
  readonly error: "ProtocolError" | "LimitError" | undefined;
}

/** Decodes chunks of one connection. Any error but the two that decoders name is thrown. */
export function decodeWith(protocol: HubProtocol, chunks: readonly Chunk[], maximumMessageSize = Infinity): Outcome {
  const decoder = protocol.createDecoder({ maximumMessageSize, log: new Log(NullLogger.instance) });
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

/** Checks of members, for what a decoder may deliver, written down a second time and differently. */
export const isText = (value: unknown): boolean => typeof value === "string";
/** A text with something in it. */
export const isId = (value: unknown): boolean => isText(value) && value !== "";
/** A list of such items. */
export const isListOf =
  (check: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(check);
/** A member that may be missing; `null` counts as missing where `isAbsent` says so. */
export const optional =
  (check: (value: unknown) => boolean, isAbsent = (value: unknown): boolean => value === undefined) =>
  (value: unknown): boolean =>
    isAbsent(value) || check(value);

/** What an encoding puts into messages. */
export interface MessageParts {
  readonly value: fc.Arbitrary<unknown>;
  /** Names of headers. */
  readonly name: fc.Arbitrary<string>;
  /** Whether headers may be an empty object; an encoding may leave these out. */
  readonly emptyHeaders: boolean;
}

/** A valid message of any kind. */
export function validMessage({ value, name, emptyHeaders }: MessageParts): fc.Arbitrary<HubMessage> {
  const id = hostileText.filter((text) => text !== "");
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const entries = fc.array(fc.tuple(name, hostileText), { minLength: emptyHeaders ? 0 : 1, maxLength: 2 });
  const headers = maybe(entries.map((pairs) => Object.fromEntries(pairs)));
  const call = {
    headers,
    target: id,
    arguments: fc.array(value, { maxLength: 3 }),
    streamIds: maybe(fc.array(id, { minLength: 1, maxLength: 2 })),
  };
  const type = <T extends MessageType>(kind: T) => fc.constant(kind);
  const about = { headers, invocationId: id };
  return fc.oneof(
    fc.record({ type: type(MessageType.Invocation as const), ...call, invocationId: maybe(id) }),
    fc.record({ type: type(MessageType.StreamInvocation as const), ...call, invocationId: id }),
    fc.record({ type: type(MessageType.StreamItem as const), ...about, item: value }),
    fc.record({ type: type(MessageType.Completion as const), ...about, result: value }),
    fc.record({ type: type(MessageType.Completion as const), ...about, error: hostileText }),
    fc.record({ type: type(MessageType.CancelInvocation as const), ...about }),
    fc.constant({ type: MessageType.Ping as const }),
    fc.record({
      type: type(MessageType.Close as const),
      error: maybe(hostileText),
      allowReconnect: maybe(fc.boolean()),
    }),
    fc.record({ type: type(MessageType.Ack as const), sequenceId: fc.maxSafeNat() }),
    fc.record({ type: type(MessageType.Sequence as const), sequenceId: fc.maxSafeNat() }),
  );
}

/** One to four of them. */
export function several<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(arbitrary, { minLength: 1, maxLength: 4 });
}

/** What a decoder has to make of messages under a limit: all in front of the first that is larger. */
export function withinLimit(messages: readonly HubMessage[], sizes: readonly number[], limit: number): Outcome {
  const tooLarge = sizes.findIndex((size) => size > limit);
  if (tooLarge < 0) return { messages: [...messages], error: undefined };
  return { messages: messages.slice(0, tooLarge), error: "LimitError" };
}

/** What a handshake record may look like: an object with any members, or any value at all. */
export function sloppyRecord(...names: string[]): fc.Arbitrary<unknown> {
  const member = fc.tuple(fc.oneof(fc.constantFrom(...names, "__proto__", "minorVersion"), hostileText), hostileValue);
  const object = fc.array(member, { maxLength: 5 }).map((members) => Object.fromEntries(members) as unknown);
  return fc.oneof({ weight: 5, arbitrary: object }, { weight: 1, arbitrary: hostileValue });
}

/** Chunks as one row of bytes. Strings are put together before they become bytes, because a cut may go through a surrogate pair. */
export function joinChunks(chunks: readonly Chunk[]): string {
  if (chunks.every((chunk) => typeof chunk === "string")) return Buffer.from(chunks.join("")).toString("hex");
  const parts = chunks.map((chunk) => (typeof chunk === "string" ? Buffer.from(chunk) : new Uint8Array(chunk)));
  return Buffer.concat(parts).toString("hex");
}

/** What the fuzz tests share: how many cases, from which seed, and the ways to spoil and to cut valid input. */
import fc from "fast-check";
import type { Chunk } from "../../src/protocol/hub-protocol.js";

/** Repeat a run with `HUBWIRE_FUZZ_SEED=<the printed seed>`. */
const seed = Number(process.env["HUBWIRE_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** Cases for each decoder; a decoder's properties share them. */
const CASES = process.env["CI"] === "true" ? 100_000 : 6_000;

process.stdout.write(`fuzz seed: ${seed}, ${CASES} cases for each decoder\n`);

/** Without lone surrogates, which have no bytes of their own. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** Parameters for a property that takes this share of its decoder's cases. */
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

/** The two messages of the handshake, read and parsed, against whatever the other side may send. */
import fc from "fast-check";
import { LimitError } from "../../src/errors/call-errors.js";
import { HandshakeError } from "../../src/errors/connection-errors.js";
import {
  HandshakeReader,
  parseHandshakeRequest,
  parseHandshakeResponse,
  writeHandshake,
} from "../../src/protocol/handshake.js";
import type { Chunk } from "../../src/protocol/hub-protocol.js";
import {
  cut,
  cuts,
  edits,
  expectCleanPrototypes,
  expectSame,
  hostileText,
  joinChunks,
  run,
  sloppyRecord,
  spoil,
} from "../support/fuzz.js";

jest.setTimeout(120_000);

const encoder = new TextEncoder();

interface Outcome {
  /** What the parser made of the record, or the name of the error; `undefined` while the record is incomplete. */
  readonly result: unknown;
  /** What stands behind the record. */
  readonly rest: string;
}

function receive(chunks: readonly Chunk[], parse: (record: string) => unknown, maximumSize: number): Outcome {
  const reader = new HandshakeReader(maximumSize);
  try {
    for (const [index, chunk] of chunks.entries()) {
      const answer = reader.read(chunk);
      if (answer === undefined) continue;
      const later = [...(answer.rest === undefined ? [] : [answer.rest]), ...chunks.slice(index + 1)];
      return { result: parse(answer.record), rest: joinChunks(later) };
    }
    return { result: undefined, rest: "" };
  } catch (error) {
    if (error instanceof LimitError || error instanceof HandshakeError) return { result: error.name, rest: "" };
    throw error;
  }
}

function receiveEveryWay(
  text: string,
  parse: (record: string) => unknown,
  lengths: readonly number[],
  maximumSize = 10_000,
): Outcome {
  const whole = receive([text], parse, maximumSize);
  const bytes = encoder.encode(text);
  for (const chunks of [cut(text, lengths), [bytes], cut(bytes, lengths)]) {
    expectSame(receive(chunks, parse, maximumSize), whole);
  }
  return whole;
}

const request = fc.record({ protocol: hostileText, version: fc.integer() });
const response = fc.record({ error: fc.option(hostileText, { nil: undefined }) }, { requiredKeys: [] });
const rest = fc.constantFrom("", '{"type":6}\u001e', "\u001e", "x", '{"type":1');
const sloppy = sloppyRecord("protocol", "version", "type", "error");

/** The parsed record as its own members; `undefined` when it is no object. */
function membersOf(record: string): Map<string, unknown> | undefined {
  const value: unknown = JSON.parse(record);
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? new Map(Object.entries(value))
    : undefined;
}

function expectedRequest(record: string): unknown {
  const members = membersOf(record);
  const [protocol, version] = [members?.get("protocol"), members?.get("version")];
  return typeof protocol === "string" && Number.isInteger(version) ? { protocol, version } : "HandshakeError";
}

function expectedResponse(record: string): unknown {
  const members = membersOf(record);
  if (members === undefined || Boolean(members.get("type"))) return "HandshakeError";
  const error = members.get("error") ?? "";
  if (typeof error !== "string") return "HandshakeError";
  return error === "" ? {} : { error };
}

afterEach(expectCleanPrototypes);

describe.each([
  {
    name: "request",
    valid: request.map((value) => ({ text: writeHandshake(value), result: value })),
    parse: parseHandshakeRequest,
    expected: expectedRequest,
  },
  {
    name: "response",
    valid: response.map((value) => ({
      text: writeHandshake(value.error === undefined ? {} : { error: value.error }),
      result: value.error ? { error: value.error } : {},
    })),
    parse: parseHandshakeResponse,
    expected: expectedResponse,
  },
])("the $name", ({ valid, parse, expected }) => {
  test("is read as it was written, with what follows it, however it is cut", () => {
    fc.assert(
      fc.property(valid, rest, cuts, ({ text, result }, behind, lengths) => {
        const outcome = receiveEveryWay(text + behind, parse, lengths);
        expectSame(outcome, { result, rest: Buffer.from(behind).toString("hex") });
      }),
      run(0.2),
    );
  });

  test("with any members, or no object at all, is taken exactly if it is one", () => {
    fc.assert(
      fc.property(sloppy, rest, cuts, (value, behind, lengths) => {
        const record = JSON.stringify(value);
        expectSame(receiveEveryWay(`${record}\u001e${behind}`, parse, lengths).result, expected(record));
      }),
      run(0.25),
    );
  });

  test("spoilt or grown gives a result or a named error, the same however it is cut", () => {
    fc.assert(
      fc.property(valid, rest, edits, cuts, fc.nat({ max: 80 }), ({ text }, behind, changes, lengths, limit) => {
        const spoilt = spoil(text + behind, changes);
        receiveEveryWay(spoilt, parse, lengths);
        receiveEveryWay(spoilt, parse, lengths, limit);
      }),
      run(0.2),
    );
  });

  test("of any size is read up to the limit, and not beyond it", () => {
    fc.assert(
      fc.property(valid, rest, cuts, fc.nat({ max: 60 }), ({ text, result }, behind, lengths, limit) => {
        const outcome = receiveEveryWay(text + behind, parse, lengths, limit);
        expectSame(outcome.result, text.length - 1 > limit ? "LimitError" : result);
      }),
      run(0.05),
    );
  });

  test("bytes of any kind give a result or a named error", () => {
    const changed = fc.tuple(valid, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([{ text }, at, byte]) => {
      const bytes = encoder.encode(text);
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), changed), cuts, (bytes, lengths) => {
        expectSame(receive(cut(bytes, lengths), parse, 10_000), receive([bytes], parse, 10_000));
      }),
      run(0.1),
    );
  });
});

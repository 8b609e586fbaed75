/** Every member of every message, wrong in turn (HUB_PROTOCOL §4, §10). */
import { ProtocolError } from "../../../src/errors/call-errors.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { validateMessage } from "../../../src/protocol/validation.js";

const notText: unknown[] = [0, 1, true, false, {}, [], ["a"]];
const notId: unknown[] = [...notText, null, ""];
const notList: unknown[] = [0, true, "a", {}, { length: 0 }];
const notStrings: unknown[] = [0, true, "", "a", [], ["a"], { a: 1 }, { a: null }, { a: "b", c: {} }];

const absent = Symbol("absent");

type Members = Record<string, unknown>;

/** The message with one member replaced or left out. */
function withMember(message: Members, name: string, value: unknown): Members {
  const { [name]: _old, ...rest } = message;
  return value === absent ? rest : { ...rest, [name]: value };
}

interface Case {
  readonly name: string;
  readonly message: Members;
  /** Values that a member may have. */
  readonly right: Record<string, unknown[]>;
  /** Values that it may not have. */
  readonly wrong: Record<string, unknown[]>;
}

const headers = { right: [absent, null, {}, { a: "b", c: "" }], wrong: notStrings };
const streamIds = { right: [absent, null, [], ["1"], ["1", "2"]], wrong: [...notList, [1], ["1", ""], [null]] };
const target = { right: ["T", "t.u"], wrong: [absent, null, "", ...notText] };
const args = { right: [[], [null], [1, "a", {}]], wrong: [absent, null, ...notList] };
const id = { right: ["0", "s1", " "], wrong: [absent, ...notId] };
const sequenceId = { right: [0, 1, 2 ** 53 - 1], wrong: [absent, null, "1", 1.5, NaN, Infinity, 2 ** 53, [], {}] };
const optionalText = { right: [absent, null, "", "text"], wrong: notText };

const cases: readonly Case[] = [
  {
    name: "Invocation",
    message: { type: 1, target: "T", arguments: [] },
    right: {
      invocationId: [absent, null, "", "0", "a"],
      target: target.right,
      arguments: args.right,
      streamIds: streamIds.right,
      headers: headers.right,
    },
    wrong: {
      invocationId: notText,
      target: target.wrong,
      arguments: args.wrong,
      streamIds: streamIds.wrong,
      headers: headers.wrong,
    },
  },
  {
    name: "StreamInvocation",
    message: { type: 4, invocationId: "1", target: "T", arguments: [] },
    right: {
      invocationId: id.right,
      target: target.right,
      arguments: args.right,
      streamIds: streamIds.right,
      headers: headers.right,
    },
    wrong: {
      invocationId: id.wrong,
      target: target.wrong,
      arguments: args.wrong,
      streamIds: streamIds.wrong,
      headers: headers.wrong,
    },
  },
  {
    name: "StreamItem",
    message: { type: 2, invocationId: "1", item: 1 },
    right: { invocationId: id.right, item: [null, 0, "", false, {}, []], headers: headers.right },
    wrong: { invocationId: id.wrong, item: [absent], headers: headers.wrong },
  },
  {
    name: "Completion with a result",
    message: { type: 3, invocationId: "1", result: 1 },
    right: { invocationId: id.right, result: [absent, null, 0, ""], error: [absent, null], headers: headers.right },
    wrong: { invocationId: id.wrong, error: ["", "text", ...notText], headers: headers.wrong },
  },
  {
    name: "Completion with an error",
    message: { type: 3, invocationId: "1", error: "text" },
    right: { error: optionalText.right },
    wrong: { error: optionalText.wrong, result: [null, 0, "", false, 1, {}] },
  },
  {
    name: "CancelInvocation",
    message: { type: 5, invocationId: "1" },
    right: { invocationId: id.right, headers: headers.right },
    wrong: { invocationId: id.wrong, headers: headers.wrong },
  },
  {
    name: "Close",
    message: { type: 7 },
    right: { error: optionalText.right, allowReconnect: [absent, null, true, false] },
    wrong: { error: optionalText.wrong, allowReconnect: [0, 1, "", "true", {}, []] },
  },
  {
    name: "Ack",
    message: { type: 8, sequenceId: 1 },
    right: { sequenceId: sequenceId.right },
    wrong: { sequenceId: sequenceId.wrong },
  },
  {
    name: "Sequence",
    message: { type: 9, sequenceId: 1 },
    right: { sequenceId: sequenceId.right },
    wrong: { sequenceId: sequenceId.wrong },
  },
  { name: "Ping", message: { type: 6 }, right: {}, wrong: {} },
];

/** One line for each member and value. */
function rows(of: "right" | "wrong"): [string, string, unknown, Members][] {
  return cases.flatMap(({ name, message, [of]: members }) =>
    Object.entries(members).flatMap(([member, values]) =>
      values.map((value): [string, string, unknown, Members] => [
        name,
        member,
        value,
        withMember(message, member, value),
      ]),
    ),
  );
}

test.each(cases.map(({ name, message }) => [name, message] as const))("takes a plain %s", (_name, message) => {
  expect(validateMessage(message)).toBe(message);
});

test.each(rows("right"))("%s: %s may be %p", (_name, _member, _value, message) => {
  expect(validateMessage(message)).toBe(message);
});

test.each(rows("wrong"))("%s: %s may not be %p", (_name, _member, _value, message) => {
  expect(() => validateMessage(message)).toThrow(ProtocolError);
});

test.each(cases.map(({ name, message }) => [name, message] as const))(
  "%s: unknown members are ignored",
  (_name, message) => {
    const extended = { ...message, unknown: 1, constructor: 2, toString: 3 };
    expect(validateMessage(extended)).toBe(extended);
  },
);

test.each([0, 10, 99, -1, 1.5, 1e308, Infinity])("type %d is not known, and skipped", (type) => {
  expect(validateMessage({ type })).toBeUndefined();
});

test.each([undefined, null, "1", true, {}, [1]])("type %p is none", (type) => {
  expect(() => validateMessage({ type })).toThrow(ProtocolError);
});

test.each([undefined, null, 0, 1, "", "text", true, [], [6], [{ type: 6 }]])("%p is no message", (value) => {
  expect(() => validateMessage(value)).toThrow(ProtocolError);
});

test("which message was wrong is told", () => {
  expect(() => validateMessage({ type: MessageType.Ack })).toThrow("Invalid payload for a hub message of type 8.");
  expect(() => validateMessage({ type: MessageType.Sequence })).toThrow("Invalid payload for a hub message of type 9.");
  expect(() => validateMessage({ type: MessageType.Close, error: 1 })).toThrow(
    "Invalid payload for a hub message of type 7.",
  );
});

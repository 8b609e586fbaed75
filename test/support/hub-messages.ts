/** One message of every kind and shape, shared by the tests of all encodings. */
import { MessageType, type HubMessage } from "../../src/protocol/messages.js";

/** Values that every encoding carries unchanged. */
export const portableValues: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  -1e-7,
  2 ** 31,
  2 ** 53 - 1,
  -(2 ** 53 - 1),
  "",
  "text",
  "aä€😀 \u0000\u001e\u001f\u2028 \"'\\",
  "x".repeat(70_000),
  [],
  [1, [2, [3]], null],
  {},
  { a: 1, nested: { list: [null, { b: "" }] }, "": 0, "with \u001e": true },
];

const headers = { traceparent: "00-ab-cd-01", empty: "" };

/** Messages by name. What comes out of a decoder must equal them, members that are absent included. */
export const hubMessages: readonly (readonly [name: string, message: HubMessage])[] = [
  ["invocation without an answer", { type: MessageType.Invocation, target: "Tick", arguments: [7] }],
  ["invocation", { type: MessageType.Invocation, invocationId: "a1", target: "Sum", arguments: [2, 3] }],
  ["invocation without arguments", { type: MessageType.Invocation, invocationId: "0", target: "T", arguments: [] }],
  ["invocation with headers", { type: MessageType.Invocation, headers, target: "T", arguments: [] }],
  [
    "invocation with streams",
    { type: MessageType.Invocation, invocationId: "5", target: "Up", arguments: [1], streamIds: ["4", "s6"] },
  ],
  ["upload without an answer", { type: MessageType.Invocation, target: "Up", arguments: [], streamIds: ["4"] }],
  [
    "invocation with every value",
    { type: MessageType.Invocation, invocationId: "1", target: "naïve €😀 \u001e", arguments: [...portableValues] },
  ],
  ["stream invocation", { type: MessageType.StreamInvocation, invocationId: "9", target: "Count", arguments: [3] }],
  [
    "stream invocation with headers and streams",
    { type: MessageType.StreamInvocation, headers, invocationId: "9", target: "T", arguments: [], streamIds: ["10"] },
  ],
  ...portableValues.map(
    (item, index) =>
      [`stream item ${index}`, { type: MessageType.StreamItem, invocationId: "9", item }] satisfies [
        string,
        HubMessage,
      ],
  ),
  ["stream item with headers", { type: MessageType.StreamItem, headers, invocationId: "9", item: 1 }],
  ["completion without a result", { type: MessageType.Completion, invocationId: "9" }],
  ...portableValues.map(
    (result, index) =>
      [`completion ${index}`, { type: MessageType.Completion, invocationId: "s1", result }] satisfies [
        string,
        HubMessage,
      ],
  ),
  ["completion with an error", { type: MessageType.Completion, invocationId: "9", error: "bad €😀\u001e" }],
  ["completion with an empty error", { type: MessageType.Completion, invocationId: "9", error: "" }],
  ["completion with headers", { type: MessageType.Completion, headers, invocationId: "9", result: 1 }],
  ["cancellation", { type: MessageType.CancelInvocation, invocationId: "9" }],
  ["cancellation with headers", { type: MessageType.CancelInvocation, headers, invocationId: "9" }],
  ["ping", { type: MessageType.Ping }],
  ["close", { type: MessageType.Close }],
  ["close with an error", { type: MessageType.Close, error: "text", allowReconnect: true }],
  ["close for good", { type: MessageType.Close, error: "text", allowReconnect: false }],
  ["ack", { type: MessageType.Ack, sequenceId: 300 }],
  ["sequence", { type: MessageType.Sequence, sequenceId: 1 }],
  ["a large sequence", { type: MessageType.Sequence, sequenceId: 2 ** 40 }],
];

/** The message without members that are `undefined`: absent and undefined mean the same. */
export function withoutUndefined(message: HubMessage): object {
  return Object.fromEntries(Object.entries(message).filter(([, value]) => value !== undefined));
}

/** Checks what came off the wire, once, where it enters; everything behind it trusts the types (HUB_PROTOCOL §4, §10). */
import { ProtocolError } from "../errors/call-errors.js";
import { MessageType, type HubMessage, type MessageHeaders } from "./messages.js";

/** A decoded object before anything is known about it. */
interface Candidate {
  readonly type?: unknown;
  readonly headers?: unknown;
  readonly invocationId?: unknown;
  readonly target?: unknown;
  readonly arguments?: unknown;
  readonly streamIds?: unknown;
  readonly item?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly allowReconnect?: unknown;
  readonly sequenceId?: unknown;
}

/**
 * Tells what hub message a decoded value is.
 * @returns `undefined` for a type that this version does not know; such messages are skipped.
 * @throws ProtocolError when a known type has wrong members.
 */
export function validateMessage(value: unknown): HubMessage | undefined {
  if (typeof value !== "object" || value === null) throw new ProtocolError("A hub message must be an object.");
  const message: Candidate = value;
  switch (message.type) {
    case MessageType.Invocation:
      // Absent, null and empty all mean that no answer is wanted (HUB_PROTOCOL §5).
      checkCall(message, message.invocationId == null || typeof message.invocationId === "string");
      break;
    case MessageType.StreamInvocation:
      checkCall(message, isId(message.invocationId));
      break;
    case MessageType.StreamItem:
      if (!isId(message.invocationId) || message.item === undefined) fail("StreamItem");
      checkHeaders(message.headers);
      break;
    case MessageType.Completion:
      checkCompletion(message);
      break;
    case MessageType.CancelInvocation:
      if (!isId(message.invocationId)) fail("CancelInvocation");
      checkHeaders(message.headers);
      break;
    case MessageType.Ping:
      break;
    case MessageType.Close:
      if (!isOptionalString(message.error) || !isOptionalBoolean(message.allowReconnect)) fail("Close");
      break;
    case MessageType.Ack:
    case MessageType.Sequence:
      if (!Number.isSafeInteger(message.sequenceId)) fail(MessageType[message.type]);
      break;
    default:
      if (typeof message.type !== "number") throw new ProtocolError("A hub message has no type.");
      return undefined;
  }
  return value as HubMessage; // exactly what the checks above establish
}

function checkCall(message: Candidate, idIsValid: boolean): void {
  const { target, streamIds } = message;
  if (!idIsValid || typeof target !== "string" || target === "" || !Array.isArray(message.arguments)) {
    fail("Invocation");
  }
  if (streamIds != null && !(Array.isArray(streamIds) && streamIds.every(isId))) fail("Invocation");
  checkHeaders(message.headers);
}

function checkCompletion(message: Candidate): void {
  if (!isId(message.invocationId) || !isOptionalString(message.error)) fail("Completion");
  // Presence decides, not truthiness: `result: 0` beside an error is as wrong as any other result (GAPS 19).
  if (message.error != null && message.result !== undefined) fail("Completion");
  checkHeaders(message.headers);
}

function checkHeaders(headers: unknown): asserts headers is MessageHeaders | null | undefined {
  if (headers == null) return;
  const isMap = typeof headers === "object" && !Array.isArray(headers);
  if (!isMap || !Object.values(headers).every((value) => typeof value === "string")) {
    throw new ProtocolError("The headers of a hub message must be strings.");
  }
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isOptionalString(value: unknown): boolean {
  return value == null || typeof value === "string";
}

function isOptionalBoolean(value: unknown): boolean {
  return value == null || typeof value === "boolean";
}

function fail(kind: string): never {
  throw new ProtocolError(`Invalid payload for ${kind} message.`);
}

/** Checks what came off the wire, once, where it enters; everything behind it trusts the types (HUB_PROTOCOL §4, §10). */
import { ProtocolError } from "../errors/call-errors.js";
import { MessageType, type HubMessage } from "./messages.js";

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
  const message: Candidate | null = typeof value === "object" ? value : null; // as `Object(value)` it would cost more than all checks
  if (typeof message?.type !== "number") throw new ProtocolError("A hub message must be an object with a type.");
  const isValid = check(message);
  if (isValid === false) throw new ProtocolError(`Invalid payload for a hub message of type ${message.type}.`);
  return isValid && (value as HubMessage); // exactly what the checks establish
}

/** @returns whether the members are those of the type; `undefined` for an unknown type. */
function check(message: Candidate): boolean | undefined {
  const { invocationId, error } = message;
  switch (message.type) {
    case MessageType.Invocation:
      // Absent, null and empty all mean that no answer is wanted (HUB_PROTOCOL §5).
      return isOptional(invocationId, "string") && isCall(message);
    case MessageType.StreamInvocation:
      return isId(invocationId) && isCall(message);
    case MessageType.StreamItem:
      return isId(invocationId) && message.item !== undefined && hasHeaders(message);
    case MessageType.Completion:
      // Presence decides, not truthiness: `result: 0` beside an error is as wrong as any other result (GAPS 19).
      return (
        isId(invocationId) && (error == null || (isText(error) && message.result === undefined)) && hasHeaders(message)
      );
    case MessageType.CancelInvocation:
      return isId(invocationId) && hasHeaders(message);
    case MessageType.Ping:
      return true;
    case MessageType.Close:
      return isOptional(error, "string") && isOptional(message.allowReconnect, "boolean");
    case MessageType.Ack:
    case MessageType.Sequence:
      return Number.isSafeInteger(message.sequenceId);
  }
  return undefined;
}

function isCall(message: Candidate): boolean {
  const { target, arguments: values, streamIds } = message;
  return (
    isId(target) &&
    Array.isArray(values) &&
    (streamIds == null || (Array.isArray(streamIds) && streamIds.every(isId))) &&
    hasHeaders(message)
  );
}

function hasHeaders({ headers }: Candidate): boolean {
  if (headers == null) return true;
  return typeof headers === "object" && !Array.isArray(headers) && Object.values(headers).every(isText);
}

function isId(value: unknown): boolean {
  return isText(value) && value !== "";
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isOptional(value: unknown, type: string): boolean {
  return value == null || typeof value === type;
}

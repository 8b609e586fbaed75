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
  if (typeof value !== "object" || value === null) throw new ProtocolError("A hub message must be an object.");
  const message: Candidate = value;
  const { type } = message;
  const isValid = check(message);
  if (isValid === undefined) {
    if (typeof type === "number") return undefined;
    throw new ProtocolError("A hub message has no type.");
  }
  if (!isValid) throw new ProtocolError(`Invalid payload for ${MessageType[type as MessageType]} message.`);
  return value as HubMessage; // exactly what the checks establish
}

/** @returns whether the members are those of the type; `undefined` for an unknown type. */
function check(message: Candidate): boolean | undefined {
  switch (message.type) {
    case MessageType.Invocation:
      // Absent, null and empty all mean that no answer is wanted (HUB_PROTOCOL §5).
      return isOptional(message.invocationId, "string") && isCall(message);
    case MessageType.StreamInvocation:
      return isInCall(message) && isCall(message);
    case MessageType.StreamItem:
      return isInCall(message) && message.item !== undefined && hasHeaders(message);
    case MessageType.Completion:
      return isInCall(message) && isOutcome(message) && hasHeaders(message);
    case MessageType.CancelInvocation:
      return isInCall(message) && hasHeaders(message);
    case MessageType.Ping:
      return true;
    case MessageType.Close:
      return isOptional(message.error, "string") && isOptional(message.allowReconnect, "boolean");
    case MessageType.Ack:
    case MessageType.Sequence:
      return Number.isSafeInteger(message.sequenceId);
  }
  return undefined;
}

function isCall(message: Candidate): boolean {
  const { target, streamIds } = message;
  return (
    isId(target) &&
    Array.isArray(message.arguments) &&
    (streamIds == null || (Array.isArray(streamIds) && streamIds.every(isId))) &&
    hasHeaders(message)
  );
}

function isInCall({ invocationId }: Candidate): boolean {
  return isId(invocationId);
}

// Presence decides, not truthiness: `result: 0` beside an error is as wrong as any other result (GAPS 19).
function isOutcome({ error, result }: Candidate): boolean {
  return error == null || (typeof error === "string" && result === undefined);
}

function hasHeaders({ headers }: Candidate): boolean {
  if (headers == null) return true;
  const isMap = typeof headers === "object" && !Array.isArray(headers);
  return isMap && Object.values(headers).every((value) => typeof value === "string");
}

function isId(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isOptional(value: unknown, type: string): boolean {
  return value == null || typeof value === type;
}

/** The texts that clients get when something fails on the server, to the letter those of ASP.NET Core (HUB_PROTOCOL §6). */
import { HubError } from "../errors/call-errors.js";
import { toError } from "../errors/to-error.js";

/** A text, with what was thrown behind it where the client may know: a hub's own errors always, others only with detailed errors. */
export function errorText(general: string, thrown: unknown, isDetailed: boolean): string {
  if (thrown instanceof HubError) return `${general} HubException: ${thrown.message}`;
  if (!isDetailed) return general;
  const { name, message } = toError(thrown);
  return `${general} ${name}: ${message}`;
}

/** A hub method threw. */
export function methodFailed(target: string): string {
  return `An unexpected error occurred invoking '${target}' on the server.`;
}

/** A hub's own error, which clients always see. */
export function hubErrorText(target: string, message: string): string {
  return `${methodFailed(target)} HubException: ${message}`;
}

/** There are too few arguments. */
export function callDoesNotFit(target: string, provided: number, expected: number, isDetailed: boolean): string {
  const detail = ` InvalidDataException: Invocation provides ${provided} argument(s) but target expects ${expected}.`;
  return notBound(target) + (isDetailed ? detail : "");
}

/** There is no such method. */
export function noSuchMethod(target: string): string {
  return `${notBound(target)} HubException: Method does not exist.`;
}

function notBound(target: string): string {
  return `Failed to invoke '${target}' due to an error on the server.`;
}

/** A stream was not asked for. */
export function isStreaming(target: string): string {
  return `The client attempted to invoke the streaming '${target}' method with a non-streaming invocation.`;
}

/** A stream was asked for, and the method gives none. */
export function isNotStreaming(target: string): string {
  return `The client attempted to invoke the non-streaming '${target}' method with a streaming invocation.`;
}

/** The id belongs to a call that is running. */
export function idInUse(invocationId: string): string {
  return `Invocation ID '${invocationId}' is already in use.`;
}

/** A stream failed while it was read. */
export const STREAM_FAILED = "An error occurred on the server while streaming results.";

/** The connection ends because of an error. */
export const CLOSED_WITH_ERROR = "Connection closed with an error.";

/** The handshake cannot be understood. */
export const HANDSHAKE_FAILED = "An unexpected error occurred during connection handshake.";

/** The handshake took too long, or was too large. */
export const HANDSHAKE_CANCELED = "Handshake was canceled.";

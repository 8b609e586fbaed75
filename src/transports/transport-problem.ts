/** Says what became of a transport that was not connected. */
import { TransportError } from "../errors/connection-errors.js";
import { messageOf } from "../errors/to-error.js";

/** Why a transport is skipped that the runtime, or the application, does not have. */
export const UNAVAILABLE = "not available here";

/** It was not tried. */
export function skipped(name: string, why: string): TransportError {
  return new TransportError("transport-skipped", name, `'${name}' skipped: ${why}.`);
}

/** It was tried. An error of that kind is taken as it is. */
export function failed(name: string, error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  return new TransportError("transport-failed", name, `'${name}' failed: ${messageOf(error)}`, error);
}

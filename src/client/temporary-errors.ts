/** Tells failures that may pass from those that stay until somebody changes something; what automatic reconnect goes by unless it is told better. */
import { InvalidArgumentError } from "../errors/call-errors.js";
import { ConnectFailedError, HandshakeError } from "../errors/connection-errors.js";
import { HttpError } from "../errors/http-errors.js";

/** Answers below 500 that say "later": Request Timeout, Too Early, Too Many Requests. */
const LATER = [408, 425, 429];

/** Whether another attempt may go better than the one that failed with this error. */
export function isTemporary(error: unknown): boolean {
  if (error instanceof HttpError) return error.statusCode >= 500 || LATER.includes(error.statusCode);
  if (error instanceof ConnectFailedError) {
    return error.attempts.some(({ code, cause }) => code === "transport-failed" && isTemporary(cause));
  }
  return !(error instanceof InvalidArgumentError || error instanceof HandshakeError);
}

/** Longest that a server is obeyed, in milliseconds: its clock, or ours, may be wrong. */
const LONGEST_RETRY_AFTER_MS = 300_000;

/** How long the server asked to wait, in milliseconds; 0 when it did not. */
export function retryAfterOf(error: unknown): number {
  if (error instanceof HttpError) return Math.min(error.retryAfter ?? 0, LONGEST_RETRY_AFTER_MS);
  return error instanceof ConnectFailedError
    ? Math.max(0, ...error.attempts.map(({ cause }) => retryAfterOf(cause)))
    : 0;
}

/** The root of every error that hubwire itself raises, and the list of codes that tell them apart. */

/**
 * Stable identifiers of what went wrong; `docs/errors.md` explains each. Branch on `error.code`
 * rather than on the message, whose wording may improve.
 */
export type ErrorCode =
  | "aborted"
  | "call-timeout"
  | "client-result-failed"
  | "connect-failed"
  | "connect-timeout"
  | "connection-lost"
  | "handshake-failed"
  | "handshake-timeout"
  | "http-status"
  | "hub-error"
  | "invalid-argument"
  | "invalid-state"
  | "limit-exceeded"
  | "negotiate-failed"
  | "not-serializable"
  | "protocol-error"
  | "proxy-failed"
  | "server-closed"
  | "server-timeout"
  | "timeout"
  | "transport-failed"
  | "transport-skipped"
  | "waiting-timeout";

/** Base class: an `Error` with a stable {@link ErrorCode} and, where there is one, the underlying `cause`. */
export abstract class HubwireError extends Error {
  /** What went wrong, as a stable identifier. */
  readonly code: ErrorCode;

  protected constructor(name: string, code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    // Set by hand because a minifier renames classes, and on the instance so that logs print it.
    this.name = name;
    this.code = code;
  }
}

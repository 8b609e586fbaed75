/** The three error classes that the official client exports too; `instanceof` and constructors stay compatible. */
import { HubwireError, type ErrorCode } from "./hubwire-error.js";

/** An HTTP request was answered with a status that means failure. */
export class HttpError extends HubwireError {
  /** The HTTP status code. */
  readonly statusCode: number;

  /**
   * @param errorMessage What the server said; the status code is appended.
   * @param statusCode The HTTP status code.
   */
  constructor(errorMessage: string, statusCode: number) {
    super("HttpError", "http-status", `${errorMessage}: Status code '${statusCode}'`);
    this.statusCode = statusCode;
  }
}

/** Something did not happen in the time it was given. */
export class TimeoutError extends HubwireError {
  /**
   * @param errorMessage What was waited for.
   * @param code Which time ran out; `timeout` unless it is one of the connection's own limits.
   */
  constructor(errorMessage = "A timeout occurred.", code: ErrorCode = "timeout") {
    super("TimeoutError", code, errorMessage);
  }
}

/** The caller gave up: through an `AbortSignal`, or by stopping the connection. */
export class AbortError extends HubwireError {
  /**
   * @param errorMessage What was given up.
   * @param cause The reason of the signal, when there was one.
   */
  constructor(errorMessage = "An abort occurred.", cause?: unknown) {
    super("AbortError", "aborted", errorMessage, cause);
  }
}

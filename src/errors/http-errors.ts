/** The three error classes that the official client exports too; `instanceof` and constructors stay compatible. */
import { HubwireError, type ErrorCode } from "./hubwire-error.js";

/** An HTTP request was answered with a status that means failure. */
export class HttpError extends HubwireError {
  /** The HTTP status code. */
  readonly statusCode: number;
  /** Milliseconds that the server asked to wait before another attempt, when it did (`Retry-After`). */
  readonly retryAfter: number | undefined;

  /**
   * @param errorMessage What the server said; the status code is appended.
   * @param statusCode The HTTP status code.
   * @param retryAfter The `Retry-After` header: seconds, or a date.
   */
  constructor(errorMessage: string, statusCode: number, retryAfter: string | null = null) {
    super("HttpError", "http-status", `${errorMessage}: Status code '${statusCode}'`);
    this.statusCode = statusCode;
    if (retryAfter) {
      const waitMs = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - Date.now();
      if (waitMs >= 0) this.retryAfter = waitMs;
    }
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

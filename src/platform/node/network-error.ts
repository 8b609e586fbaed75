/** Understands Node's network errors; used by its HTTP client and its WebSockets. */

const STALE = new Set<unknown>(["ECONNRESET", "EPIPE"]);

/** The error to show: a name has several addresses, and when all of them fail Node wraps their errors in one without a message. */
export function networkError<T>(error: T): T | Error {
  if (!(error instanceof AggregateError)) return error;
  const first: unknown = error.errors[0];
  return first instanceof Error ? first : error;
}

/** Whether a kept-alive connection had died before the request came; a fresh one will do. */
export function isStaleConnection(error: unknown): boolean {
  return error instanceof Error && "code" in error && STALE.has(error.code);
}

/** Understands Node's network errors; used by its HTTP client and its WebSockets. */

/** What Node's errors may have. Not asked by class: errors of another realm (a test runner's) have another `Error`. */
interface NodeError {
  readonly code?: unknown;
  readonly errors?: unknown;
}

/** The error to show: a name has several addresses, and when all of them fail Node wraps their errors in one without a message. */
export function networkError<T>(error: T): T {
  const { errors } = Object(error) as NodeError;
  return Array.isArray(errors) && errors.length > 0 ? (errors[0] as T) : error;
}

/** Whether a kept-alive connection had died before the request came; a fresh one will do. */
export function isStaleConnection(error: unknown): boolean {
  const { code } = Object(error) as NodeError;
  return code === "ECONNRESET" || code === "EPIPE";
}

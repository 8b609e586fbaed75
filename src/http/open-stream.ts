/** The port to answers that are read while they come, which Server-Sent Events need; each platform opens them in its own way. */
import type { Abortable } from "../common/abort-scope.js";
import { HttpError } from "../errors/http-errors.js";

/** The GET request of a stream. */
export interface StreamRequest {
  /** The absolute URL. */
  readonly url: string;
  /** All headers. */
  readonly headers: Record<string, string>;
  /** Whether browsers send credentials across origins. */
  readonly withCredentials: boolean;
  /** Gives up opening; an open stream is closed by its own function. */
  readonly signal: Abortable;
}

/** Gets what a stream brings. Its methods must not throw. */
export interface StreamListener {
  /** The next bytes. */
  onBytes(chunk: Uint8Array): void;
  /** The stream is over: cleanly, or because of an error. May also come after it was closed. */
  onEnd(error?: unknown): void;
}

/**
 * Opens an event stream. Fulfils when its first bytes are there: a proxy that keeps them to itself makes a stream that is of no use.
 * @returns a function that closes it.
 * @throws HttpError for a status other than 200; what the runtime says when there is no answer; the signal's error.
 */
export type OpenStream = (request: StreamRequest, listener: StreamListener) => Promise<() => void>;

/** Looks at the head of an answer. @returns why it is no event stream: HttpError for another status than 200. */
export function streamProblem(status: number, statusText: string, type: string | null | undefined): Error | undefined {
  if (status !== 200) return new HttpError(statusText || "No event stream", status);
  return /^text\/event-stream\b/i.test(type ?? "") ? undefined : new Error("The answer is not an event stream.");
}

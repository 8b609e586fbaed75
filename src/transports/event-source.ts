/** The two ways to read an event stream: over a stream of bytes, which is the rule, or an `EventSource` that the user injects. */
import { abortError, onAbort, type Abortable } from "../common/abort-scope.js";
import { authorized } from "../http/access-token.js";
import { mergeHeaders } from "../http/headers.js";
import { headersWithCookies, withToken, type HttpContext } from "../http/http-context.js";
import type { OpenStream } from "../http/open-stream.js";
import { appendQuery } from "../http/url.js";
import { EventStreamParser } from "./event-stream-parser.js";

/** As much as a client takes as one hub message, so that its own limit is the one that speaks. */
const MAXIMUM_EVENT_SIZE = 128 * 1024 * 1024;

/** Gets the events of a stream. Its methods must not throw. */
export interface EventListener {
  /** An event came. */
  onEvent(data: string): void;
  /** The stream is over: cleanly, or because of an error. May come several times, and after it was closed. */
  onEnd(error?: unknown): void;
}

/**
 * Opens an event stream with the connection's headers and token.
 * @returns a function that closes it.
 * @throws an error that says why not; the signal's error.
 */
export type OpenEvents = (
  context: HttpContext,
  url: string,
  signal: Abortable,
  listener: EventListener,
) => Promise<() => void>;

/** The part of a DOM-style `EventSource` that hubwire uses. */
export interface EventSourceLike {
  /** Set by hubwire. */
  onopen: ((event: never) => void) | null;
  /** Set by hubwire. */
  onmessage: ((event: never) => void) | null;
  /** Set by hubwire. */
  onerror: ((event: never) => void) | null;
  /** Ends the stream. */
  close(): void;
}

/** Makes event sources: the type of the `EventSource` option. */
export interface EventSourceConstructor {
  new (url: string, init?: { withCredentials?: boolean; headers?: Record<string, string> }): EventSourceLike;
}

/** Reads events from a stream of bytes. Token and headers travel in headers. */
export function streamedEvents(openStream: OpenStream): OpenEvents {
  return (context, url, signal, listener) => {
    const { token, withCredentials } = context;
    const parser = new EventStreamParser((data) => listener.onEvent(data), MAXIMUM_EVENT_SIZE);
    const onBytes = (chunk: Uint8Array) => {
      try {
        parser.push(chunk);
      } catch (error) {
        listener.onEnd(error);
      }
    };
    // By this the server tells it from a poll, so it is not for the user to change.
    const own = mergeHeaders(headersWithCookies(context, url), { Accept: "text/event-stream" });
    return authorized(token, url, signal, () => {
      const headers = withToken(own, token);
      return openStream(
        { url, headers, withCredentials, signal },
        { onBytes, onEnd: (error) => listener.onEnd(error) },
      );
    });
  };
}

/** Reads events from a user's `EventSource`. It may know no headers, so the token goes into the query. */
export function sourcedEvents(Constructor: EventSourceConstructor): OpenEvents {
  return (context, hubUrl, signal, listener) => {
    const { token, withCredentials } = context;
    const url = token.value ? appendQuery(hubUrl, "access_token", token.value) : hubUrl;
    return new Promise((resolve, reject) => {
      const source = new Constructor(url, { withCredentials, headers: headersWithCookies(context, hubUrl) });
      const close = () => {
        source.onopen = source.onmessage = source.onerror = null;
        source.close();
      };
      source.onopen = () => {
        release();
        // It tells nothing about errors, and would connect again by itself.
        source.onerror = () => {
          close();
          listener.onEnd();
        };
        resolve(close);
      };
      source.onmessage = (event: { data: string }) => listener.onEvent(event.data);
      source.onerror = () => {
        release();
        close();
        reject(new Error("The EventSource failed."));
      };
      const release = onAbort(signal, () => {
        close();
        reject(abortError(signal));
      });
    });
  };
}

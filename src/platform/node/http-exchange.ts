/** One HTTP request and its whole answer in Node; the HTTP client there builds redirects, timeouts and retries around it. */
import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import { LimitError } from "../../errors/call-errors.js";
import type { Dispatch } from "./agents.js";
import { isStaleConnection, networkError } from "./network-error.js";
import type { Hop } from "./redirect.js";

const MAXIMUM_RESPONSE_BYTES = 64 * 1024 * 1024;

/** The head of an answer. */
export interface AnswerHead {
  /** The status code. */
  readonly status: number;
  /** The status text. */
  readonly statusText: string;
  /** The `Location` header. */
  readonly location: string | undefined;
  /** The `Set-Cookie` headers. */
  readonly setCookie: readonly string[] | undefined;
  /** The `Retry-After` header. */
  readonly retryAfter: string | undefined;
  /** Milliseconds after which the server closes the connection when it is idle; `Infinity` when it does not say (`Keep-Alive` header). */
  readonly idleTimeoutMs: number;
}

/** A whole answer. */
export interface Answer extends AnswerHead {
  /** The body, as it arrived. */
  readonly chunks: readonly Buffer[];
  /** Its bytes. */
  readonly size: number;
}

/** Makes of a response what an exchange answers with. Calls one of the functions, once. */
export type ReadResponse<A extends AnswerHead> = (
  response: http.IncomingMessage,
  head: AnswerHead,
  fail: (error: Error) => void,
  done: (answer: A) => void,
) => void;

/** Ends what is going on, at most once. Far cheaper than an `AbortController`. */
export class Interrupt {
  /** Why, once it fired. */
  reason: Error | undefined;
  /** Whom to tell. */
  listener: ((reason: Error) => void) | undefined;

  /** Fires. */
  fire(reason: Error): void {
    this.reason ??= reason;
    this.listener?.(this.reason);
  }

  /** Waits for something that knows no interruption. */
  waitFor<T>(promise: Promise<T>): Promise<T> {
    if (this.reason) return Promise.reject(this.reason);
    return new Promise((resolve, reject) => {
      this.listener = reject;
      // At once: the next listener may be there before this promise's own continuation.
      promise.finally(() => (this.listener = undefined)).then(resolve, reject);
    });
  }
}

/** Rejects the exchange when a kept-alive connection turned out to be dead before any answer; the cause is Node's error. */
export class StaleConnectionError extends Error {}

/** Sends a request and reads the answer. */
export function exchange<A extends AnswerHead>(
  hop: Hop,
  dispatch: Dispatch,
  interrupt: Interrupt,
  read: ReadResponse<A>,
): Promise<A> {
  if (interrupt.reason) return Promise.reject(interrupt.reason);
  return new Promise((resolve, reject) => {
    const { url, method, headers, body } = hop;
    const send = url.protocol === "https:" ? https.request : http.request;
    const length = body ? Buffer.byteLength(body) : 0;
    const all = length > 0 || method === "POST" ? { ...headers, "Content-Length": length } : headers;
    const request = send(url, Object.assign(dispatch, { method, headers: all }));
    const fail = (error: Error) => {
      interrupt.listener = undefined;
      request.destroy();
      reject(error);
    };
    interrupt.listener = fail;
    request.on("error", (error) => {
      fail(
        request.reusedSocket && isStaleConnection(error)
          ? new StaleConnectionError("", { cause: error })
          : networkError(error),
      );
    });
    request.on("socket", guard);
    request.on("response", (response) => {
      const { statusCode = 0, statusMessage = "", headers } = response;
      const { location, "set-cookie": setCookie, "retry-after": retryAfter } = headers;
      const keepAlive = headers["keep-alive"];
      const [, seconds = Infinity] = (keepAlive && /\btimeout=(\d+)/.exec(String(keepAlive))) || [];
      const idleTimeoutMs = Number(seconds) * 1_000;
      const head = { status: statusCode, statusText: statusMessage, location, setCookie, retryAfter, idleTimeoutMs };
      read(response, head, fail, (answer) => {
        interrupt.listener = undefined;
        resolve(answer);
      });
    });
    request.end(body);
  });
}

// An answer may come before the whole request is written. Node then takes its listener off, and a break would end the process.
function guard(socket: Socket): void {
  if (!socket.listeners("error").includes(ignore)) socket.on("error", ignore);
}

function ignore(): void {}

/** Collects the whole body. */
export const readWhole: ReadResponse<Answer> = (response, head, fail, done) => {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on("data", (chunk: Buffer) => {
    size += chunk.length;
    chunks.push(chunk);
    if (size > MAXIMUM_RESPONSE_BYTES) fail(new LimitError("maximumResponseSize", "The HTTP response is too large."));
  });
  response.on("error", fail);
  response.on("end", () => done(Object.assign(head, { chunks, size })));
};

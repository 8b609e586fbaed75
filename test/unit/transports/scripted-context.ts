/** A transport context whose requests a test answers one by one; for the transports that send requests. */
import { abortError, onAbort, type Abortable } from "../../../src/common/abort-scope.js";
import { HttpError } from "../../../src/errors/http-errors.js";
import { AccessToken, type AccessTokenFactory } from "../../../src/http/access-token.js";
import { HttpClient, HttpResponse, type HttpRequest } from "../../../src/http/http-client.js";
import type { TransportContext } from "../../../src/transports/transport-context.js";
import { FakeClock } from "../../support/fake-clock.js";

/** A request that waits for its answer. */
export interface WaitingRequest extends HttpRequest {
  /** Whether it was given up. */
  isAborted: boolean;
  /** Answers it. */
  answer(status?: number, content?: string | ArrayBuffer): void;
  /** Fails it. */
  fail(error: Error): void;
}

/** Keeps requests waiting; gives them up when their signal fires, as hubwire's own clients do. */
export class WaitingHttpClient extends HttpClient {
  /** All requests so far. */
  readonly requests: WaitingRequest[] = [];
  cookies = "";

  send(request: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const waiting: WaitingRequest = {
        ...request,
        isAborted: false,
        answer: (status = 200, content = "") => {
          if (status < 200 || status > 299) reject(new HttpError("No", status));
          else resolve(new HttpResponse(status, "", content));
        },
        fail: reject,
      };
      this.requests.push(waiting);
      const signal = request.abortSignal as Abortable;
      onAbort(signal, () => {
        waiting.isAborted = true;
        reject(abortError(signal));
      });
    });
  }

  override getCookieString(): string {
    return this.cookies;
  }

  /** The requests of a method. */
  of(method: string): WaitingRequest[] {
    return this.requests.filter((request) => request.method === method);
  }

  /** The last request of a method. */
  last(method: string): WaitingRequest {
    const request = this.of(method).at(-1);
    if (!request) throw new Error(`there was no ${method}`);
    return request;
  }
}

/** Makes one. */
export function scriptedContext(factory?: AccessTokenFactory): {
  readonly clock: FakeClock;
  readonly http: WaitingHttpClient;
  readonly context: TransportContext;
} {
  const clock = new FakeClock();
  const http = new WaitingHttpClient();
  const context = {
    clock,
    http,
    headers: { "X-A": "1" },
    token: new AccessToken(factory),
    timeout: 7_000,
    withCredentials: true,
    openSocket: undefined,
  };
  return { clock, http, context };
}

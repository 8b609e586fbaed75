/** Sends HTTP requests with `fetch`: the client of browsers, and of Node when the user injects a `fetch`. */
import { bounded, onAbort, type Abortable } from "../common/abort-scope.js";
import type { Clock } from "../common/clock.js";
import { InvalidArgumentError } from "../errors/call-errors.js";
import { HttpError } from "../errors/http-errors.js";
import { withContentType } from "./headers.js";
import { HttpClient, HttpResponse, type HttpRequest } from "./http-client.js";

/** {@link HttpClient} over `fetch`. */
export class FetchHttpClient extends HttpClient {
  readonly #clock: Clock;
  readonly #fetch: typeof fetch | undefined;

  /** @param fetcher Used instead of the global `fetch`, which is looked up at each request. */
  constructor(clock: Clock, fetcher?: typeof fetch) {
    super();
    this.#clock = clock;
    this.#fetch = fetcher;
  }

  /** Sends a request. Rejects with HttpError for a status that is not 2xx, with the runtime's own error when there is no answer. */
  send(request: HttpRequest): Promise<HttpResponse> {
    return bounded((signal) => this.#exchange(request, signal), this.#clock, request.abortSignal, request.timeout);
  }

  async #exchange(request: HttpRequest, signal: Abortable): Promise<HttpResponse> {
    const { url = "", method = "", headers = {}, content } = request;
    const controller = new AbortController();
    onAbort(signal, () => controller.abort()); // the signal lives as long as this request
    const response = await (this.#fetch ?? fetch)(withoutUser(url), {
      method,
      headers: withContentType(headers, content),
      body: content || null, // an empty string would be sent with a content type
      cache: "no-cache",
      credentials: credentialsOf(request.withCredentials),
      signal: controller.signal,
    });
    const { status, statusText } = response;
    if (!response.ok) {
      throw new HttpError((await response.text()) || statusText, status, response.headers.get("Retry-After"));
    }
    const body = request.responseType === "arraybuffer" ? response.arrayBuffer() : response.text();
    return new HttpResponse(status, statusText, await body);
  }
}

/** @throws InvalidArgumentError for a URL that `fetch` refuses, with an error that quotes it whole. */
export function withoutUser(url: string): string {
  if (!/\/\/[^/?#]*@/.test(url)) return url;
  throw new InvalidArgumentError("A URL with a user name or password cannot be fetched.");
}

/** What `fetch` calls the option. */
export function credentialsOf(withCredentials: boolean | undefined): RequestCredentials {
  return withCredentials ? "include" : "same-origin";
}

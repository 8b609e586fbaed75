/** The abstraction over HTTP requests, in the official shape, so that users can bring their own client. */

/** The official, minimal abort signal; a DOM `AbortSignal` is one too. */
export interface MinimalAbortSignal {
  /** Whether the request was given up. */
  readonly aborted: boolean;
  /** Called when the request is given up. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- fits both the official type, without an event, and the DOM's
  onabort: ((event?: any) => void) | null;
}

/** A request for an {@link HttpClient}. */
export interface HttpRequest {
  /** The method, e.g. `POST`. */
  method?: string;
  /** The absolute URL. */
  url?: string;
  /** The body. */
  content?: string | ArrayBuffer;
  /** Request headers. */
  headers?: Record<string, string>;
  /** What kind of body to answer with: `arraybuffer`, or text when not set. */
  responseType?: "" | "arraybuffer" | "blob" | "document" | "json" | "text";
  /** Gives the request up: reject with `AbortError`. */
  abortSignal?: MinimalAbortSignal;
  /** Milliseconds until the request is given up: reject with `TimeoutError`. */
  timeout?: number;
  /** Whether browsers send credentials across origins. */
  withCredentials?: boolean;
}

/** A request of our own, as the clients that hubwire brings understand it. */
export interface PollRequest extends HttpRequest {
  /** The answer is given only once: never sent again on another connection, because that would hide a loss, or wait in vain. */
  readonly isPoll?: boolean;
}

/** What an {@link HttpClient} answers. */
export class HttpResponse {
  /** The HTTP status code. */
  readonly statusCode: number;
  /** The status text. */
  readonly statusText?: string | undefined;
  /** The body. */
  readonly content?: string | ArrayBuffer | undefined;

  constructor(statusCode: number, statusText?: string, content?: string | ArrayBuffer) {
    this.statusCode = statusCode;
    if (statusText !== undefined) this.statusText = statusText;
    if (content !== undefined) this.content = content;
  }
}

/**
 * Sends HTTP requests. Extend it to use another HTTP stack: reject with `HttpError` or answer for a non-2xx status, reject
 * with `TimeoutError` on timeout and with `AbortError` on abort.
 */
export abstract class HttpClient {
  /** Sends a request. */
  abstract send(request: HttpRequest): Promise<HttpResponse>;

  /** Sends a GET request. */
  get(url: string, options?: HttpRequest): Promise<HttpResponse> {
    return this.send({ ...options, method: "GET", url });
  }

  /** Sends a POST request. */
  post(url: string, options?: HttpRequest): Promise<HttpResponse> {
    return this.send({ ...options, method: "POST", url });
  }

  /** Sends a DELETE request. */
  delete(url: string, options?: HttpRequest): Promise<HttpResponse> {
    return this.send({ ...options, method: "DELETE", url });
  }

  /** The `Cookie` header for a URL, or an empty string. */
  getCookieString(_url: string): string {
    return "";
  }
}

/** What the requests of one connection have in common, and how they are sent. */
import { withAbort, type Abortable } from "../common/abort-scope.js";
import { HttpError } from "../errors/http-errors.js";
import { authorized, type AccessToken } from "./access-token.js";
import { mergeHeaders, type HeaderSource } from "./headers.js";
import type { HttpClient, HttpResponse, PollRequest } from "./http-client.js";

/** The part of an HTTP client that connections use. */
export type RequestSender = Pick<HttpClient, "send" | "getCookieString">;

/** How a hub connection sends requests, whatever they are about. */
export interface Requests {
  /** Sends requests; rejects when a request's signal fires. */
  readonly http: RequestSender;
  /** Headers of every request: hubwire's own and the user's as they are now, without the token's. */
  readonly headers: Record<string, string>;
}

/** The options that requests go by. */
export interface RequestOptions {
  /** The user's, above hubwire's own. */
  readonly headers?: HeaderSource | undefined;
  /** Sends requests instead of the runtime's own client. */
  readonly httpClient?: HttpClient | undefined;
}

/** Made once for each connection that is opened. */
export interface HttpContext extends Requests {
  /** The bearer token. */
  readonly token: AccessToken;
  /** Milliseconds for a request. */
  readonly timeout: number;
  /** Whether browsers send credentials across origins. */
  readonly withCredentials: boolean;
}

/** @param client The runtime's own. @param userAgent The header that tells servers who calls (TRANSPORTS §2). */
export function requestsOf(client: HttpClient, userAgent: HeaderSource, options: RequestOptions): Requests {
  const { httpClient } = options;
  return {
    http: httpClient ? withSignals(httpClient) : client,
    get headers() {
      return mergeHeaders({ "X-Requested-With": "XMLHttpRequest" }, userAgent, options.headers ?? {});
    },
  };
}

/**
 * Sends a request with the connection's headers and token; a 401 asks for a fresh token once.
 * @throws HttpError for a status that is not 2xx, whatever the client makes of it.
 */
export function sendRequest(context: HttpContext, request: PollRequest, abortSignal: Abortable): Promise<HttpResponse> {
  const { http, token, timeout, withCredentials } = context;
  return authorized(token, request.url ?? "", abortSignal, async () => {
    const headers = withToken(context.headers, token);
    const response = await http.send({ timeout, withCredentials, ...request, headers, abortSignal });
    const { statusCode, statusText = "" } = response;
    if (statusCode < 200 || statusCode > 299) throw new HttpError(statusText, statusCode);
    return response;
  });
}

/** Adds the `Authorization` header to others; takes the user's own away when the factory gave no token. */
export function withToken(headers: Record<string, string>, { value, factory }: AccessToken): Record<string, string> {
  if (!value && !factory) return { ...headers };
  return mergeHeaders(headers, { Authorization: value ? `Bearer ${value}` : undefined });
}

/** The headers for what does not go through the HTTP client, which may have cookies. */
export function headersWithCookies({ http, headers }: Requests, url: string): Record<string, string> {
  const cookies = http.getCookieString(url);
  return cookies ? mergeHeaders({ Cookie: cookies }, headers) : headers;
}

/** The headers of an upgrade, where the runtime can send any. */
export function upgradeHeaders(requests: Requests, url: string, token: AccessToken): Record<string, string> {
  return withToken(headersWithCookies(requests, url), token);
}

/** Puts a user's client to use, which may not know signals. */
function withSignals(client: HttpClient): RequestSender {
  return {
    send: (request) => withAbort(client.send(request), request.abortSignal as Abortable), // sendRequest sets it
    getCookieString: (url) => client.getCookieString(url),
  };
}

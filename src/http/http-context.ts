/** What the requests of one connection have in common, and how they are sent. */
import { abortError, withAbort, type Abortable } from "../common/abort-scope.js";
import { HttpError } from "../errors/http-errors.js";
import type { AccessToken } from "./access-token.js";
import { mergeHeaders } from "./headers.js";
import { publicUrl } from "./url.js";
import type { HttpClient, HttpResponse, PollRequest } from "./http-client.js";

/** The part of an HTTP client that connections use. */
export type RequestSender = Pick<HttpClient, "send" | "getCookieString">;

/** Made once for each connection that is opened. */
export interface HttpContext {
  /** Sends requests; rejects when a request's signal fires. */
  readonly http: RequestSender;
  /** Headers of every request: hubwire's own and the user's, without the token's. */
  readonly headers: Record<string, string>;
  /** The bearer token. */
  readonly token: AccessToken;
  /** Milliseconds for a request. */
  readonly timeout: number;
  /** Whether browsers send credentials across origins. */
  readonly withCredentials: boolean;
}

/**
 * Sends a request with the connection's headers and token; a 401 asks for a fresh token once (GAPS 25).
 * @throws HttpError for a status that is not 2xx, whatever the client makes of it.
 */
export function sendRequest(context: HttpContext, request: PollRequest, abortSignal: Abortable): Promise<HttpResponse> {
  const { http, timeout, withCredentials } = context;
  return authorized(context, request.url ?? "", abortSignal, async (headers) => {
    const response = await http.send({ timeout, withCredentials, ...request, headers, abortSignal });
    const { statusCode, statusText = "" } = response;
    if (statusCode < 200 || statusCode > 299) throw new HttpError(statusText, statusCode);
    return response;
  });
}

/**
 * Does something that needs the token; a 401 asks for a fresh one once.
 * @param url What it goes to.
 * @param send Gets the headers, with the token's, and rejects with HttpError when it is refused.
 * @param headers The headers without it. Default: those of the connection.
 */
export async function authorized<T>(
  { headers: own, token }: HttpContext,
  url: string,
  signal: Abortable,
  send: (headers: Record<string, string>) => Promise<T>,
  headers = own,
): Promise<T> {
  if (signal.aborted) throw abortError(signal);
  const { value } = token;
  try {
    return await send(token.addTo(headers));
  } catch (error) {
    // Not by its class: a client of the user's may be made for the official package.
    const isRefused = (error as Partial<HttpError> | undefined)?.statusCode === 401;
    if (!isRefused || !(await token.renew(signal, { reason: "unauthorized", url: publicUrl(url) }, value))) throw error;
    return send(token.addTo(headers));
  }
}

/** The connection's headers for what does not go through its HTTP client, which may have cookies. */
export function headersWithCookies({ http, headers }: HttpContext, url: string): Record<string, string> {
  const cookies = http.getCookieString(url);
  return cookies ? mergeHeaders({ Cookie: cookies }, headers) : headers;
}

/** Puts a user's client to use, which may not know signals. */
export function withSignals(client: HttpClient): RequestSender {
  return {
    send: (request) => withAbort(client.send(request), request.abortSignal as Abortable), // sendRequest sets it
    getCookieString: (url) => client.getCookieString(url),
  };
}

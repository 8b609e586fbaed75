/** What the requests of one connection have in common, and how they are sent. */
import { withAbort, type Abortable } from "../common/abort-scope.js";
import { HttpError } from "../errors/http-errors.js";
import type { AccessToken } from "./access-token.js";
import type { HttpClient, HttpRequest, HttpResponse } from "./http-client.js";

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
export async function sendRequest(
  context: HttpContext,
  request: HttpRequest,
  abortSignal: Abortable,
): Promise<HttpResponse> {
  const { http, headers, token, timeout, withCredentials } = context;
  const send = async () => {
    const message = { timeout, withCredentials, ...request, headers: token.addTo(headers), abortSignal };
    const response = await http.send(message);
    const { statusCode, statusText = "" } = response;
    if (statusCode < 200 || statusCode > 299) throw new HttpError(statusText, statusCode);
    return response;
  };
  try {
    return await send();
  } catch (error) {
    if (error instanceof HttpError && error.statusCode === 401 && (await token.renew(abortSignal))) return send();
    throw error;
  }
}

/** Puts a user's client to use, which may not know signals. */
export function withSignals(client: HttpClient): RequestSender {
  return {
    send: (request) => withAbort(client.send(request), request.abortSignal as Abortable), // sendRequest sets it
    getCookieString: (url) => client.getCookieString(url),
  };
}

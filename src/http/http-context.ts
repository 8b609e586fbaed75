/** What the requests of one connection have in common, and how they are sent. */
import { HttpError } from "../errors/http-errors.js";
import type { AccessToken } from "./access-token.js";
import { mergeHeaders } from "./headers.js";
import type { HttpClient, HttpRequest, HttpResponse } from "./http-client.js";

/** Made once for each connection that is opened. */
export interface HttpContext {
  /** Sends requests. */
  readonly http: HttpClient;
  /** Headers of every request: hubwire's own and the user's, without the token's. */
  readonly headers: Readonly<Record<string, string>>;
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
export async function sendRequest(context: HttpContext, request: HttpRequest): Promise<HttpResponse> {
  const { http, headers, token, timeout, withCredentials } = context;
  const send = async () => {
    const all = mergeHeaders(headers, token.headers);
    const response = await http.send({ timeout, withCredentials, ...request, headers: all });
    const { statusCode, statusText = "" } = response;
    if (statusCode < 200 || statusCode > 299) throw new HttpError(statusText, statusCode);
    return response;
  };
  try {
    return await send();
  } catch (error) {
    if (error instanceof HttpError && error.statusCode === 401 && (await token.renew())) return send();
    throw error;
  }
}

/** The official `DefaultHttpClient` in Node, for users who extend or wrap the client that connections use by default. */
import { HttpClient, type HttpRequest, type HttpResponse } from "../../http/http-client.js";
import type { Logger } from "../../logging/logger.js";
import { nodeClock } from "./node-clock.js";
import { NodeHttpClient } from "./node-http-client.js";

/** The HTTP client that connections use by default. */
export class DefaultHttpClient extends HttpClient {
  // Not its base class, because its types need those of Node, which applications for browsers do not have.
  readonly #client = new NodeHttpClient(nodeClock);

  /** @param _logger Taken for compatibility; requests are not logged. */
  constructor(_logger?: Logger) {
    super();
  }

  /** Sends a request. Rejects with HttpError for a status that is not 2xx. */
  send(request: HttpRequest): Promise<HttpResponse> {
    return this.#client.send(request);
  }

  /** The cookies that its answers have set, for a URL. */
  override getCookieString(url: string): string {
    return this.#client.getCookieString(url);
  }
}

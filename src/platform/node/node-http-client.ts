/** Sends HTTP requests in Node over kept-alive connections, which costs far less than `fetch` there. */
import * as http from "node:http";
import * as https from "node:https";
import { bounded } from "../../common/abort-scope.js";
import type { Clock } from "../../common/clock.js";
import { HttpError } from "../../errors/http-errors.js";
import { mergeHeaders } from "../../http/headers.js";
import { HttpClient, HttpResponse, type HttpRequest } from "../../http/http-client.js";
import { exchange, StaleConnectionError, type Answer } from "./http-exchange.js";
import { redirected, type Hop } from "./redirect.js";

const MAXIMUM_REDIRECTS = 20;
const utf8 = new TextDecoder();

/** {@link HttpClient} over `node:http` and `node:https`. */
export class NodeHttpClient extends HttpClient {
  readonly #clock: Clock;
  readonly #http = new http.Agent({ keepAlive: true });
  readonly #https = new https.Agent({ keepAlive: true });

  constructor(clock: Clock) {
    super();
    this.#clock = clock;
  }

  /** Sends a request. Rejects with HttpError for a status that is not 2xx, with Node's own error when there is no answer. */
  send(request: HttpRequest): Promise<HttpResponse> {
    return bounded((signal) => this.#follow(request, signal), this.#clock, request.abortSignal, request.timeout);
  }

  /** The pool of connections for a URL. */
  agentFor(url: string): http.Agent {
    return /^(https|wss):/i.test(url) ? this.#https : this.#http;
  }

  /** Closes all connections of requests, idle or not. The client can still be used afterwards. */
  dispose(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async #follow(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    let hop = firstHop(request);
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#exchange(hop, signal);
      const next = redirected(hop, answer.status, answer.location);
      if (!next) return toResponse(answer, request.responseType === "arraybuffer");
      if (redirects === MAXIMUM_REDIRECTS) throw new HttpError("Too many redirects", answer.status);
      hop = next;
    }
  }

  async #exchange(hop: Hop, signal: AbortSignal): Promise<Answer> {
    try {
      return await exchange(hop, this.agentFor(hop.url.href), signal);
    } catch (error) {
      // A body may have been handled before the connection died, so it is not sent twice.
      if (!(error instanceof StaleConnectionError) || hop.body) throw error;
      return exchange(hop, false, signal);
    }
  }
}

function firstHop({ url = "", method = "", headers = {}, content }: HttpRequest): Hop {
  const contentType = typeof content === "string" ? "text/plain;charset=UTF-8" : "application/octet-stream";
  return {
    url: new URL(url),
    method: method.toUpperCase(),
    headers: mergeHeaders({ "Content-Type": content ? contentType : undefined }, headers),
    body: content ? Buffer.from(content as string) : undefined, // either overload
  };
}

function toResponse({ status, statusText, body }: Answer, binary: boolean): HttpResponse {
  if (status < 200 || status > 299) throw new HttpError(utf8.decode(body) || statusText, status);
  return new HttpResponse(status, statusText, binary ? new Uint8Array(body).buffer : utf8.decode(body));
}

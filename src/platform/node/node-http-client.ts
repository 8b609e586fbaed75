/** Sends HTTP requests in Node over kept-alive connections, which costs far less than `fetch` there. */
import * as http from "node:http";
import * as https from "node:https";
import { abortError, onAbort } from "../../common/abort-scope.js";
import type { Clock } from "../../common/clock.js";
import { HttpError, TimeoutError } from "../../errors/http-errors.js";
import { mergeHeaders } from "../../http/headers.js";
import { HttpClient, HttpResponse, type HttpRequest } from "../../http/http-client.js";
import { exchange, Interrupt, StaleConnectionError, type Answer } from "./http-exchange.js";
import { redirected, type Hop } from "./redirect.js";

const MAXIMUM_REDIRECTS = 20;
const utf8 = new TextDecoder();

/** {@link HttpClient} over `node:http` and `node:https`. */
export class NodeHttpClient extends HttpClient {
  readonly #clock: Clock;
  #http: http.Agent | undefined;
  #https: https.Agent | undefined;

  constructor(clock: Clock) {
    super();
    this.#clock = clock;
  }

  /** Sends a request. Rejects with HttpError for a status that is not 2xx, with Node's own error when there is no answer. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const { abortSignal, timeout } = request;
    const interrupt = new Interrupt();
    const release = abortSignal && onAbort(abortSignal, () => interrupt.fire(abortError(abortSignal)));
    const timer = timeout && this.#clock.setTimeout(() => interrupt.fire(new TimeoutError()), timeout);
    try {
      return await this.#follow(request, interrupt);
    } finally {
      release?.();
      this.#clock.clearTimeout(timer);
    }
  }

  /** The pool of connections for a URL. */
  agentFor(url: string): http.Agent {
    // Most clients only ever need one of them.
    if (/^(http|ws)s/i.test(url)) return (this.#https ??= new https.Agent({ keepAlive: true }));
    return (this.#http ??= new http.Agent({ keepAlive: true }));
  }

  /** Closes all connections of requests, idle or not. The client can still be used afterwards. */
  dispose(): void {
    this.#http?.destroy();
    this.#https?.destroy();
    this.#http = this.#https = undefined;
  }

  async #follow(request: HttpRequest, interrupt: Interrupt): Promise<HttpResponse> {
    let hop = firstHop(request);
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#exchange(hop, interrupt);
      const next = redirected(hop, answer.status, answer.location);
      if (!next) return toResponse(answer, request.responseType === "arraybuffer");
      if (redirects === MAXIMUM_REDIRECTS) throw new HttpError("Too many redirects", answer.status);
      hop = next;
    }
  }

  async #exchange(hop: Hop, interrupt: Interrupt): Promise<Answer> {
    try {
      return await exchange(hop, this.agentFor(hop.url.href), interrupt);
    } catch (error) {
      // A body may have been handled before the connection died, so it is not sent twice.
      if (!(error instanceof StaleConnectionError) || hop.body) throw error;
      return exchange(hop, false, interrupt);
    }
  }
}

function firstHop({ url = "", method = "", headers = {}, content }: HttpRequest): Hop {
  const contentType = typeof content === "string" ? "text/plain;charset=UTF-8" : "application/octet-stream";
  return {
    url: new URL(url),
    method: method.toUpperCase(),
    headers: content ? mergeHeaders({ "Content-Type": contentType }, headers) : headers,
    body: content ? Buffer.from(content as string) : undefined, // either overload
  };
}

function toResponse({ status, statusText, body }: Answer, binary: boolean): HttpResponse {
  if (status < 200 || status > 299) throw new HttpError(utf8.decode(body) || statusText, status);
  return new HttpResponse(status, statusText, binary ? new Uint8Array(body).buffer : utf8.decode(body));
}

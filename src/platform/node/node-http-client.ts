/** Sends HTTP requests in Node over kept-alive connections, which costs far less than `fetch` there. */
import * as http from "node:http";
import * as https from "node:https";
import { abortError, onAbort } from "../../common/abort-scope.js";
import type { Clock } from "../../common/clock.js";
import { HttpError, TimeoutError } from "../../errors/http-errors.js";
import { withContentType } from "../../http/headers.js";
import { HttpClient, HttpResponse, type HttpRequest, type PollRequest } from "../../http/http-client.js";
import type { OpenStream } from "../../http/open-stream.js";
import {
  exchange,
  Interrupt,
  readWhole,
  StaleConnectionError,
  type Answer,
  type AnswerHead,
  type ReadResponse,
} from "./http-exchange.js";
import { redirected, type Hop } from "./redirect.js";
import { readStream } from "./response-stream.js";

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
  async send(request: PollRequest): Promise<HttpResponse> {
    const { abortSignal, timeout } = request;
    const interrupt = new Interrupt();
    const release = abortSignal && onAbort(abortSignal, () => interrupt.fire(abortError(abortSignal)));
    const timer = timeout && this.#clock.setTimeout(() => interrupt.fire(new TimeoutError()), timeout);
    try {
      return toResponse(await this.#follow(request, interrupt, readWhole), request.responseType === "arraybuffer");
    } finally {
      release?.();
      this.#clock.clearTimeout(timer);
    }
  }

  /** See {@link OpenStream}. */
  readonly openStream: OpenStream = async ({ url, headers, signal }, listener) => {
    const interrupt = new Interrupt();
    const release = onAbort(signal, () => interrupt.fire(abortError(signal)));
    try {
      const read = readStream(listener);
      const answer = await this.#follow({ method: "GET", url, headers }, interrupt, read);
      if (answer.problem) throw answer.problem;
      return answer.close;
    } finally {
      release();
    }
  };

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

  async #follow<A extends AnswerHead>(request: PollRequest, interrupt: Interrupt, read: ReadResponse<A>): Promise<A> {
    let hop = firstHop(request);
    for (let redirects = 0; ; redirects++) {
      // A body, or what the answer to a poll told, may have been handled before the connection died.
      const once = request.isPoll || hop.body !== undefined;
      const answer = await this.#exchange(hop, interrupt, read, once);
      const next = redirected(hop, answer.status, answer.location);
      if (!next) return answer;
      if (redirects === MAXIMUM_REDIRECTS) throw new HttpError("Too many redirects", answer.status);
      hop = next;
    }
  }

  async #exchange<A extends AnswerHead>(
    hop: Hop,
    interrupt: Interrupt,
    read: ReadResponse<A>,
    once: boolean,
  ): Promise<A> {
    try {
      return await exchange(hop, this.agentFor(hop.url.href), interrupt, read);
    } catch (error) {
      if (!(error instanceof StaleConnectionError)) throw error;
      if (once) throw error.cause;
      return exchange(hop, false, interrupt, read);
    }
  }
}

function firstHop({ url = "", method = "", headers = {}, content }: HttpRequest): Hop {
  return {
    url: new URL(url),
    method: method.toUpperCase(),
    headers: withContentType(headers, content),
    body: typeof content === "string" ? content || undefined : content && Buffer.from(content),
  };
}

function toResponse({ status, statusText, chunks, size }: Answer, binary: boolean): HttpResponse {
  const [first] = chunks;
  if (status < 200 || status > 299) throw new HttpError(utf8.decode(Buffer.concat(chunks)) || statusText, status);
  if (binary) {
    // Into a buffer of its own at once: those of Node share theirs.
    const bytes = new Uint8Array(size);
    let offset = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    return new HttpResponse(status, statusText, bytes.buffer);
  }
  const whole = chunks.length === 1 ? first : Buffer.concat(chunks);
  return new HttpResponse(status, statusText, utf8.decode(whole));
}

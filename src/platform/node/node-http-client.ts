/** Sends HTTP requests in Node over kept-alive connections, which costs far less than `fetch` there. */
import { abortError, AbortScope, onAbort } from "../../common/abort-scope.js";
import type { Clock } from "../../common/clock.js";
import { HttpError, TimeoutError } from "../../errors/http-errors.js";
import { withContentType } from "../../http/headers.js";
import { HttpClient, HttpResponse, type HttpRequest, type PollRequest } from "../../http/http-client.js";
import type { OpenStream } from "../../http/open-stream.js";
import { Agents } from "./agents.js";
import { Cookies } from "./cookies.js";
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
/** So long before the time that a server gives to idle connections they are used no more. */
const MARGIN_MS = 1_000;
const utf8 = new TextDecoder();

/** {@link HttpClient} over `node:http` and `node:https`. */
export class NodeHttpClient extends HttpClient {
  readonly #clock: Clock;
  readonly #agents: Agents;
  readonly #cookies: Cookies;
  readonly #tellsCookies: boolean;
  /** From when on the connections that are idle may have been closed by the server. */
  #staleAt = Infinity;

  /** @param tellsCookies Whether somebody else sends the cookies as well, see {@link getCookieString}. */
  constructor(clock: Clock, agents = new Agents(), cookies = new Cookies(), tellsCookies = true) {
    super();
    this.#clock = clock;
    this.#agents = agents;
    this.#cookies = cookies;
    this.#tellsCookies = tellsCookies;
  }

  /** Sends a request. Rejects with HttpError for a status that is not 2xx, with Node's own error when there is no answer. */
  async send(request: PollRequest): Promise<HttpResponse> {
    const { abortSignal, timeout } = request;
    const interrupt = new Interrupt();
    const release = abortSignal && onAbort(abortSignal, () => interrupt.fire(abortError(abortSignal)));
    // Not a timer that the one of the attempt comes before.
    const isBounded = abortSignal instanceof AbortScope && abortSignal.timeoutMs <= (timeout ?? 0);
    const giveUp = () => interrupt.fire(new TimeoutError());
    const timer = timeout && !isBounded && this.#clock.setTimeout(giveUp, timeout);
    try {
      const answer = await this.#follow(request, interrupt, readWhole);
      if (this.#cookies.storing) await interrupt.waitFor(this.#cookies.storing);
      return toResponse(answer, request.responseType === "arraybuffer");
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

  /** The `Cookie` header for what does not go through this client, as far as it can be told at once. */
  override getCookieString(url: string): string {
    return this.#tellsCookies ? this.#cookies.textFor(url) : "";
  }

  /** Closes all connections of requests, idle or not. The client can still be used afterwards. */
  dispose(): void {
    this.#agents.dispose();
  }

  async #follow<A extends AnswerHead>(request: PollRequest, interrupt: Interrupt, read: ReadResponse<A>): Promise<A> {
    let hop = firstHop(request);
    for (let redirects = 0; ; redirects++) {
      // A body, or what the answer to a poll told, may have been handled before the connection died.
      const once = request.isPoll || hop.body !== undefined;
      const answer = await this.#exchange(hop, interrupt, read, once);
      const { href } = hop.url;
      this.#cookies.store(answer.setCookie, href);
      const refusal = answer.status === 407 && this.#agents.refusal(href, answer.statusText);
      if (refusal) throw refusal;
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
    const { href } = hop.url;
    const cookies = this.#cookies;
    const sent = cookies.isEmpty ? hop : { ...hop, headers: await interrupt.waitFor(cookies.addTo(hop.headers, href)) };
    // Each dead connection is used up; in the end there is a fresh one.
    for (;;) {
      // A process that was busy has not seen yet that they are closed, and a request that cannot be sent again would be lost there.
      if (this.#clock.now() >= this.#staleAt) this.#agents.closeIdle();
      try {
        const answer = await exchange(sent, this.#agents.dispatchTo(href), interrupt, read);
        this.#staleAt = this.#clock.now() + answer.idleTimeoutMs - MARGIN_MS;
        return answer;
      } catch (error) {
        if (!(error instanceof StaleConnectionError)) throw error;
        if (once) throw error.cause;
      }
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

function toResponse({ status, statusText, retryAfter, chunks, size }: Answer, binary: boolean): HttpResponse {
  const [first] = chunks;
  if (status < 200 || status > 299) {
    throw new HttpError(utf8.decode(Buffer.concat(chunks)) || statusText, status, retryAfter);
  }
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

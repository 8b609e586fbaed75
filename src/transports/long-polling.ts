/** The Long Polling transport of the client: GET requests that wait for messages down, POST requests up (TRANSPORTS §5). */
import type { Abortable } from "../common/abort-scope.js";
import { HttpError, TimeoutError } from "../errors/http-errors.js";
import type { HttpResponse } from "../http/http-client.js";
import { sendRequest } from "../http/http-context.js";
import { appendQuery } from "../http/url.js";
import { TransferFormat } from "../protocol/messages.js";
import { endError, PostConnection } from "./post-connection.js";
import type { HttpTransport } from "./transport.js";

/** Servers answer a poll after 90 s by default, with nothing if there is nothing. */
const POLL_TIMEOUT_MS = 100_000;
/** A server that has nothing to say lets a poll wait; one that does not is not asked without a break. */
const EMPTY_PAUSE_MS = 100;
/** A server that was not polled for so long gives the connection up. */
const PROBE_TIMEOUT_MS = 15_000;

/** Long Polling, which gets through everywhere. Connecting rejects with HttpError for another status than 200. */
export const longPolling: HttpTransport = {
  name: "LongPolling",
  transferFormats: TransferFormat.Text | TransferFormat.Binary,
  async connect(context, request) {
    const { url, transferFormat, signal } = request;
    const responseType = transferFormat === TransferFormat.Binary ? "arraybuffer" : "text";
    let polls = 0;
    const poll = (abortSignal: Abortable): Promise<HttpResponse> => {
      // Whatever caches answers by their URL has never seen this one.
      const pollUrl = appendQuery(url, "_", String(polls++));
      const message = { method: "GET", url: pollUrl, responseType, timeout: POLL_TIMEOUT_MS, isPoll: true } as const;
      return sendRequest(context, message, abortSignal);
    };
    // The first one only tells that the connection stands; it never waits.
    const first = await poll(signal);
    if (first.statusCode !== 200) throw unexpected(first);
    const connection = new PostConnection(context, request, (abortSignal) =>
      sendRequest(context, { method: "DELETE", url }, abortSignal),
    );
    const probe = () =>
      sendRequest(context, { method: "POST", url, content: "", timeout: PROBE_TIMEOUT_MS }, connection.signal);
    void deliverAnswers(connection, first, () => nextAnswer(() => poll(connection.signal), probe));
    return connection;
  },
};

async function deliverAnswers(
  connection: PostConnection,
  first: HttpResponse,
  next: () => Promise<HttpResponse>,
): Promise<void> {
  try {
    for (let answer = first; answer.statusCode !== 204; answer = await next()) {
      if (answer.statusCode !== 200) throw unexpected(answer);
      const { content } = answer;
      if (content && (typeof content === "string" || content.byteLength > 0)) connection.listener.onData(content);
      else if (answer !== first) await connection.pause(EMPTY_PAUSE_MS);
    }
    connection.end();
  } catch (error) {
    connection.end(endError(error));
  }
}

/** Polls until there is an answer. */
async function nextAnswer(poll: () => Promise<HttpResponse>, probe: () => Promise<unknown>): Promise<HttpResponse> {
  for (;;) {
    try {
      return await poll();
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
    }
    // Either the server had nothing to say, or it is gone.
    await probe();
  }
}

function unexpected({ statusCode, statusText = "" }: HttpResponse): HttpError {
  return new HttpError(statusText, statusCode);
}

/** Keeps the span of a hub method open until the stream that it returned is over, and lets the method's code run inside of it. */
import { context, type Context, type Span } from "@opentelemetry/api";
import { isSubscribable, iterate, unsubscribe, type StreamSource } from "../session/stream-source.js";
import { endWithError } from "./spans.js";

/** Wraps a stream. @param inside The context to run its code in. */
export function tracedStream(source: StreamSource<unknown>, inside: Context, span: Span): StreamSource<unknown> {
  if (!isSubscribable(source))
    return { [Symbol.asyncIterator]: () => new TracedIterator(iterate(source), inside, span) };
  return {
    subscribe: (subscriber) => {
      const subscription = source.subscribe({
        next: (item) => subscriber.next(item),
        error: (thrown) => {
          endWithError(span, thrown);
          subscriber.error(thrown);
        },
        complete: () => {
          span.end();
          subscriber.complete();
        },
      });
      return () => {
        if (span.isRecording()) span.end(); // the client wants no more
        unsubscribe(subscription);
      };
    },
  };
}

class TracedIterator implements AsyncIterator<unknown> {
  readonly #iterator: AsyncIterator<unknown>;
  readonly #inside: Context;
  readonly #span: Span;

  constructor(iterator: AsyncIterator<unknown>, inside: Context, span: Span) {
    this.#iterator = iterator;
    this.#inside = inside;
    this.#span = span;
  }

  async next(): Promise<IteratorResult<unknown>> {
    try {
      const result = await context.with(this.#inside, () => this.#iterator.next());
      if (result.done) this.#span.end();
      return result;
    } catch (thrown) {
      endWithError(this.#span, thrown);
      throw thrown;
    }
  }

  // The client wants no more, or the connection is gone.
  async return(): Promise<IteratorResult<unknown>> {
    try {
      await context.with(this.#inside, () => this.#iterator.return?.());
    } finally {
      if (this.#span.isRecording()) this.#span.end();
    }
    return { done: true, value: undefined };
  }
}

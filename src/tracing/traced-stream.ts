/** Keeps the span of a hub method open until the stream that it returned is over, and lets the method's code run inside of it. */
import { context, type Context, type Span } from "@opentelemetry/api";
import { discardStream } from "../session/discard-stream.js";
import {
  isSubscribable,
  iterate,
  unsubscribe,
  type StreamSource,
  type StreamSubscriber,
} from "../session/stream-source.js";
import { endOnce, endWithError } from "./spans.js";

/** Wraps a stream. What can only be subscribed to can be disposed of as well, for when nobody does. @param inside The context to run its code in. */
export function tracedStream(
  source: StreamSource<unknown>,
  inside: Context,
  span: Span,
): StreamSource<unknown> & Partial<Disposable> {
  function begin<T>(read: () => T): T {
    try {
      return context.with(inside, read);
    } catch (thrown) {
      endWithError(span, thrown);
      throw thrown;
    }
  }
  if (!isSubscribable(source)) {
    return {
      [Symbol.asyncIterator]: () =>
        new TracedIterator(
          begin(() => iterate(source)),
          inside,
          span,
        ),
    };
  }
  return {
    subscribe: (subscriber) => {
      const subscription = begin(() => source.subscribe(tracedSubscriber(subscriber, span)));
      return () => {
        endOnce(span); // the client wants no more
        unsubscribe(subscription);
      };
    },
    [Symbol.dispose]: () => {
      endOnce(span);
      context.with(inside, () => discardStream(source));
    },
  };
}

function tracedSubscriber(subscriber: StreamSubscriber<unknown>, span: Span): StreamSubscriber<unknown> {
  return {
    next: (item) => subscriber.next(item),
    error: (thrown) => {
      endWithError(span, thrown);
      subscriber.error(thrown);
    },
    complete: () => {
      endOnce(span);
      subscriber.complete();
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
      if (result.done) endOnce(this.#span);
      return result;
    } catch (thrown) {
      endWithError(this.#span, thrown);
      throw thrown;
    }
  }

  // The client wants no more, or the connection is gone. A generator that waits for something may take for ever to notice.
  async return(): Promise<IteratorResult<unknown>> {
    endOnce(this.#span);
    await context.with(this.#inside, () => this.#iterator.return?.());
    return { done: true, value: undefined };
  }
}

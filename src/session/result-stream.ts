/** What `stream()` returns: the items of one streaming call, for subscribers and for `for await`. */
import { HubError, InvalidArgumentError, LimitError } from "../errors/call-errors.js";
import { messageOf } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { CompletionMessage } from "../protocol/messages.js";
import type { Answerable } from "./invocation-table.js";
import { ItemQueue } from "./item-queue.js";
import type { StreamSubscriber } from "./stream-source.js";
import type { Subscription } from "./subject.js";

/** Items that one reader, or the wait for a first one, may leave unread. */
export const STREAM_CAPACITY = 10_000;

/** The official shape of a stream; what only has this can stand in for a {@link StreamResult} in an application's own tests. */
export interface SubscribableStream<T> {
  /** Gives the items to a subscriber. @returns what ends that. */
  subscribe(subscriber: StreamSubscriber<T>): Subscription;
}

/** The items of a streaming call. Leaving the loop, or disposing the last subscription, cancels the call on the server. */
export interface StreamResult<T> extends SubscribableStream<T>, AsyncIterable<T> {
  /**
   * Gives the items to a subscriber. Several may share a stream; the first gets what came before it, up to 10,000 items.
   * @throws InvalidArgumentError when the subscriber has no `next` method.
   */
  subscribe(subscriber: StreamSubscriber<T>): Subscription;
}

type StreamEnd = { readonly error: Error | undefined };

/** The receiving end of one streaming call. */
export class ResultStream implements StreamResult<unknown>, Answerable {
  readonly #log: Log;
  #cancel: (() => void) | undefined;
  #subscribers: readonly StreamSubscriber<unknown>[] = [];
  #early: unknown[] | undefined = [];
  #end: StreamEnd | undefined;

  /** @param cancel Tells the server, once, that nobody reads any more. */
  constructor(log: Log, cancel: () => void) {
    this.#log = log;
    this.#cancel = cancel;
  }

  subscribe(subscriber: StreamSubscriber<unknown>): Subscription {
    if (typeof subscriber?.next !== "function") throw new InvalidArgumentError("A subscriber needs a next method.");
    // Only then registered: an end that comes meanwhile, because the subscriber stops the connection, is told behind the items.
    for (const item of this.#early ?? []) this.#tell(() => subscriber.next(item));
    this.#early = undefined;
    if (this.#end === undefined) this.#subscribers = [...this.#subscribers, subscriber];
    else this.#tellEnd(subscriber, this.#end);
    return { dispose: () => this.#remove(subscriber) };
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<unknown> {
    const queue = new ItemQueue<unknown>({ onAbandoned: () => subscription.dispose() });
    const overflow = (): void => {
      queue.abort(new LimitError("streamCapacity", `More than ${STREAM_CAPACITY} items of a stream were not read.`));
      subscription.dispose();
    };
    const subscription = this.subscribe({
      next: (item) => (queue.size < STREAM_CAPACITY ? queue.push(item) : overflow()),
      error: (error: Error) => queue.end(error),
      complete: () => queue.end(),
    });
    return queue;
  }

  onItem(item: unknown): void {
    if (this.#early === undefined) {
      for (const subscriber of this.#subscribers) {
        try {
          subscriber.next(item);
        } catch (thrown) {
          this.#report(thrown);
        }
      }
    } else if (this.#early.length < STREAM_CAPACITY) {
      this.#early.push(item);
    } else if (this.#end === undefined) {
      this.#cancel?.();
      this.onFailed(new LimitError("streamCapacity", `Nobody read the first ${STREAM_CAPACITY} items of a stream.`));
    }
  }

  onCompletion(message: CompletionMessage): void {
    this.#finish({ error: message.error == null ? undefined : new HubError(message.error) });
  }

  onFailed(error: Error): void {
    this.#finish({ error });
  }

  #finish(end: StreamEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#cancel = undefined; // whoever keeps the stream must not keep the whole connection with it
    const subscribers = this.#subscribers;
    this.#subscribers = [];
    for (const subscriber of subscribers) this.#tellEnd(subscriber, end);
  }

  #remove(subscriber: StreamSubscriber<unknown>): void {
    if (!this.#subscribers.includes(subscriber)) return;
    this.#subscribers = this.#subscribers.filter((other) => other !== subscriber);
    if (this.#subscribers.length > 0 || this.#end !== undefined) return;
    this.#end = { error: undefined };
    this.#cancel?.();
    this.#cancel = undefined;
  }

  // Subscribers written for the official client may have only `next`.
  #tellEnd(subscriber: Partial<StreamSubscriber<unknown>>, { error }: StreamEnd): void {
    this.#tell(() => (error === undefined ? subscriber.complete?.() : subscriber.error?.(error)));
  }

  #tell(call: () => void): void {
    try {
      call();
    } catch (thrown) {
      this.#report(thrown);
    }
  }

  #report(thrown: unknown): void {
    this.#log.write(LogLevel.Error, () => `A stream subscriber threw: ${messageOf(thrown)}`);
  }
}

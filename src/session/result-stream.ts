/** What `stream()` returns: the items of one streaming call, for subscribers and for `for await`. */
import { HubError, InvalidArgumentError, LimitError } from "../errors/call-errors.js";
import { messageOf } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { CompletionMessage } from "../protocol/messages.js";
import { Deferred, ignoreRejection } from "../common/deferred.js";
import { Fifo } from "../common/fifo.js";
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

/** What happens to a stream whose reader has left as many items unread as may be. */
export type StreamOverflow = "fail" | "drop-oldest" | "drop-newest";

/** How many items may be left unread, and what happens then. */
export interface StreamBuffering {
  readonly streamCapacity?: number | undefined;
  readonly streamOverflow?: StreamOverflow | undefined;
}

/** The items of a streaming call. Leaving the loop, or disposing the last subscription, cancels the call on the server. */
export interface StreamResult<T> extends SubscribableStream<T>, AsyncIterable<T> {
  /**
   * Settles when the stream is over, whether anybody reads it or not: fulfils at its end and when its last reader has left, rejects
   * with its error. Looking at it is not reading, and an error that nobody looks at here is not an unhandled rejection.
   */
  readonly ended: Promise<void>;
  /**
   * Gives the items to a subscriber. Several may share a stream; the first gets what came before it, up to 10,000 items.
   * @throws InvalidArgumentError when the subscriber has no `next` method.
   */
  subscribe(subscriber: StreamSubscriber<T>): Subscription;
}

type StreamEnd = { readonly error: Error | undefined };

/** The receiving end of one streaming call. */
export class ResultStream implements StreamResult<unknown>, Answerable {
  id = "";
  readonly #log: Log;
  #cancel: (() => void) | undefined;
  readonly #capacity: number;
  readonly #overflow: StreamOverflow | undefined;
  #subscribers: readonly StreamSubscriber<unknown>[] = [];
  #early: Fifo<unknown> | undefined = new Fifo();
  #end: StreamEnd | undefined;
  #isAborted = false;
  #ended: Deferred<void> | undefined;

  /** @param cancel Tells the server, once, that nobody reads any more. */
  constructor(log: Log, cancel: () => void, { streamCapacity, streamOverflow }: StreamBuffering = {}) {
    this.#log = log;
    this.#cancel = cancel;
    this.#capacity = streamCapacity ?? STREAM_CAPACITY;
    this.#overflow = streamOverflow;
  }

  get ended(): Promise<void> {
    if (this.#ended === undefined) {
      this.#ended = new Deferred();
      ignoreRejection(this.#ended.promise);
      this.#settle();
    }
    return this.#ended.promise;
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
    const queue = new ItemQueue<unknown>({ onAbandoned: () => this.#remove(subscriber) });
    const subscriber: StreamSubscriber<unknown> = {
      next: (item) => {
        if (queue.size < this.#capacity || this.#makeRoom(queue)) return queue.push(item);
        if (this.#overflow === "drop-newest") return;
        const error = this.#overflowError();
        queue.abort(error);
        this.#remove(subscriber, error);
      },
      error: (error: Error) => (this.#isAborted ? queue.abort(error) : queue.end(error)),
      complete: () => queue.end(),
    };
    this.subscribe(subscriber);
    return queue;
  }

  /** Ends the stream at once, from this side: items that were not read yet are dropped, the server is told. */
  abort(error: Error): void {
    if (this.#end !== undefined) return;
    this.#isAborted = true;
    this.#early?.takeAll();
    this.#cancel?.();
    this.#finish({ error });
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
    } else if (this.#early.size < this.#capacity || this.#makeRoom(this.#early)) {
      this.#early.push(item);
    } else if (this.#end === undefined && this.#overflow !== "drop-newest") {
      this.#cancel?.();
      this.onFailed(this.#overflowError());
    }
  }

  onCompletion(message: CompletionMessage): void {
    this.#finish({ error: message.error == null ? undefined : new HubError(message.error) });
  }

  onFailed(error: Error): void {
    this.#finish({ error });
  }

  // Drops the oldest item where that is wanted. @returns whether it did.
  #makeRoom(items: { shift(): unknown }): boolean {
    if (this.#overflow !== "drop-oldest") return false;
    items.shift();
    return true;
  }

  #overflowError(): LimitError {
    return new LimitError("streamCapacity", `More than ${this.#capacity} items of a stream were not read.`);
  }

  #settle(): void {
    if (this.#end?.error) this.#ended?.reject(this.#end.error);
    else if (this.#end) this.#ended?.resolve();
  }

  #finish(end: StreamEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#settle();
    this.#cancel = undefined; // whoever keeps the stream must not keep the whole connection with it
    const subscribers = this.#subscribers;
    this.#subscribers = [];
    for (const subscriber of subscribers) this.#tellEnd(subscriber, end);
  }

  // With an error when the subscriber could not go on.
  #remove(subscriber: StreamSubscriber<unknown>, error?: Error): void {
    if (!this.#subscribers.includes(subscriber)) return;
    this.#subscribers = this.#subscribers.filter((other) => other !== subscriber);
    if (this.#subscribers.length > 0 || this.#end !== undefined) return;
    this.#end = { error };
    this.#settle();
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

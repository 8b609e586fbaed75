/** The official push source: an application puts items in, uploads and other subscribers get them. */
import { InvalidArgumentError, LimitError } from "../errors/call-errors.js";
import type { StreamSubscriber } from "./stream-source.js";

/** Ends a subscription. */
export interface Subscription {
  /** Ends it; calling it again does nothing. */
  dispose(): void;
}

/** The official name, which takes the type of the items. */
export type ISubscription<_T = unknown> = Subscription;

/** Items kept for the first subscriber before `next` refuses more. */
const EARLY_CAPACITY = 10_000;

/**
 * A stream that is fed by calling its methods. What comes before the first subscriber is kept for it, and an ended subject stays ended.
 */
export class Subject<T> {
  #subscribers: readonly StreamSubscriber<T>[] = [];
  #early: T[] | undefined = [];
  #end: { readonly error?: unknown } | undefined;

  /**
   * Pushes an item. What a subscriber throws is thrown here, once all have got it.
   * @throws LimitError when 10,000 items wait for a first subscriber. After the end items are ignored.
   */
  next(item: T): void {
    if (this.#end !== undefined) return;
    if (this.#early !== undefined) {
      if (this.#early.length >= EARLY_CAPACITY)
        throw new LimitError("earlyItems", "Nobody subscribes to this subject.");
      this.#early.push(item);
      return;
    }
    const subscribers = this.#subscribers;
    const only = subscribers.length === 1 ? subscribers[0] : undefined;
    if (only !== undefined) only.next(item);
    else tellEach(subscribers, (subscriber) => subscriber.next(item));
  }

  /** Ends the stream with an error. */
  error(error: unknown): void {
    this.#finish({ error });
  }

  /** Ends the stream. */
  complete(): void {
    this.#finish({});
  }

  /** Adds a subscriber: the first gets what came before it, one that comes after the end just gets the end. */
  subscribe(subscriber: StreamSubscriber<T>): Subscription {
    if (typeof subscriber?.next !== "function") throw new InvalidArgumentError("A subscriber needs a next method.");
    // What is pushed meanwhile lines up behind: it grows the list that is being walked.
    for (const item of this.#early ?? []) subscriber.next(item);
    this.#early = undefined;
    if (this.#end === undefined) this.#subscribers = [...this.#subscribers, subscriber];
    else tellEnd(subscriber, this.#end);
    return {
      dispose: () => {
        this.#subscribers = this.#subscribers.filter((other) => other !== subscriber);
      },
    };
  }

  #finish(end: { readonly error?: unknown }): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    const subscribers = this.#subscribers;
    this.#subscribers = [];
    tellEach(subscribers, (subscriber) => tellEnd(subscriber, end));
  }
}

function tellEach<T>(
  subscribers: readonly StreamSubscriber<T>[],
  tell: (subscriber: StreamSubscriber<T>) => void,
): void {
  let failure: { readonly thrown: unknown } | undefined;
  for (const subscriber of subscribers) {
    try {
      tell(subscriber);
    } catch (thrown) {
      failure ??= { thrown };
    }
  }
  if (failure !== undefined) throw failure.thrown;
}

// Subscribers written for the official client may have only `next`.
function tellEnd<T>(subscriber: Partial<StreamSubscriber<T>>, end: { readonly error?: unknown }): void {
  if ("error" in end) subscriber.error?.(end.error);
  else subscriber.complete?.();
}

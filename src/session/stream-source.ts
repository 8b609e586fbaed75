/** Tells which arguments of a call are streams to upload, and reads every kind of them the same way. */
import { InvalidArgumentError } from "../errors/call-errors.js";
import { messageOf } from "../errors/to-error.js";

/** Receives the items of a stream. */
export interface StreamSubscriber<T> {
  /** Set by some libraries; not used by hubwire. */
  closed?: boolean;
  /** The next item. */
  readonly next: (value: T) => void; // not as a method: a source of any items is no source of numbers
  /** The stream failed; nothing follows. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in the official client, whose subscribers show it as it comes
  error(error: any): void;
  /** The stream ended; nothing follows. */
  complete(): void;
}

/** What a subscription can be ended with: SignalR's own name or the one of RxJS. */
interface Unsubscribable {
  readonly dispose?: unknown;
  readonly unsubscribe?: unknown;
}

/** Anything that pushes items: a `Subject`, an RxJS observable. */
export interface Subscribable<T> {
  /** Starts pushing to the subscriber. */
  readonly subscribe: (subscriber: StreamSubscriber<T>) => unknown;
}

// Where a project has no web types that name is an error, which is `any`: everything would be a stream.
type WebStream<T> = unknown extends ReadableStream ? never : ReadableStream<T>;

/** Anything that can be uploaded as a stream. */
export type StreamSource<T> = Subscribable<T> | AsyncIterable<T> | WebStream<T>;

/** Whether an argument is a stream rather than a value. */
export function isStreamSource(value: unknown): value is StreamSource<unknown> {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  return isSubscribable(value) || isAsyncIterable(value) || isReadable(value);
}

/**
 * Whether there is a stream among the arguments of a call.
 * @throws InvalidArgumentError when looking at one throws, as a getter or a proxy may.
 */
export function includesStream(args: readonly unknown[]): boolean {
  try {
    // A loop: calls are made thousands at a time, and most have nothing but numbers and texts.
    for (const arg of args) if (isStreamSource(arg)) return true;
    return false;
  } catch (thrown) {
    throw new InvalidArgumentError(`An argument cannot be read: ${messageOf(thrown)}`, "not-serializable", thrown);
  }
}

/** What tells a stream; read one by one and by name, because other ways cost more than the rest of a call. */
interface Signs {
  readonly subscribe?: unknown;
  readonly getReader?: unknown;
  readonly [Symbol.asyncIterator]?: unknown;
}

/** Whether a value pushes items. */
export function isSubscribable(value: Signs): value is Subscribable<unknown> {
  return typeof value.subscribe === "function";
}

/** Whether a value can be read with `for await`. */
export function isAsyncIterable(value: Signs): value is AsyncIterable<unknown> {
  return typeof value[Symbol.asyncIterator] === "function";
}

function isReadable(value: Signs): value is Pick<ReadableStream<unknown>, "getReader"> {
  return typeof value.getReader === "function";
}

/**
 * An iterator over a pulled source. ReadableStreams are read by hand: not all browsers can iterate over them, and their own iterator
 * lets nobody cancel while it waits for a chunk.
 */
export function iterate(
  source: AsyncIterable<unknown> | Pick<ReadableStream<unknown>, "getReader">,
): AsyncIterator<unknown> {
  if (!isReadable(source)) return source[Symbol.asyncIterator]();
  const reader = source.getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? { done: true, value: undefined } : { done: false, value };
    },
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

/** Ends a subscription, whatever the library that made it calls that. */
export function unsubscribe(subscription: unknown): void {
  if (isCallable(subscription)) return subscription();
  if (typeof subscription !== "object" || subscription === null) return;
  const { dispose, unsubscribe: end }: Unsubscribable = subscription;
  if (isCallable(dispose)) dispose.call(subscription);
  else if (isCallable(end)) end.call(subscription);
}

function isCallable(value: unknown): value is () => void {
  return typeof value === "function";
}

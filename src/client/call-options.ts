/** What `connection.with(…)` takes, and its check. */
import type { Clock } from "../common/clock.js";
import { wrongOption } from "../errors/call-errors.js";
import type { Log } from "../logging/logger.js";
import type { MessageHeaders } from "../protocol/messages.js";
import type { LimitedCallOptions } from "../session/limited-calls.js";
import type { StreamOverflow } from "../session/result-stream.js";

/** Options of single calls; all optional. */
export interface CallOptions {
  /**
   * Gives a call up: it rejects at once with `AbortError`, a stream ends with it, and the server is told. What `send` has handed over
   * is on its way and not cancelled; uploads among its arguments are.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds until the server must have answered: with the result of `invoke`, or the first item of `stream`, which may go on for
   * ever after it; of `send` until the message could be handed to the transport. After it the call fails with `TimeoutError`
   * (`call-timeout`), and the server is told. Default: for ever.
   */
  readonly timeout?: number | undefined;
  /** Headers of the message, for the hub's side to read; no HTTP headers. Default: none. */
  readonly headers?: Readonly<MessageHeaders> | undefined;
  /** Items of a stream that may be left unread. Default: 10,000. */
  readonly streamCapacity?: number | undefined;
  /**
   * What happens beyond `streamCapacity`: the stream fails with `LimitError` and is cancelled (`fail`), or an item is lost.
   * Default: `fail`.
   */
  readonly streamOverflow?: StreamOverflow | undefined;
}

const OVERFLOWS: readonly unknown[] = ["fail", "drop-oldest", "drop-newest"] satisfies StreamOverflow[];

/** {@link CallOptions}, checked, with what it takes to keep to them. */
export type ResolvedCallOptions = LimitedCallOptions;

/** Checks options. @returns a copy. @throws InvalidArgumentError that names the option. */
export function resolveCallOptions(options: CallOptions, clock: Clock, log: Log): ResolvedCallOptions {
  if (typeof options !== "object" || options === null) wrongOption("options");
  const { signal, timeout, headers, streamCapacity, streamOverflow } = options;
  if (signal != null && typeof signal.addEventListener !== "function") wrongOption("signal");
  if (timeout != null && !(isAtLeast(timeout, Number.MIN_VALUE) && isFinite(timeout))) wrongOption("timeout");
  if (headers != null) checkHeaders(headers);
  if (streamCapacity != null && !isAtLeast(streamCapacity, 1)) wrongOption("streamCapacity");
  if (streamOverflow != null && !OVERFLOWS.includes(streamOverflow)) wrongOption("streamOverflow");
  return { ...options, headers: headers && { ...headers }, clock, log };
}

/** Checks headers. @throws InvalidArgumentError when they are no names with texts. */
export function checkHeaders(headers: Readonly<MessageHeaders>): void {
  // Maps and the `Headers` of fetch would lose what is in them.
  const isPlain = Object.prototype.toString.call(headers) === "[object Object]";
  if (!isPlain || !Object.values(headers).every((value) => typeof value === "string")) wrongOption("headers");
}

function isAtLeast(value: unknown, minimum: number): boolean {
  return typeof value === "number" && value >= minimum;
}

/** What `connection.with(…)` takes, and its check. */
import type { Clock } from "../common/clock.js";
import { hasMethods } from "../common/has-methods.js";
import { wrongOption } from "../common/require-argument.js";
import type { Log } from "../logging/logger.js";
import type { MessageHeaders } from "../protocol/messages.js";
import type { LimitedCallOptions } from "../session/limited-calls.js";
import type { StreamOverflow } from "../session/result-stream.js";
import { checkOptions, isPositive, type Checks } from "./options.js";

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

const CHECKS: Checks = {
  signal: (value) => hasMethods(value, "addEventListener"),
  timeout: isPositive,
  headers: areHeaders,
  streamCapacity: (value) => typeof value === "number" && value >= 1,
  streamOverflow: (value) => OVERFLOWS.includes(value),
};

/** {@link CallOptions}, checked, with what it takes to keep to them. */
export type ResolvedCallOptions = LimitedCallOptions;

/** Checks options. @returns a copy. @throws InvalidArgumentError that names the option. */
export function resolveCallOptions(options: CallOptions, clock: Clock, log: Log): ResolvedCallOptions {
  if (typeof options !== "object" || options === null) wrongOption("options");
  checkOptions(options, CHECKS);
  const { headers } = options;
  return { ...options, headers: headers && { ...headers }, clock, log };
}

/** Checks headers. @throws InvalidArgumentError when they are no names with texts. */
export function checkHeaders(headers: Readonly<MessageHeaders>): void {
  if (!areHeaders(headers)) wrongOption("headers");
}

// Maps and the `Headers` of fetch would lose what is in them.
function areHeaders(value: unknown): boolean {
  const isPlain = Object.prototype.toString.call(value) === "[object Object]";
  return isPlain && Object.values(Object(value) as object).every((text) => typeof text === "string");
}

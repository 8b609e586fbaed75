/** Automatic reconnect as a part of a connection: what `withAutomaticReconnect` and `automaticReconnect` take. */
import { wrongOption } from "../common/require-argument.js";
import { InvalidArgumentError } from "../errors/call-errors.js";
import { ReconnectLoop, type ReconnectRules, type ShouldRetry } from "./reconnect-loop.js";
import type { AsyncRetryPolicy, RetryContext } from "./retry-policy.js";
import { isTemporary, retryAfterOf } from "./temporary-errors.js";

/** Options of automatic reconnect; all optional. Times are milliseconds. */
export interface AutomaticReconnectOptions {
  /** Waits before each attempt. Default: 500 ms, then twice as much each time, up to 30 s. */
  delays?: readonly number[];
  /** Decides instead of `delays`. It is asked about every failure that {@link shouldRetry} lets pass. */
  policy?: AsyncRetryPolicy;
  /** Number of attempts after a loss, or after a `start()` that failed; behind the end of `delays` the last one counts. Default: as many as there are `delays`, without them `Infinity`. */
  maxRetries?: number;
  /** Whether `start()` tries again, too; the state stays Connecting meanwhile. Default: `false`. */
  retryStart?: boolean;
  /** Share of each wait that is left to chance, from 0 to 1, so that clients do not come back all at once: at 0.5 a wait of 2 s takes 1 to 2 s. Default: 0.5, with `delays` or a `policy` 0. */
  jitter?: number;
  /**
   * Decides whether to try again after an error, before it is asked when. It is asked about the loss, too.
   * @returns the verdict, or `undefined` for the default: after a loss always, after a failed attempt unless another is of no use
   * (InvalidArgumentError, HandshakeError, HTTP status 4xx but for 408, 425 and 429). Throwing and rejecting give up.
   */
  shouldRetry?(error: Error, context: RetryContext): boolean | undefined | PromiseLike<boolean | undefined>;
}

/** Waits of the official client, which then gives up. */
const OFFICIAL_DELAYS_MS = [0, 2_000, 10_000, 30_000];

/** Waits with neither `delays` nor a policy. */
const BACK_OFF_MS = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000];

/** Between attempts while the browser knows that it is offline; it may be wrong. */
const OFFLINE_DELAY_MS = 10_000;

const isCount = (value: unknown) => typeof value === "number" && value >= 0;
const isFunction = (value: unknown) => typeof value === "function";

/** What each option may be; `undefined` always. */
const CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  delays: (value) => Array.isArray(value) && value.every((delay) => isCount(delay) && isFinite(delay as number)),
  policy: isPolicy,
  maxRetries: isCount,
  retryStart: (value) => typeof value === "boolean",
  jitter: (value) => isCount(value) && Number(value) <= 1,
  shouldRetry: isFunction,
} satisfies Record<keyof AutomaticReconnectOptions, (value: unknown) => boolean>;

/**
 * Makes the part that reconnects a lost connection by itself.
 * @param how Milliseconds to wait before each attempt, or a policy that decides, or options. Default: 0, 2, 10 and 30 seconds, then it gives up.
 * @throws InvalidArgumentError for anything else.
 */
export function automaticReconnect(
  how?: readonly number[] | AsyncRetryPolicy | AutomaticReconnectOptions,
): ReconnectLoop {
  if (isPolicy(how)) return new ReconnectLoop({ policy: how });
  const isList = how == null || Array.isArray(how);
  const options = isList
    ? { delays: (how ?? OFFICIAL_DELAYS_MS) as readonly number[] }
    : (how as AutomaticReconnectOptions);
  if (typeof options !== "object") throw new InvalidArgumentError("Reconnecting takes delays, a policy, or options.");
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !CHECKS[name]?.(value)) wrongOption(name);
  }
  const rules = rulesOf(options);
  return new ReconnectLoop(isList ? rules : { ...rules, ...prudence(options) });
}

function isPolicy(value: unknown): value is AsyncRetryPolicy {
  return isFunction((value as Partial<AsyncRetryPolicy> | null | undefined)?.nextRetryDelayInMilliseconds);
}

function rulesOf({ delays, policy, retryStart, ...options }: AutomaticReconnectOptions): ReconnectRules {
  const { maxRetries = delays?.length ?? Infinity, jitter = delays || policy ? 0 : 0.5 } = options;
  return { policy: policy ?? policyOf(delays ?? BACK_OFF_MS), maxRetries, jitter, retryStart };
}

/** The last delay is that of all attempts behind the list. */
function policyOf(delays: readonly number[]): AsyncRetryPolicy {
  const own = [...delays];
  return {
    nextRetryDelayInMilliseconds: ({ previousRetryCount }) => own[Math.min(previousRetryCount, own.length - 1)] ?? null,
  };
}

/** What the official lists and policies know nothing of. */
function prudence(options: AutomaticReconnectOptions): Partial<ReconnectRules> {
  const shouldRetry: ShouldRetry = (error, context) => options.shouldRetry?.(error, context);
  if (options.policy) return { shouldRetry, isTemporary };
  return { shouldRetry, isTemporary, askedDelayMs: retryAfterOf, offlineDelayMs: OFFLINE_DELAY_MS };
}

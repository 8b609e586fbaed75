/** Automatic reconnect as a part of a connection: what `withAutomaticReconnect` and `automaticReconnect` take. */
import { isThenable } from "../common/deferred.js";
import { InvalidArgumentError } from "../errors/call-errors.js";
import { ReconnectLoop, type ReconnectRules } from "./reconnect-loop.js";
import { DelayListPolicy, type AsyncRetryPolicy, type RetryContext } from "./retry-policy.js";
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

/** Waits with neither `delays` nor a policy. */
const BACK_OFF_MS = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000];

/** Between attempts while the browser knows that it is offline; it may be wrong. */
const OFFLINE_DELAY_MS = 10_000;

const isCount = (value: unknown) => typeof value === "number" && value >= 0;
const isFunction = (value: unknown) => typeof value === "function";
const isDelays = (value: unknown) =>
  Array.isArray(value) && value.every((delay) => isCount(delay) && isFinite(delay as number));

/** What each option may be; `undefined` always. */
const CHECKS: Readonly<Record<keyof AutomaticReconnectOptions, (value: unknown) => boolean>> = {
  delays: isDelays,
  policy: isPolicy,
  maxRetries: isCount,
  retryStart: (value) => typeof value === "boolean",
  jitter: (value) => isCount(value) && Number(value) <= 1,
  shouldRetry: isFunction,
};

/**
 * Makes the part that reconnects a lost connection by itself.
 * @param how Milliseconds to wait before each attempt, or a policy that decides, or options. Default: 0, 2, 10 and 30 seconds, then it gives up.
 * @throws InvalidArgumentError for anything else.
 */
export function automaticReconnect(
  how?: readonly number[] | AsyncRetryPolicy | AutomaticReconnectOptions,
): ReconnectLoop {
  if (how == null) return new ReconnectLoop({ policy: new DelayListPolicy() });
  if (Array.isArray(how)) {
    if (!isDelays(how)) throw new InvalidArgumentError("Retry delays must be milliseconds.");
    return new ReconnectLoop({ policy: new DelayListPolicy(how as readonly number[]) });
  }
  if (isPolicy(how)) return new ReconnectLoop({ policy: how });
  return new ReconnectLoop(toRules(how as AutomaticReconnectOptions));
}

function toRules(options: AutomaticReconnectOptions): ReconnectRules {
  if (typeof options !== "object") throw new InvalidArgumentError("Reconnecting takes delays, a policy, or options.");
  for (const [name, value] of Object.entries(options)) {
    const check = (CHECKS as Readonly<Record<string, ((value: unknown) => boolean) | undefined>>)[name];
    if (value !== undefined && !check?.(value))
      throw new InvalidArgumentError(`The option '${name}' has a wrong value.`);
  }
  return withDefaults(options);
}

function isPolicy(value: unknown): value is AsyncRetryPolicy {
  return isFunction((value as Partial<AsyncRetryPolicy> | undefined)?.nextRetryDelayInMilliseconds);
}

function withDefaults(options: AutomaticReconnectOptions): ReconnectRules {
  const { delays, policy, retryStart } = options;
  const { maxRetries = delays?.length ?? Infinity, jitter = delays || policy ? 0 : 0.5 } = options;
  const rules: ReconnectRules = {
    policy: policy ?? new DelayListPolicy(delays ?? BACK_OFF_MS, maxRetries),
    maxRetries,
    jitter,
    retriesStart: retryStart,
    shouldRetry: (error, context, isLoss) => {
      const orDefault = (verdict: boolean | undefined) => verdict ?? (isLoss || isTemporary(error));
      const verdict = options.shouldRetry?.(error, context);
      return isThenable(verdict) ? verdict.then(orDefault) : orDefault(verdict);
    },
  };
  return policy ? rules : { ...rules, askedDelayMs: retryAfterOf, offlineDelayMs: OFFLINE_DELAY_MS };
}

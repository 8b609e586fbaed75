/** Tries to connect again until it works, the policy gives up, or the loop is aborted. */
import { abortError, sleep, type Abortable } from "../common/abort-scope.js";
import type { Clock } from "../common/clock.js";
import { ignoreRejection, isThenable } from "../common/deferred.js";
import { messageOf, toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { RetryContext, RetryPolicy } from "./retry-policy.js";

/** What a loop works with. */
export interface ReconnectOptions<T> {
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: Abortable;
  /** Delay before the first attempt; the policy was asked for it when the connection was lost. */
  readonly firstDelayMs: number;
  /** Makes one attempt. */
  readonly connect: (signal: Abortable) => Promise<T>;
}

/** @returns the policy's answer; `null`, which gives up, also when it throws or answers nonsense. */
export function nextDelayMs(policy: RetryPolicy, context: RetryContext, log: Log): number | null {
  try {
    const delayMs: unknown = policy.nextRetryDelayInMilliseconds(context);
    if (delayMs === null || (typeof delayMs === "number" && delayMs >= 0)) return delayMs;
    if (isThenable(delayMs)) ignoreRejection(delayMs);
    log.write(LogLevel.Error, `The retry policy answered ${String(delayMs)}; expected milliseconds or null.`);
  } catch (thrown) {
    log.write(LogLevel.Error, () => `The retry policy threw: ${messageOf(thrown)}`);
  }
  return null;
}

/**
 * Runs the loop.
 * @throws the last attempt's error when the policy gives up; the signal's error when it fires.
 */
export async function reconnect<T>(options: ReconnectOptions<T>): Promise<T> {
  const { policy, clock, log, signal, connect } = options;
  const lostAt = clock.now();
  let delayMs = options.firstDelayMs;
  for (let failures = 1; ; failures++) {
    await sleep(clock, delayMs, signal);
    try {
      return await connect(signal);
    } catch (thrown) {
      if (signal.aborted) throw abortError(signal);
      const error = toError(thrown);
      log.write(LogLevel.Information, () => `Reconnect attempt ${failures} failed: ${error.message}`);
      const elapsedMilliseconds = clock.now() - lostAt;
      const next = nextDelayMs(policy, { previousRetryCount: failures, elapsedMilliseconds, retryReason: error }, log);
      if (next === null) throw error;
      delayMs = next;
    }
  }
}

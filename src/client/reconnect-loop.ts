/** Reconnects a lost connection: asks the policy, and tries until it works, the policy gives up, or the loop is aborted. */
import { abortError, sleep, type Abortable } from "../common/abort-scope.js";
import type { Clock } from "../common/clock.js";
import { ignoreRejection, isThenable } from "../common/deferred.js";
import { messageOf, toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { RetryContext, RetryPolicy } from "./retry-policy.js";

/** What a loop works with. */
export interface ReconnectOptions<T> {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: Abortable;
  /** Delay before the first attempt; see {@link ReconnectLoop.firstDelayMs}. */
  readonly firstDelayMs: number;
  /** Makes one attempt. */
  readonly connect: (signal: Abortable) => Promise<T>;
}

/** The part of a connection that automatic reconnect is. */
export class ReconnectLoop {
  readonly #policy: RetryPolicy;

  /** @param policy Decides when to try. */
  constructor(policy: RetryPolicy) {
    this.#policy = policy;
  }

  /** Asks the policy whether to begin. @returns milliseconds to wait before the first attempt; `null`: not at all. */
  firstDelayMs(retryReason: Error, log: Log): number | null {
    return this.#nextDelayMs({ previousRetryCount: 0, elapsedMilliseconds: 0, retryReason }, log);
  }

  /**
   * Runs the loop.
   * @throws the last attempt's error when the policy gives up; the signal's error when it fires.
   */
  async run<T>({ clock, log, signal, firstDelayMs, connect }: ReconnectOptions<T>): Promise<T> {
    const lostAt = clock.now();
    let delayMs = firstDelayMs;
    for (let failures = 1; ; failures++) {
      await sleep(clock, delayMs, signal);
      try {
        return await connect(signal);
      } catch (thrown) {
        if (signal.aborted) throw abortError(signal);
        const error = toError(thrown);
        log.write(LogLevel.Information, () => `Reconnect attempt ${failures} failed: ${error.message}`);
        const elapsedMilliseconds = clock.now() - lostAt;
        const next = this.#nextDelayMs({ previousRetryCount: failures, elapsedMilliseconds, retryReason: error }, log);
        if (next === null) throw error;
        delayMs = next;
      }
    }
  }

  /** @returns the policy's answer; `null`, which gives up, also when it throws or answers nonsense. */
  #nextDelayMs(context: RetryContext, log: Log): number | null {
    try {
      const delayMs: unknown = this.#policy.nextRetryDelayInMilliseconds(context);
      if (delayMs === null || (typeof delayMs === "number" && delayMs >= 0)) return delayMs;
      if (isThenable(delayMs)) ignoreRejection(delayMs);
      log.write(LogLevel.Error, `The retry policy answered ${String(delayMs)}; expected milliseconds or null.`);
    } catch (thrown) {
      log.write(LogLevel.Error, () => `The retry policy threw: ${messageOf(thrown)}`);
    }
    return null;
  }
}

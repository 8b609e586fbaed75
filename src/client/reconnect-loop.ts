/** Connects again and again, after a loss or a start that failed: until it works, the rules give up, or the loop is aborted. */
import { abortError, sleep, withAbort, type Abortable } from "../common/abort-scope.js";
import type { Clock } from "../common/clock.js";
import { isThenable } from "../common/deferred.js";
import { messageOf, toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { WakeSource } from "../platform/platform.js";
import type { AsyncRetryPolicy, RetryContext } from "./retry-policy.js";

/** The application's own decision, see {@link AutomaticReconnectOptions}. */
export type ShouldRetry = (
  error: Error,
  context: RetryContext,
) => boolean | undefined | PromiseLike<boolean | undefined>;

/** What a loop goes by. */
export interface ReconnectRules {
  /** Decides when to try. */
  readonly policy: AsyncRetryPolicy;
  /** Attempts at most. Default: as many as the policy wants. */
  readonly maxRetries?: number;
  /** Share of each wait that is left to chance. Default: none. */
  readonly jitter?: number;
  /** Whether a first start that fails is tried again. Default: no. */
  readonly retryStart?: boolean | undefined;
  /** Decides whether to try after an error; by default, or where it answers `undefined`, after a loss, and if {@link isTemporary} says so. */
  readonly shouldRetry?: ShouldRetry;
  /** Whether another attempt may go better than the one that failed with this error. Default: always. */
  readonly isTemporary?: (error: Error) => boolean;
  /** Tells how long the server asked to wait. Default: nobody looks. */
  readonly askedDelayMs?: (error: Error) => number;
  /** Wait between attempts while the runtime says that it is offline; these are not counted. Default: they are like any other. */
  readonly offlineDelayMs?: number;
}

/** Milliseconds to wait; `null`: give up. A promise only where the application gave one. */
export type RetryDelay = number | null | PromiseLike<number | null>;

/** What a loop works with. */
export interface ReconnectOptions<T> {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: Abortable;
  readonly wakeSource?: WakeSource | undefined;
  /** Makes one attempt. */
  readonly connect: (signal: Abortable) => Promise<T>;
}

/** Why a loop runs that is not a start. */
export interface Loss {
  readonly reason: Error;
  /** Delay before the first attempt; see {@link ReconnectLoop.firstDelayMs}. */
  readonly firstDelay: RetryDelay;
}

/** The part of a connection that automatic reconnect is. */
export class ReconnectLoop {
  readonly #rules: ReconnectRules;

  constructor(rules: ReconnectRules) {
    this.#rules = rules;
  }

  /** Asks whether to begin after a loss. @returns the wait before the first attempt. */
  firstDelayMs(retryReason: Error, log: Log): RetryDelay {
    return this.#delayMs({ previousRetryCount: 0, elapsedMilliseconds: 0, retryReason }, log, true);
  }

  /**
   * Runs the loop.
   * @param loss What it is about; without one it is a start, whose first attempt does not wait.
   * @throws the last attempt's error when the rules give up, the reason if there was no attempt; the signal's error when it fires.
   */
  async run<T>({ clock, log, signal, wakeSource, connect }: ReconnectOptions<T>, loss?: Loss): Promise<T> {
    const { retryStart, jitter = 0, askedDelayMs, offlineDelayMs } = this.#rules;
    if (loss === undefined && !retryStart) return connect(signal);
    const since = clock.now();
    // What wakes the runtime during an attempt ends the wait behind it.
    let isAwake = false;
    let wake = () => {};
    const stopListening = wakeSource?.listen(() => {
      isAwake = true;
      wake();
    });
    const pause = async (delay: RetryDelay, error: Error): Promise<void> => {
      const delayMs = isThenable(delay) ? await withAbort(delay, signal) : delay;
      if (delayMs === null) throw error;
      // What the server asked for is not shortened by anybody.
      const askedMs = askedDelayMs?.(error) ?? 0;
      if (askedMs) await sleep(clock, askedMs, signal);
      if (signal.aborted) throw abortError(signal); // by the policy, say
      const restMs = delayMs * (1 - jitter * Math.random()) - askedMs;
      if (!isAwake && !(askedMs && restMs <= 0)) await sleep(clock, restMs, signal, (end) => (wake = end));
      isAwake = false;
    };
    try {
      if (loss) await pause(loss.firstDelay, loss.reason);
      for (let previousRetryCount = loss ? 1 : 0; ;) {
        let retryReason: Error;
        try {
          return await connect(signal);
        } catch (thrown) {
          if (signal.aborted) throw abortError(signal);
          retryReason = toError(thrown);
        }
        if (wakeSource?.isOffline && offlineDelayMs) await pause(offlineDelayMs, retryReason);
        else {
          log.write(LogLevel.Information, () => `Attempt ${previousRetryCount} failed: ${retryReason.message}`);
          const context = {
            previousRetryCount: previousRetryCount++,
            elapsedMilliseconds: clock.now() - since,
            retryReason,
          };
          await pause(this.#delayMs(context, log, false), retryReason);
        }
      }
    } finally {
      stopListening?.();
    }
  }

  /** @returns the policy's answer; `null`, which gives up, also when it throws or answers nonsense. */
  #delayMs(context: RetryContext, log: Log, isLoss: boolean): RetryDelay {
    const giveUp = (thrown: unknown): null => {
      log.write(LogLevel.Error, () => `The retry policy failed: ${messageOf(thrown)}`);
      return null;
    };
    try {
      const answer = this.#ask(context, isLoss);
      return isThenable(answer) ? answer.then(checked).then(undefined, giveUp) : checked(answer);
    } catch (thrown) {
      return giveUp(thrown);
    }
  }

  #ask(context: RetryContext, isLoss: boolean): RetryDelay {
    const { maxRetries = Infinity, policy, shouldRetry, isTemporary } = this.#rules;
    const { previousRetryCount, retryReason } = context;
    if (previousRetryCount >= maxRetries) return null;
    const answer = (verdict: boolean | undefined) =>
      (verdict ?? (isLoss || !isTemporary || isTemporary(retryReason)))
        ? policy.nextRetryDelayInMilliseconds(context)
        : null;
    const verdict = shouldRetry?.(retryReason, context);
    return isThenable(verdict) ? verdict.then(answer) : answer(verdict);
  }
}

/** @throws Error unless it is a delay. */
function checked(answer: unknown): number | null {
  if (answer === null || (typeof answer === "number" && answer >= 0)) return answer;
  throw new Error(`${String(answer)} is neither milliseconds nor null.`);
}

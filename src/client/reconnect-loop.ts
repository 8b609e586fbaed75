/** Reconnects a lost connection: asks the policy, and tries until it works, the policy gives up, or the loop is aborted. */
import { abortError, sleep, withAbort, type Abortable } from "../common/abort-scope.js";
import type { Clock } from "../common/clock.js";
import { isThenable } from "../common/deferred.js";
import { messageOf, toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { WakeSource } from "../platform/platform.js";
import type { AsyncRetryPolicy, RetryContext } from "./retry-policy.js";

/** What a loop goes by. */
export interface ReconnectRules {
  /** Decides when to try. */
  readonly policy: AsyncRetryPolicy;
  /** Attempts at most. Default: as many as the policy wants. */
  readonly maxRetries?: number;
  /** Share of each wait that is left to chance. Default: none. */
  readonly jitter?: number;
  /** Whether a first start that fails is tried again. Default: no. */
  readonly retriesStart?: boolean | undefined;
  /** Decides whether to try after an error. Default: yes. */
  readonly shouldRetry?: (error: Error, context: RetryContext, isLoss: boolean) => boolean | PromiseLike<boolean>;
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

/** Why a loop runs, and since when. */
export interface ReconnectOccasion {
  readonly reason: Error;
  /** What the clock said. */
  readonly since: number;
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

  /** Makes the first connection; tries again if it was asked to. @throws the last attempt's error; the signal's when it fires. */
  async start<T>(options: ReconnectOptions<T>): Promise<T> {
    const { clock, log, signal, connect } = options;
    const since = clock.now();
    try {
      return await connect(signal);
    } catch (thrown) {
      if (signal.aborted || !this.#rules.retriesStart) throw thrown;
      const reason = toError(thrown);
      log.write(LogLevel.Information, () => `Starting failed: ${reason.message}`);
      const elapsedMilliseconds = clock.now() - since;
      const context = { previousRetryCount: 0, elapsedMilliseconds, retryReason: reason };
      return this.run(options, { reason, since, firstDelay: this.#delayMs(context, log, false) });
    }
  }

  /**
   * Runs the loop.
   * @throws the last attempt's error when the policy gives up, the reason if there was no attempt; the signal's error when it fires.
   */
  async run<T>(options: ReconnectOptions<T>, { reason, since, firstDelay }: ReconnectOccasion): Promise<T> {
    const { clock, log, signal, wakeSource, connect } = options;
    const alarm = new Alarm(wakeSource);
    let error = reason;
    let delay = firstDelay;
    try {
      for (let failures = 0; ;) {
        const delayMs = isThenable(delay) ? await withAbort(delay, signal) : delay;
        if (delayMs === null) throw error;
        await this.#pause(delayMs, error, options, alarm);
        try {
          return await connect(signal);
        } catch (thrown) {
          if (signal.aborted) throw abortError(signal);
          error = toError(thrown);
        }
        const { offlineDelayMs } = this.#rules;
        if (wakeSource?.isOffline && offlineDelayMs) delay = offlineDelayMs;
        else {
          const previousRetryCount = ++failures;
          log.write(LogLevel.Information, () => `Reconnect attempt ${previousRetryCount} failed: ${error.message}`);
          const elapsedMilliseconds = clock.now() - since;
          delay = this.#delayMs({ previousRetryCount, elapsedMilliseconds, retryReason: error }, log, false);
        }
      }
    } finally {
      alarm.dispose();
    }
  }

  async #pause<T>(delayMs: number, error: Error, { clock, signal }: ReconnectOptions<T>, alarm: Alarm): Promise<void> {
    const { jitter = 0, askedDelayMs } = this.#rules;
    const askedMs = askedDelayMs?.(error) ?? 0;
    // What the server asked for is not shortened by anybody.
    if (askedMs) await sleep(clock, askedMs, signal);
    const restMs = delayMs * (1 - jitter * Math.random()) - askedMs;
    if (!askedMs || restMs > 0) await sleep(clock, restMs, signal, alarm.onWake);
    alarm.reset();
  }

  /** @returns the policy's answer; `null`, which gives up, also when it throws or answers nonsense. */
  #delayMs(context: RetryContext, log: Log, isLoss: boolean): RetryDelay {
    try {
      const answer = this.#ask(context, isLoss);
      if (!isThenable(answer)) return toDelay(answer, log);
      return answer.then(
        (delayMs) => toDelay(delayMs, log),
        (thrown: unknown) => noDelay(thrown, log),
      );
    } catch (thrown) {
      return noDelay(thrown, log);
    }
  }

  #ask(context: RetryContext, isLoss: boolean): RetryDelay {
    const { maxRetries = Infinity, policy, shouldRetry } = this.#rules;
    if (context.previousRetryCount >= maxRetries) return null;
    const verdict = shouldRetry?.(context.retryReason, context, isLoss) ?? true;
    const answer = (yes: boolean) => (yes ? policy.nextRetryDelayInMilliseconds(context) : null);
    return isThenable(verdict) ? verdict.then(answer) : answer(verdict);
  }
}

/** Remembers what woke the runtime until the next wait, so that nothing is missed during an attempt. */
class Alarm {
  readonly #stopListening: (() => void) | undefined;
  #rang = false;
  #wake: (() => void) | undefined;

  constructor(source: WakeSource | undefined) {
    this.#stopListening = source?.listen(() => {
      this.#rang = true;
      this.#wake?.();
    });
  }

  /** For {@link sleep}. */
  readonly onWake = (wake: () => void): (() => void) => {
    this.#wake = wake;
    if (this.#rang) void Promise.resolve().then(() => this.#wake?.());
    return () => (this.#wake = undefined);
  };

  /** What rang so far is done with: an attempt begins. */
  reset(): void {
    this.#rang = false;
  }

  dispose(): void {
    this.#stopListening?.();
  }
}

function toDelay(answer: unknown, log: Log): number | null {
  if (answer === null || (typeof answer === "number" && answer >= 0)) return answer;
  log.write(LogLevel.Error, `The retry policy answered ${String(answer)}; expected milliseconds or null.`);
  return null;
}

function noDelay(thrown: unknown, log: Log): null {
  log.write(LogLevel.Error, () => `The retry policy threw: ${messageOf(thrown)}`);
  return null;
}

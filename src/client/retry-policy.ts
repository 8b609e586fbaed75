/** When to try to reconnect: the official policy interface, and the policy that a list of delays stands for. */

/** What a policy decides by. */
export interface RetryContext {
  /** Number of attempts that failed since the connection was lost. A `start()` that fails is to its retries what the loss is. */
  readonly previousRetryCount: number;
  /** Milliseconds since the connection was lost, or since `start()` was called. */
  readonly elapsedMilliseconds: number;
  /** Why the connection was lost, or why the last attempt failed. */
  readonly retryReason: Error;
}

/** Decides about reconnect attempts. */
export interface RetryPolicy {
  /** @returns milliseconds to wait before the next attempt, or `null` to give up. Throwing gives up too. */
  nextRetryDelayInMilliseconds(retryContext: RetryContext): number | null;
}

/** The same, for policies that have to ask somebody. */
export interface AsyncRetryPolicy {
  /**
   * @returns milliseconds to wait before the next attempt, or `null` to give up, or a promise of that. Throwing and rejecting give up too.
   * The connection is Reconnecting while a promise is waited for, and `stop()` ends that wait.
   */
  nextRetryDelayInMilliseconds(retryContext: RetryContext): number | null | PromiseLike<number | null>;
}

/** Delays of `withAutomaticReconnect()` without arguments, in milliseconds; then it gives up. */
const DEFAULT_DELAYS_MS: readonly number[] = [0, 2_000, 10_000, 30_000];

/** Waits as a list says, and gives up at its end. */
export class DelayListPolicy implements RetryPolicy {
  readonly #delaysMs: readonly number[];
  readonly #maxRetries: number;

  /**
   * @param delaysMs Milliseconds before each attempt. Default: 0, 2, 10 and 30 seconds.
   * @param maxRetries Number of attempts; the last delay is that of all behind the list. Default: the length of the list.
   */
  constructor(delaysMs: readonly number[] = DEFAULT_DELAYS_MS, maxRetries = delaysMs.length) {
    this.#delaysMs = [...delaysMs];
    this.#maxRetries = maxRetries;
  }

  /** @returns the delay in the list at this number of failed attempts. */
  nextRetryDelayInMilliseconds({ previousRetryCount: failures }: RetryContext): number | null {
    if (failures >= this.#maxRetries) return null;
    return this.#delaysMs[Math.min(failures, this.#delaysMs.length - 1)] ?? null;
  }
}

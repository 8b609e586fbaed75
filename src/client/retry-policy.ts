/** When to try to reconnect: the official policy interface, and the policy that a list of delays stands for. */

/** What a policy decides by. */
export interface RetryContext {
  /** Number of attempts that failed since the connection was lost. */
  readonly previousRetryCount: number;
  /** Milliseconds since the connection was lost. */
  readonly elapsedMilliseconds: number;
  /** Why the connection was lost, or why the last attempt failed. */
  readonly retryReason: Error;
}

/** Decides about reconnect attempts. */
export interface RetryPolicy {
  /** @returns milliseconds to wait before the next attempt, or `null` to give up. Throwing gives up too. */
  nextRetryDelayInMilliseconds(retryContext: RetryContext): number | null;
}

/** Delays of `withAutomaticReconnect()` without arguments, in milliseconds; then it gives up. */
const DEFAULT_DELAYS_MS: readonly number[] = [0, 2_000, 10_000, 30_000];

/** Waits as a list says, and gives up at its end. */
export class DelayListPolicy implements RetryPolicy {
  readonly #delaysMs: readonly number[];

  /** @param delaysMs Milliseconds before each attempt. Default: 0, 2, 10 and 30 seconds. */
  constructor(delaysMs: readonly number[] = DEFAULT_DELAYS_MS) {
    this.#delaysMs = [...delaysMs];
  }

  /** @returns the delay in the list at this number of failed attempts. */
  nextRetryDelayInMilliseconds({ previousRetryCount }: RetryContext): number | null {
    return this.#delaysMs[previousRetryCount] ?? null;
  }
}

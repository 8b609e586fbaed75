/** When to try to reconnect: the official policy interface, and what else may decide. */

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

/** Decides when to ping and when the peer counts as gone (HUB_PROTOCOL §7). Driven by ticks, so a message costs it no timer and no timestamp. */

/** The two durations, read anew at every tick because applications may change them. */
export interface KeepAliveIntervals {
  /** Milliseconds without sending after which a ping is due. */
  readonly keepAliveIntervalMs: number;
  /** Milliseconds without receiving after which the peer counts as gone. */
  readonly timeoutMs: number;
}

const LONGEST_TICK_MS = 1000;
const SHORTEST_TICK_MS = 10;

/** How often to tick so that both durations are kept well enough. */
export function tickIntervalMs({ keepAliveIntervalMs, timeoutMs }: KeepAliveIntervals): number {
  const wanted = Math.min(keepAliveIntervalMs / 4, timeoutMs / 4);
  return Math.max(SHORTEST_TICK_MS, Math.min(LONGEST_TICK_MS, wanted)) || LONGEST_TICK_MS;
}

/** Book-keeping of silence in both directions. */
export class KeepAlive {
  #silentMs = 0;
  /** Whether the peer was given time in this silence because a tick came late. */
  #isSpared = false;
  #unsentMs = 0;

  /**
   * Looks at what happened since the last tick.
   * @param elapsedMs Time since the last tick.
   * @param received Whether anything arrived in it.
   * @param sent Whether anything was sent in it.
   * @returns what is due, if anything: a ping, or the end because the peer was silent for too long.
   */
  tick(
    elapsedMs: number,
    received: boolean,
    sent: boolean,
    intervals: KeepAliveIntervals,
  ): "ping" | "timeout" | undefined {
    this.#countSilence(elapsedMs, received, intervals);
    this.#unsentMs = sent ? 0 : this.#unsentMs + elapsedMs;
    if (this.#silentMs >= intervals.timeoutMs) return "timeout";
    if (this.#unsentMs < intervals.keepAliveIntervalMs) return undefined;
    this.#unsentMs = 0; // a ping that waits behind a congested connection is enough
    return "ping";
  }

  // A throttled timer or a sleeping machine makes one tick look like a long silence. What arrived meanwhile may still be waiting
  // behind it in the event loop, or on its way: the peer gets as much time again, up to half of the timeout. Once, lest a runtime
  // whose ticks are all late never notices anything.
  #countSilence(elapsedMs: number, received: boolean, intervals: KeepAliveIntervals): void {
    const { timeoutMs } = intervals;
    const countedMs = Math.min(elapsedMs, timeoutMs / 2);
    const isLate = elapsedMs > 2 * tickIntervalMs(intervals);
    this.#silentMs = received ? 0 : this.#silentMs + countedMs;
    if (received) this.#isSpared = false;
    else if (isLate && !this.#isSpared && this.#silentMs >= timeoutMs - countedMs) {
      this.#silentMs = timeoutMs - countedMs;
      this.#isSpared = true;
    }
  }
}

/** Decides when to ping and when the peer counts as gone (HUB_PROTOCOL §7). Driven by ticks, so a message costs it no timer and no timestamp. */

/** The two durations, read anew at every tick because applications may change them. */
export interface KeepAliveIntervals {
  /** Milliseconds without sending after which a ping is due. */
  readonly keepAliveIntervalMs: number;
  /** Milliseconds without receiving after which the peer counts as gone. */
  readonly timeoutMs: number;
}

/** What a tick found. */
export enum KeepAliveVerdict {
  /** Nothing to do. */
  Fine,
  /** A ping is due. */
  PingDue,
  /** The peer was silent for too long. */
  TimedOut,
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
  #unsentMs = 0;

  /**
   * Looks at what happened since the last tick.
   * @param elapsedMs Time since the last tick.
   * @param received Whether anything arrived in it.
   * @param sent Whether anything was sent in it.
   */
  tick(elapsedMs: number, received: boolean, sent: boolean, intervals: KeepAliveIntervals): KeepAliveVerdict {
    // A throttled timer or a sleeping machine makes one tick look like a long silence. No single tick decides: what
    // arrived meanwhile may still be waiting behind it in the event loop.
    this.#silentMs = received ? 0 : this.#silentMs + Math.min(elapsedMs, intervals.timeoutMs / 2);
    this.#unsentMs = sent ? 0 : this.#unsentMs + elapsedMs;
    if (this.#silentMs >= intervals.timeoutMs) return KeepAliveVerdict.TimedOut;
    if (this.#unsentMs < intervals.keepAliveIntervalMs) return KeepAliveVerdict.Fine;
    this.#unsentMs = 0; // a ping that waits behind a congested connection is enough
    return KeepAliveVerdict.PingDue;
  }
}

/** The port to time. Everything that waits takes a clock, so tests drive a fake one. */

/** What {@link Clock.setTimeout} returns; only the clock that made it knows what it is. */
export type TimerHandle = unknown;

/** Time as the library sees it: a monotonic "now", one-shot timers, and the end of an event-loop turn. */
export interface Clock {
  /** Milliseconds from an arbitrary start; never goes back. */
  now(): number;
  /** Calls back once, after at least `ms` milliseconds. */
  setTimeout(callback: () => void, ms: number): TimerHandle;
  /** Forgets a timer; one that fired or was cleared before is fine. */
  clearTimeout(handle: TimerHandle): void;
  /** Calls back when the work of the current event-loop turn, promise continuations included, is done. */
  afterTurn(callback: () => void): void;
}

/** Longest delay that runtimes take; a longer one would fire at once. */
export const MAX_DELAY_MS = 2 ** 31 - 1;

/** The parts of a clock that are the same in every runtime. */
export const systemTime: Pick<Clock, "now" | "setTimeout" | "clearTimeout"> = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, Math.min(ms, MAX_DELAY_MS)),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
};

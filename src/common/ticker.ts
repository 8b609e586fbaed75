/** A timer that fires again and again and tells how much time really passed; drives keep-alive. */
import type { Clock, TimerHandle } from "./clock.js";

/** Calls back every so often until it is stopped. */
export class Ticker {
  readonly #clock: Clock;
  readonly #intervalMs: () => number;
  readonly #onTick: (elapsedMs: number) => void;
  #timer: TimerHandle;
  #last: number;

  /** @param intervalMs Asked before each tick, so that changed settings take effect. */
  constructor(clock: Clock, intervalMs: () => number, onTick: (elapsedMs: number) => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#onTick = onTick;
    this.#last = clock.now();
    this.#arm();
  }

  /** Ends it. */
  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer = this.#clock.setTimeout(this.#tick, this.#intervalMs());
  }

  readonly #tick = (): void => {
    const now = this.#clock.now();
    const elapsedMs = now - this.#last;
    this.#last = now;
    this.#arm();
    this.#onTick(elapsedMs);
  };
}

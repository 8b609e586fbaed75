/** A timer that fires again and again and tells how much time really passed; drives keep-alive. */
import type { Clock, TimerHandle } from "./clock.js";

/** Whom a ticker calls, and how often: an object rather than two functions, because tickers are as many as connections. */
export interface TickListener {
  /** Milliseconds until the next tick; asked before each, so that changed settings take effect. */
  readonly tickIntervalMs: number;
  /** Called at each tick. @param elapsedMs Time since the last one. */
  onTick(elapsedMs: number): void;
}

/** Calls back every so often until it is stopped. */
export class Ticker {
  readonly #clock: Clock;
  readonly #listener: TickListener;
  readonly #tick: () => void;
  #timer: TimerHandle;
  #last: number;

  constructor(clock: Clock, listener: TickListener) {
    this.#clock = clock;
    this.#listener = listener;
    this.#tick = this.#onTime.bind(this); // smaller than a closure
    this.#last = clock.now();
    this.#arm();
  }

  /** Ends it. */
  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer = this.#clock.setTimeout(this.#tick, this.#listener.tickIntervalMs);
  }

  #onTime(): void {
    const now = this.#clock.now();
    const elapsedMs = now - this.#last;
    this.#last = now;
    this.#arm();
    this.#listener.onTick(elapsedMs);
  }
}

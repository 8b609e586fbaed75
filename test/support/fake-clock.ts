/** A clock that stands still until a test moves it; every unit test that deals with time uses it. */
import type { Clock, TimerHandle } from "../../src/common/clock.js";

interface Timer {
  readonly id: number;
  readonly due: number;
  readonly callback: () => void;
}

/** Implements {@link Clock} without real time. */
export class FakeClock implements Clock {
  readonly #timers = new Map<number, Timer>();
  #afterTurn: (() => void)[] = [];
  #now: number;
  #lastId = 0;

  /** @param start What `now()` says at first, in milliseconds. */
  constructor(start = 1_000) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, ms: number): TimerHandle {
    const id = ++this.#lastId;
    this.#timers.set(id, { id, due: this.#now + Math.max(0, ms), callback });
    return id;
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle as number);
  }

  afterTurn(callback: () => void): void {
    this.#afterTurn.push(callback);
  }

  /** How many timers wait; 0 means that nothing was left behind. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** How many callbacks wait for the end of the turn. */
  get pendingTurns(): number {
    return this.#afterTurn.length;
  }

  /** Milliseconds until the next timer fires, or `undefined` when there is none. */
  get nextTimerMs(): number | undefined {
    const next = this.#next();
    return next && next.due - this.#now;
  }

  /** Moves time on, firing what becomes due in order, at its own time; new timers included. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let timer = this.#next(end); timer; timer = this.#next(end)) this.#fire(timer);
    this.#now = end;
  }

  /** The same, letting promise continuations run (and the turn end) before the first timer and after each. */
  async advanceAsync(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.settle();
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#fire(timer);
      await this.settle();
    }
    this.#now = end;
  }

  /** Ends the turn: runs what waits for that, and what that adds, until nothing is left. */
  runAfterTurn(): void {
    while (this.#afterTurn.length > 0) {
      const callbacks = this.#afterTurn;
      this.#afterTurn = [];
      for (const callback of callbacks) callback();
    }
  }

  /** Lets all pending promise continuations run and ends turns until nothing waits for the end of one. */
  async settle(): Promise<void> {
    do {
      await new Promise((resolve) => setImmediate(resolve));
      this.runAfterTurn();
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#afterTurn.length > 0);
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer.id);
    this.#now = Math.max(this.#now, timer.due);
    timer.callback();
  }

  #next(until = Infinity): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (timer.due <= until && (!next || timer.due < next.due)) next = timer;
    }
    return next;
  }
}

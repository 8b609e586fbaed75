/** The one timer of a server: everything that has to be looked after regularly is called about once per second. */
import type { Clock } from "../common/clock.js";
import { Ticker, type TickListener } from "../common/ticker.js";

/** Something that wants to be called regularly. */
export interface HeartbeatMember {
  /** Called about once per second. May remove itself or others, and must not throw. @param elapsedMs Time since the last beat. */
  onBeat(elapsedMs: number): void;
}

/** Beats as long as it has members. */
export class Heartbeat implements TickListener {
  /** See {@link TickListener}. */
  tickIntervalMs = 1_000;
  readonly #clock: Clock;
  readonly #members = new Set<HeartbeatMember>();
  #ticker: Ticker | undefined;

  /** @param clock One whose timers do not keep the process alive. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds from an arbitrary start. */
  now(): number {
    return this.#clock.now();
  }

  /** Beats at least this often from now on. */
  quicken(intervalMs: number): void {
    this.tickIntervalMs = Math.min(this.tickIntervalMs, intervalMs);
  }

  /** Calls this member from now on. Adding it again does nothing. */
  add(member: HeartbeatMember): void {
    this.#members.add(member);
    this.#ticker ??= new Ticker(this.#clock, this);
  }

  /** Forgets a member. */
  delete(member: HeartbeatMember): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    this.#ticker?.stop();
    this.#ticker = undefined;
  }

  /** Called by its timer. */
  onTick(elapsedMs: number): void {
    for (const member of this.#members) member.onBeat(elapsedMs);
  }
}

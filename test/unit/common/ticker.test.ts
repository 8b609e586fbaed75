/** Ticks, the time between them, and their end. */
import { Ticker } from "../../../src/common/ticker.js";
import { FakeClock } from "../../support/fake-clock.js";

test("ticks every interval and tells the time that passed", () => {
  const clock = new FakeClock();
  const ticks: number[] = [];
  new Ticker(clock, { tickIntervalMs: 100, onTick: (elapsedMs) => ticks.push(elapsedMs) });
  clock.advance(99);
  expect(ticks).toEqual([]);
  clock.advance(1);
  clock.advance(200);
  expect(ticks).toEqual([100, 100, 100]);
});

test("tells how late a late tick was", () => {
  let now = 0;
  let fire: (() => void) | undefined;
  const ticks: number[] = [];
  new Ticker(
    { now: () => now, setTimeout: (callback) => void (fire = callback), clearTimeout() {}, afterTurn() {} },
    { tickIntervalMs: 100, onTick: (elapsedMs) => ticks.push(elapsedMs) },
  );
  now = 5_000;
  fire?.();
  now = 5_100;
  fire?.();
  expect(ticks).toEqual([5_000, 100]);
});

test("asks for the interval before each tick", () => {
  const clock = new FakeClock();
  const ticks: number[] = [];
  const listener = { tickIntervalMs: 100, onTick: (elapsedMs: number) => ticks.push(elapsedMs) };
  new Ticker(clock, listener);
  listener.tickIntervalMs = 10;
  clock.advance(100);
  clock.advance(20);
  expect(ticks).toEqual([100, 10, 10]);
});

test("stops, and leaves no timer behind", () => {
  const clock = new FakeClock();
  const onTick = jest.fn();
  const ticker = new Ticker(clock, { tickIntervalMs: 100, onTick });
  expect(clock.pendingTimers).toBe(1);
  ticker.stop();
  ticker.stop();
  expect(clock.pendingTimers).toBe(0);
  clock.advance(1_000);
  expect(onTick).not.toHaveBeenCalled();
});

test("can be stopped by its own tick", () => {
  const clock = new FakeClock();
  let ticks = 0;
  const ticker: Ticker = new Ticker(clock, {
    tickIntervalMs: 100,
    onTick: () => {
      ticks++;
      ticker.stop();
    },
  });
  clock.advance(1_000);
  expect(ticks).toBe(1);
  expect(clock.pendingTimers).toBe(0);
});

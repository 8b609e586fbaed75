/** Time in Node: real timers, and one immediate for all ends of a turn. */
import { backgroundClock, nodeClock } from "../../../src/platform/node/node-clock.js";

test("afterTurn calls back behind all promises of the turn, in order, and once", async () => {
  const log: string[] = [];
  nodeClock.afterTurn(() => {
    log.push("first");
    nodeClock.afterTurn(() => log.push("next turn"));
  });
  nodeClock.afterTurn(() => log.push("second"));
  await Promise.resolve().then(() => Promise.resolve());
  log.push("promises");
  await new Promise((resolve) => setImmediate(resolve));
  expect(log).toEqual(["promises", "first", "second"]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(log).toEqual(["promises", "first", "second", "next turn"]);
});

test("timers of the background clock do not keep the process alive", async () => {
  const timer = backgroundClock.setTimeout(() => undefined, 60_000);
  expect((timer as NodeJS.Timeout).hasRef()).toBe(false);
  backgroundClock.clearTimeout(timer);
  const other = nodeClock.setTimeout(() => undefined, 60_000);
  expect((other as NodeJS.Timeout).hasRef()).toBe(true);
  nodeClock.clearTimeout(other);
  await new Promise<void>((resolve) => backgroundClock.setTimeout(resolve, 1));
});

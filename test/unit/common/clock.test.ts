/** The parts of the real clock that all runtimes share. */
import { MAX_DELAY_MS, systemTime } from "../../../src/common/clock.js";

test("now never goes back", () => {
  const first = systemTime.now();
  expect(systemTime.now()).toBeGreaterThanOrEqual(first);
});

test("a timer fires after its time", async () => {
  const start = systemTime.now();
  await new Promise<void>((resolve) => systemTime.setTimeout(resolve, 5));
  // Timers count whole milliseconds.
  expect(systemTime.now() - start).toBeGreaterThanOrEqual(4);
});

test("a cleared timer does not fire; clearing again, or nothing, is fine", async () => {
  const callback = jest.fn();
  const handle = systemTime.setTimeout(callback, 0);
  systemTime.clearTimeout(handle);
  systemTime.clearTimeout(handle);
  systemTime.clearTimeout(undefined);
  await new Promise<void>((resolve) => systemTime.setTimeout(resolve, 3));
  expect(callback).not.toHaveBeenCalled();
});

describe("delays that the runtime would turn into 1 ms", () => {
  afterEach(() => jest.restoreAllMocks());

  test.each([MAX_DELAY_MS + 1, 2 ** 40, Infinity])("%d ms waits the longest time instead", (ms) => {
    const setTimeoutSpy = jest.spyOn(globalThis, "setTimeout");
    systemTime.clearTimeout(systemTime.setTimeout(() => undefined, ms));
    expect(setTimeoutSpy).toHaveBeenCalledWith(expect.any(Function), MAX_DELAY_MS);
  });
});

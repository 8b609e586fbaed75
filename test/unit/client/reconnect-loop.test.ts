/** The reconnect loop by itself: delays, what the policy is asked, and giving up. */
import { ReconnectLoop, type ReconnectRules, type RetryDelay } from "../../../src/client/reconnect-loop.js";
import type { AsyncRetryPolicy, RetryContext, RetryPolicy } from "../../../src/client/retry-policy.js";
import { AbortError } from "../../../src/errors/http-errors.js";
import type { WakeSource } from "../../../src/platform/platform.js";
import { LogLevel } from "../../../src/logging/log-level.js";
import { Log } from "../../../src/logging/logger.js";
import { FakeClock } from "../../support/fake-clock.js";

const lost = new Error("lost");

function setUp(answers: readonly (number | null)[], outcomes: readonly (Error | string)[]) {
  const clock = new FakeClock();
  const logged: [LogLevel, string][] = [];
  const log = new Log({ log: (level, message) => void logged.push([level, message]) });
  const asked: RetryContext[] = [];
  const policy: RetryPolicy = {
    nextRetryDelayInMilliseconds: (context) => answers[asked.push(context) - 1] ?? null,
  };
  const controller = new AbortController();
  const attempts: number[] = [];
  const connect = jest.fn(async (_signal: unknown) => {
    const outcome = outcomes[attempts.push(clock.now()) - 1];
    if (typeof outcome === "string") return outcome;
    throw outcome;
  });
  const { signal } = controller;
  const run = (firstDelay: RetryDelay, rules: Partial<ReconnectRules> = {}, wakeSource?: WakeSource) => {
    const loop = new ReconnectLoop({ policy, ...rules });
    return loop.run({ clock, log, signal, wakeSource, connect }, { reason: lost, firstDelay });
  };
  return { asked, attempts, clock, connect, controller, log, logged, run };
}

describe("run", () => {
  it("waits, tries, asks the policy, and answers with what worked", async () => {
    const errors = [new Error("first"), new Error("second")];
    const { asked, attempts, clock, run } = setUp([20, 0], [...errors, "session"]);
    const start = clock.now();
    const running = run(100);
    await clock.advanceAsync(200);
    await expect(running).resolves.toBe("session");
    expect(attempts.map((at) => at - start)).toEqual([100, 120, 120]);
    expect(asked).toEqual([
      { previousRetryCount: 1, elapsedMilliseconds: 100, retryReason: errors[0] },
      { previousRetryCount: 2, elapsedMilliseconds: 120, retryReason: errors[1] },
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("makes no attempt once it is aborted, though the runtime woke meanwhile", async () => {
    const { attempts, clock, controller, run } = setUp([], [new Error("first"), "session"]);
    let wake = () => {};
    const wakeSource: WakeSource = { isOffline: false, listen: (callback) => ((wake = callback), () => undefined) };
    const policy: RetryPolicy = {
      nextRetryDelayInMilliseconds: () => {
        wake();
        controller.abort();
        return 100;
      },
    };
    const running = run(0, { policy }, wakeSource);
    const failed = expect(running).rejects.toBeInstanceOf(AbortError);
    await clock.advanceAsync(200);
    await failed;
    expect(attempts).toHaveLength(1);
  });

  it("waits a turn even when the delay is 0", async () => {
    const { clock, connect, run } = setUp([], ["session"]);
    const running = run(0);
    await clock.settle();
    expect(connect).not.toHaveBeenCalled();
    await clock.advanceAsync(0);
    await expect(running).resolves.toBe("session");
  });

  it("throws the last attempt's error when the policy gives up", async () => {
    const last = new Error("last");
    const { clock, run } = setUp([1, null], [new Error("first"), last]);
    const running = run(0).catch((thrown: unknown) => thrown);
    await clock.advanceAsync(1);
    expect(await running).toBe(last);
  });

  it("gives a policy an error even when something else was thrown", async () => {
    const { asked, clock, connect, run } = setUp([null], []);
    connect.mockImplementation(() => Promise.reject("text"));
    const running = run(0).catch(() => undefined);
    await clock.advanceAsync(0);
    await running;
    expect(asked[0]?.retryReason).toEqual(new Error("text"));
  });

  it("stops at once when the signal fires while it waits", async () => {
    const { clock, connect, controller, run } = setUp([], ["session"]);
    const running = run(1_000).catch((thrown: unknown) => thrown);
    await clock.advanceAsync(999);
    controller.abort(new AbortError("stopped"));
    expect(await running).toEqual(new AbortError("stopped"));
    expect(clock.pendingTimers).toBe(0);
    expect(connect).not.toHaveBeenCalled();
  });

  it("asks nobody when an attempt failed because the signal fired", async () => {
    const { asked, clock, controller, connect, run } = setUp([0], []);
    connect.mockImplementation(() => {
      controller.abort(new AbortError("stopped"));
      return Promise.reject(new Error("whatever"));
    });
    const running = run(0).catch((thrown: unknown) => thrown);
    await clock.advanceAsync(0);
    expect(await running).toEqual(new AbortError("stopped"));
    expect(asked).toEqual([]);
  });

  it("passes the signal to every attempt", async () => {
    const { clock, connect, controller, run } = setUp([], ["session"]);
    const running = run(0);
    await clock.advanceAsync(0);
    await running;
    expect(connect).toHaveBeenCalledWith(controller.signal);
  });
});

describe("firstDelayMs", () => {
  const reason = lost;
  const loopOf = (policy: AsyncRetryPolicy) => new ReconnectLoop({ policy });

  it("tells the policy that nothing was tried yet", () => {
    const { asked, log } = setUp([], []);
    const nextRetryDelayInMilliseconds = (context: RetryContext) => asked.push(context);
    expect(new ReconnectLoop({ policy: { nextRetryDelayInMilliseconds } }).firstDelayMs(reason, log)).toBe(1);
    expect(asked).toEqual([{ previousRetryCount: 0, elapsedMilliseconds: 0, retryReason: reason }]);
  });

  it.each([null, 0, 5, Infinity])("takes %p as it is", (answer) => {
    const { log, logged } = setUp([], []);
    expect(loopOf({ nextRetryDelayInMilliseconds: () => answer }).firstDelayMs(reason, log)).toBe(answer);
    expect(logged).toEqual([]);
  });

  it.each([undefined, NaN, -1, "5", true, {}])("gives up and says so when the answer is %p", (answer) => {
    const { log, logged } = setUp([], []);
    const policy = { nextRetryDelayInMilliseconds: () => answer as number };
    expect(loopOf(policy).firstDelayMs(reason, log)).toBeNull();
    expect(logged).toEqual([[LogLevel.Error, expect.stringContaining("retry policy")]]);
  });

  it("calls the policy as a method", () => {
    const { log } = setUp([], []);
    const policy = {
      delay: 9,
      nextRetryDelayInMilliseconds() {
        return this.delay;
      },
    };
    expect(loopOf(policy).firstDelayMs(reason, log)).toBe(9);
  });
});

/** Giving up: by the caller's signal, of either shape, and by time. */
import {
  abortError,
  AbortScope,
  bounded,
  onAbort,
  withAbort,
  type Abortable,
} from "../../../src/common/abort-scope.js";
import { HubError } from "../../../src/errors/call-errors.js";
import { AbortError, TimeoutError } from "../../../src/errors/http-errors.js";
import { FakeClock } from "../../support/fake-clock.js";

/** The official client's own minimal signal. */
function minimalSignal(aborted = false) {
  const signal = { aborted, onabort: null as (() => void) | null };
  const abort = () => {
    signal.aborted = true;
    signal.onabort?.();
  };
  return { signal, abort };
}

const never = new Promise<never>(() => undefined);

describe("onAbort", () => {
  test("calls back when a DOM signal fires, once", () => {
    const controller = new AbortController();
    const callback = jest.fn();
    onAbort(controller.signal, callback);
    expect(callback).not.toHaveBeenCalled();
    controller.abort();
    controller.abort();
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test("calls back at once when it has fired", () => {
    const callback = jest.fn();
    onAbort(AbortSignal.abort(), callback);
    expect(callback).toHaveBeenCalledTimes(1);
    onAbort(minimalSignal(true).signal, callback);
    expect(callback).toHaveBeenCalledTimes(2);
  });

  test("forgets the callback", () => {
    const controller = new AbortController();
    const callback = jest.fn();
    onAbort(controller.signal, callback)();
    controller.abort();
    const { signal, abort } = minimalSignal();
    onAbort(signal, callback)();
    abort();
    expect(callback).not.toHaveBeenCalled();
  });

  test("works with the minimal signal", () => {
    const { signal, abort } = minimalSignal();
    const callback = jest.fn();
    onAbort(signal, callback);
    abort();
    expect(callback).toHaveBeenCalledTimes(1);
  });
});

describe("abortError", () => {
  test("is hubwire's own reason as it is", () => {
    const reason = new TimeoutError();
    expect(abortError(AbortSignal.abort(reason))).toBe(reason);
  });

  test("has anybody else's reason as its cause", () => {
    const error = abortError(AbortSignal.abort("because"));
    expect(error).toBeInstanceOf(AbortError);
    expect(error.cause).toBe("because");
    expect(abortError(AbortSignal.abort()).cause).toBeInstanceOf(DOMException);
  });

  test("needs no reason", () => {
    expect(abortError(minimalSignal(true).signal)).toBeInstanceOf(AbortError);
  });
});

describe("withAbort", () => {
  test("gives the work's outcome", async () => {
    const { signal } = new AbortController();
    await expect(withAbort(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(withAbort(2, signal)).resolves.toBe(2);
    await expect(withAbort(Promise.reject(new HubError("text")), signal)).rejects.toThrow("text");
  });

  test("rejects when the signal fires, before or while waiting", async () => {
    await expect(withAbort(never, AbortSignal.abort())).rejects.toBeInstanceOf(AbortError);
    const controller = new AbortController();
    const waiting = withAbort(never, controller.signal);
    const reason = new TimeoutError("gone");
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test("leaves no listener on the signal", async () => {
    const { signal, abort } = minimalSignal();
    await withAbort(Promise.resolve(), signal);
    expect(signal.onabort).toBeNull();
    abort();
    const { signal: dom } = new AbortController();
    const remove = jest.spyOn(dom, "removeEventListener");
    await withAbort(Promise.resolve(), dom);
    expect(remove).toHaveBeenCalledTimes(1);
    const controller = new AbortController();
    const removeFired = jest.spyOn(controller.signal, "removeEventListener");
    const waiting = withAbort(never, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toBeInstanceOf(AbortError);
    expect(removeFired).toHaveBeenCalledTimes(1); // though the work goes on
  });

  test("work that fails after it was given up does not count as unhandled", async () => {
    const controller = new AbortController();
    let fail: (error: Error) => void = () => undefined;
    const waiting = withAbort(new Promise<never>((_resolve, reject) => (fail = reject)), controller.signal);
    controller.abort();
    await expect(waiting).rejects.toBeInstanceOf(AbortError);
    fail(new Error("late"));
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("AbortScope", () => {
  test("fires at its timeout", () => {
    const clock = new FakeClock();
    const scope = new AbortScope(clock, undefined, 100);
    clock.advance(99);
    expect(scope.aborted).toBe(false);
    clock.advance(1);
    expect(scope.reason).toBeInstanceOf(TimeoutError);
    expect(clock.pendingTimers).toBe(0);
  });

  test("fires with an error of its own", () => {
    const clock = new FakeClock();
    const error = new TimeoutError("The connect timeout elapsed.", "connect-timeout");
    const scope = new AbortScope(clock, undefined, 100, () => error);
    clock.advance(100);
    expect(scope.reason).toBe(error);
  });

  test("never fires by itself without a timeout", () => {
    const clock = new FakeClock();
    const scope = new AbortScope(clock);
    expect(clock.pendingTimers).toBe(0);
    expect(scope.aborted).toBe(false);
    scope.dispose();
  });

  test("fires with its parent, whatever its shape, and passes the reason on", () => {
    const clock = new FakeClock();
    const parent = new AbortController();
    const scope = new AbortScope(clock, parent.signal);
    const reason = new HubError("text");
    parent.abort(reason);
    expect(scope.reason).toBe(reason);

    const minimal = minimalSignal();
    const other = new AbortScope(clock, minimal.signal);
    minimal.abort();
    expect(other.reason).toBeInstanceOf(AbortError);
  });

  test("has fired already when its parent has", () => {
    const clock = new FakeClock();
    const scope = new AbortScope(clock, AbortSignal.abort(), 100);
    expect(scope.aborted).toBe(true);
    scope.dispose();
    expect(clock.pendingTimers).toBe(0);
  });

  test("disposed, it lets go of parent and timer", () => {
    const clock = new FakeClock();
    const parent = minimalSignal();
    const scope = new AbortScope(clock, parent.signal, 100);
    scope.dispose();
    expect(clock.pendingTimers).toBe(0);
    expect(parent.signal.onabort).toBeNull();
    parent.abort();
    clock.advance(1_000);
    expect(scope.aborted).toBe(false);
  });

  test("the first reason stays", () => {
    const clock = new FakeClock();
    const scope = new AbortScope(clock, undefined, 100);
    const reason = new AbortError("first");
    scope.abort(reason);
    clock.advance(100);
    expect(scope.reason).toBe(reason);
  });
});

describe("a scope without parent and time", () => {
  const reason = new AbortError("given up");

  test("calls back once, with the reason in place, and forgets who left", () => {
    const signal = new AbortScope();
    const seen: unknown[] = [];
    signal.add(() => seen.push(["first", signal.aborted, signal.reason]));
    signal.add(() => seen.push("left"))();
    signal.onabort = () => void seen.push("onabort");
    signal.abort(reason);
    signal.abort(new AbortError("again"));
    expect(seen).toEqual([["first", true, reason], "onabort"]);
    expect(signal.reason).toBe(reason);
  });

  test("works wherever a signal does", async () => {
    const signal = new AbortScope();
    const waiting = withAbort(never, signal);
    const scope = new AbortScope(new FakeClock(), signal);
    signal.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(scope.reason).toBe(reason);
    await expect(withAbort(never, signal)).rejects.toBe(reason);
    const left = jest.fn();
    const other = new AbortScope();
    onAbort(other, left)();
    other.abort(reason);
    expect(left).not.toHaveBeenCalled();
  });

  test("one who leaves, or one who comes, while it fires does no harm", () => {
    const signal = new AbortScope();
    const late = jest.fn();
    const second = jest.fn();
    signal.add(() => {
      leave();
      signal.add(late);
    });
    const leave = signal.add(second);
    signal.abort(reason);
    expect(late).not.toHaveBeenCalled();
    expect(second).not.toHaveBeenCalled(); // as with a DOM signal
  });

  test("an onabort that throws, an HTTP client's of the user, does not reach whoever gives up", () => {
    const clock = new FakeClock();
    const scope = new AbortScope(clock, undefined, 100);
    scope.onabort = () => {
      throw new Error("mine");
    };
    expect(() => clock.advance(100)).not.toThrow();
    expect(scope.aborted).toBe(true);
  });
});

describe("bounded", () => {
  test("gives the work's outcome and cleans up", async () => {
    const clock = new FakeClock();
    const parent = minimalSignal();
    await expect(bounded(() => 1, clock, parent.signal, 100)).resolves.toBe(1);
    await expect(bounded(() => Promise.reject(new Error("text")), clock, parent.signal, 100)).rejects.toThrow("text");
    const throwing = () => {
      throw new Error("at once");
    };
    await expect(bounded(throwing, clock, parent.signal, 100)).rejects.toThrow("at once");
    expect(clock.pendingTimers).toBe(0);
    expect(parent.signal.onabort).toBeNull();
  });

  test("gives up when the time is over, and tells the work", async () => {
    const clock = new FakeClock();
    let seen: Abortable | undefined;
    const waiting = bounded(
      (signal) => {
        seen = signal;
        return never;
      },
      clock,
      undefined,
      100,
    );
    clock.advance(100);
    await expect(waiting).rejects.toBeInstanceOf(TimeoutError);
    expect(seen?.aborted).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  test("does not start when the signal has fired", async () => {
    const clock = new FakeClock();
    const work = jest.fn();
    await expect(bounded(work, clock, AbortSignal.abort(), 100)).rejects.toBeInstanceOf(AbortError);
    expect(work).not.toHaveBeenCalled();
    expect(clock.pendingTimers).toBe(0);
  });

  test("work that is given up while it starts, and then fails, does not count as unhandled", async () => {
    const controller = new AbortController();
    const work = () => {
      controller.abort();
      throw new Error("at once");
    };
    await expect(bounded(work, new FakeClock(), controller.signal)).rejects.toThrow("at once");
    await new Promise((resolve) => setImmediate(resolve));
  });
});

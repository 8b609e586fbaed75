/** Deferred promises and what counts as awaitable. */
import { Deferred, ignoreRejection, isThenable } from "../../../src/common/deferred.js";

describe("Deferred", () => {
  test("fulfils", async () => {
    const deferred = new Deferred<number>();
    deferred.resolve(1);
    await expect(deferred.promise).resolves.toBe(1);
  });

  test("follows a promise", async () => {
    const deferred = new Deferred<number>();
    deferred.resolve(Promise.resolve(2));
    await expect(deferred.promise).resolves.toBe(2);
  });

  test("rejects", async () => {
    const deferred = new Deferred<number>();
    const error = new Error("text");
    deferred.reject(error);
    await expect(deferred.promise).rejects.toBe(error);
  });

  test("keeps the first outcome", async () => {
    const deferred = new Deferred<number>();
    deferred.resolve(1);
    deferred.resolve(2);
    deferred.reject(new Error("text"));
    await expect(deferred.promise).resolves.toBe(1);
  });

  test("its functions work on their own", async () => {
    const { promise, resolve } = new Deferred<string>();
    resolve("a");
    await expect(promise).resolves.toBe("a");
  });
});

test("ignoreRejection: the rejection does not count as unhandled, and can still be seen", async () => {
  const unhandled = jest.fn();
  process.on("unhandledRejection", unhandled);
  try {
    const deferred = new Deferred<void>();
    ignoreRejection(deferred.promise);
    deferred.reject(new Error("text"));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).not.toHaveBeenCalled();
    await expect(deferred.promise).rejects.toThrow("text");
  } finally {
    process.off("unhandledRejection", unhandled);
  }
});

describe("isThenable", () => {
  test.each([
    ["a promise", Promise.resolve()],
    ["an object with a then method", { then() {} }],
    ["an object that inherits one", Object.create({ then() {} })],
  ])("%s is", (_what, value: unknown) => {
    expect(isThenable(value)).toBe(true);
  });

  test.each([
    ["undefined", undefined],
    ["null", null],
    ["a number", 1],
    ["a string", "then"],
    ["an object", {}],
    ["an object whose then is data", { then: 1 }],
    ["a function", () => undefined],
  ])("%s is not", (_what, value: unknown) => {
    expect(isThenable(value)).toBe(false);
  });
});

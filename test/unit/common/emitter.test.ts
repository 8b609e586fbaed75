/** Order, removal and isolation of listeners. */
import { Emitter } from "../../../src/common/emitter.js";

class TestEmitter<Args extends unknown[]> extends Emitter<{ event: Args; other: Args }> {
  readonly errors: unknown[] = [];

  protected override onListenerError(thrown: unknown): void {
    this.errors.push(thrown);
  }
}

function emitterOf<Args extends unknown[]>() {
  const all = new TestEmitter<Args>(undefined);
  const { errors } = all;
  const emitter = {
    add: (listener: (...args: Args) => unknown) => all.add("event", listener),
    emit: (...args: Args) => all.emit("event", ...args),
  };
  return { all, errors, emitter };
}

test("calls listeners in the order of their registration, with the arguments", () => {
  const { emitter } = emitterOf<[string, number]>();
  const calls: unknown[] = [];
  emitter.add((...args) => calls.push(["first", ...args]));
  emitter.add((...args) => calls.push(["second", ...args]));
  emitter.emit("a", 1);
  expect(calls).toEqual([
    ["first", "a", 1],
    ["second", "a", 1],
  ]);
});

test("calls the listeners of that kind of event only", () => {
  const { all } = emitterOf<[number]>();
  const calls: unknown[] = [];
  all.add("event", (n) => calls.push(["event", n]));
  all.add("other", (n) => calls.push(["other", n]));
  all.emit("other", 1);
  all.emit("event", 2);
  expect(calls).toEqual([
    ["other", 1],
    ["event", 2],
  ]);
});

test("nobody listening is fine", () => {
  const { emitter, errors } = emitterOf<[]>();
  emitter.emit();
  expect(errors).toEqual([]);
});

test("a disposer removes just its own registration, even of the same function", () => {
  const { emitter } = emitterOf<[]>();
  const listener = jest.fn();
  const first = emitter.add(listener);
  emitter.add(listener);
  emitter.emit();
  expect(listener).toHaveBeenCalledTimes(2);
  first();
  first();
  emitter.emit();
  expect(listener).toHaveBeenCalledTimes(3);
});

test("adding during an emit takes effect from the next", () => {
  const { emitter } = emitterOf<[]>();
  const added = jest.fn();
  const remove = emitter.add(() => {
    remove();
    emitter.add(added);
  });
  emitter.emit();
  expect(added).not.toHaveBeenCalled();
  emitter.emit();
  expect(added).toHaveBeenCalledTimes(1);
});

test("removing during an emit takes effect from the next", () => {
  const { emitter } = emitterOf<[]>();
  const later = jest.fn();
  emitter.add(() => removeLater());
  const removeLater = emitter.add(later);
  emitter.emit();
  expect(later).toHaveBeenCalledTimes(1);
  emitter.emit();
  expect(later).toHaveBeenCalledTimes(1);
});

test("an emit inside an emit runs to its end first", () => {
  const { emitter } = emitterOf<[number]>();
  const seen: string[] = [];
  emitter.add((n) => {
    seen.push(`a${n}`);
    if (n === 0) emitter.emit(1);
  });
  emitter.add((n) => seen.push(`b${n}`));
  emitter.emit(0);
  expect(seen).toEqual(["a0", "a1", "b1", "b0"]);
});

test("a throwing listener is reported and does not reach the next", () => {
  const { emitter, errors } = emitterOf<[]>();
  const next = jest.fn();
  const error = new Error("text");
  emitter.add(() => {
    throw error;
  });
  emitter.add(next);
  expect(() => emitter.emit()).not.toThrow();
  expect(next).toHaveBeenCalledTimes(1);
  expect(errors).toEqual([error]);
});

test("a rejected promise of a listener is reported", async () => {
  const { emitter, errors } = emitterOf<[]>();
  const error = new Error("text");
  emitter.add(() => Promise.reject(error));
  emitter.add(async () => undefined);
  emitter.emit();
  await Promise.resolve();
  await Promise.resolve();
  expect(errors).toEqual([error]);
});

test("a listener's thenable that throws is reported", () => {
  const { emitter, errors } = emitterOf<[]>();
  const error = new Error("text");
  emitter.add(() => ({
    then() {
      throw error;
    },
  }));
  expect(() => emitter.emit()).not.toThrow();
  expect(errors).toEqual([error]);
});

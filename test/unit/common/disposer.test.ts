/** A disposer undoes once, however it is called. */
import { disposer } from "../../../src/common/disposer.js";

test("undoes when called", () => {
  const undo = jest.fn();
  const dispose = disposer(undo);
  expect(undo).not.toHaveBeenCalled();
  expect(dispose()).toBeUndefined();
  expect(undo).toHaveBeenCalledTimes(1);
});

test("undoes when disposed of", () => {
  const undo = jest.fn();
  disposer(undo)[Symbol.dispose]();
  expect(undo).toHaveBeenCalledTimes(1);
});

test("calling it again does nothing, whichever way", () => {
  const undo = jest.fn();
  const dispose = disposer(undo);
  dispose();
  dispose();
  dispose[Symbol.dispose]();
  expect(undo).toHaveBeenCalledTimes(1);
});

test("passes no arguments on", () => {
  const undo = jest.fn();
  const dispose: (...args: unknown[]) => void = disposer(undo);
  dispose(1, 2);
  expect(undo).toHaveBeenCalledWith();
});

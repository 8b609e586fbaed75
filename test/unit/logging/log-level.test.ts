/** The levels' values, which are public, and their names. */
import { LogLevel, parseLogLevel } from "../../../src/logging/log-level.js";

test("the values are those of the official client", () => {
  expect([
    LogLevel.Trace,
    LogLevel.Debug,
    LogLevel.Information,
    LogLevel.Warning,
    LogLevel.Error,
    LogLevel.Critical,
    LogLevel.None,
  ]).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

describe("parseLogLevel", () => {
  test.each([
    ["trace", LogLevel.Trace],
    ["debug", LogLevel.Debug],
    ["info", LogLevel.Information],
    ["information", LogLevel.Information],
    ["warn", LogLevel.Warning],
    ["warning", LogLevel.Warning],
    ["error", LogLevel.Error],
    ["critical", LogLevel.Critical],
    ["none", LogLevel.None],
    ["Warning", LogLevel.Warning],
    ["TRACE", LogLevel.Trace],
  ])("%s", (name, level) => {
    expect(parseLogLevel(name)).toBe(level);
  });

  test.each(["", "verbose", " info", "0", "toString", "constructor", "hasOwnProperty", "__proto__"])(
    "knows no level %j",
    (name) => {
      expect(parseLogLevel(name)).toBeUndefined();
    },
  );
});

/** Which console method gets which level, and what a line looks like. */
import { ConsoleLogger } from "../../../src/logging/console-logger.js";
import { LogLevel } from "../../../src/logging/log-level.js";

const methods = ["log", "info", "warn", "error"] as const;

function capture(): string[] {
  const lines: string[] = [];
  for (const method of methods) {
    jest
      .spyOn(console, method)
      .mockImplementation((...args: unknown[]) => void lines.push(`${method} ${args.join(" ")}`));
  }
  return lines;
}

afterEach(() => jest.restoreAllMocks());

test.each([
  [LogLevel.Trace, "log", "Trace"],
  [LogLevel.Debug, "log", "Debug"],
  [LogLevel.Information, "info", "Information"],
  [LogLevel.Warning, "warn", "Warning"],
  [LogLevel.Error, "error", "Error"],
  [LogLevel.Critical, "error", "Critical"],
])("level %i is written with console.%s", (level, method, name) => {
  const lines = capture();
  new ConsoleLogger(LogLevel.Trace).log(level, "text");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(new RegExp(`^${method} \\[\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z\\] ${name}: text$`));
});

test("leaves out what is below its level", () => {
  const lines = capture();
  const logger = new ConsoleLogger(LogLevel.Warning);
  logger.log(LogLevel.Information, "text");
  expect(lines).toEqual([]);
  expect(logger.isEnabled(LogLevel.Information)).toBe(false);
  expect(logger.isEnabled(LogLevel.Warning)).toBe(true);
  logger.log(LogLevel.Warning, "text");
  expect(lines).toHaveLength(1);
});

test("None switches it off, and is no severity of its own", () => {
  const lines = capture();
  const off = new ConsoleLogger(LogLevel.None);
  off.log(LogLevel.Critical, "text");
  off.log(LogLevel.None, "text");
  new ConsoleLogger(LogLevel.Trace).log(LogLevel.None, "text");
  expect(lines).toEqual([]);
  expect(off.isEnabled(LogLevel.None)).toBe(false);
});

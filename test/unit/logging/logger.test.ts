/** The guarded front that everything logs through. */
import { LogLevel } from "../../../src/logging/log-level.js";
import { Log, NullLogger, type Logger } from "../../../src/logging/logger.js";

function recorder(minimum?: LogLevel): Logger & { lines: [LogLevel, string][] } {
  const lines: [LogLevel, string][] = [];
  const log = (level: LogLevel, message: string) => void lines.push([level, message]);
  return minimum === undefined ? { lines, log } : { lines, log, isEnabled: (level) => level >= minimum };
}

test("NullLogger wants nothing and takes anything", () => {
  expect(NullLogger.instance.isEnabled?.(LogLevel.Critical)).toBe(false);
  expect(() => NullLogger.instance.log(LogLevel.Critical, "text")).not.toThrow();
});

describe("Log", () => {
  test("passes messages on", () => {
    const logger = recorder();
    const log = new Log(logger);
    log.write(LogLevel.Trace, "a");
    log.write(LogLevel.Critical, () => "b");
    expect(logger.lines).toEqual([
      [LogLevel.Trace, "a"],
      [LogLevel.Critical, "b"],
    ]);
  });

  test("wants every level of a logger that does not say", () => {
    expect(new Log(recorder()).isEnabled(LogLevel.Trace)).toBe(true);
  });

  test("asks the logger, and builds no text for what is not wanted", () => {
    const logger = recorder(LogLevel.Warning);
    const log = new Log(logger);
    const text = jest.fn(() => "text");
    log.write(LogLevel.Information, text);
    expect(text).not.toHaveBeenCalled();
    expect(logger.lines).toEqual([]);
    log.write(LogLevel.Warning, text);
    expect(text).toHaveBeenCalledTimes(1);
    expect(logger.lines).toEqual([[LogLevel.Warning, "text"]]);
  });

  test("calls the logger's methods as methods", () => {
    class Counting implements Logger {
      count = 0;
      log(): void {
        this.count++;
      }
      isEnabled(): boolean {
        return this.count < 1;
      }
    }
    const logger = new Counting();
    const log = new Log(logger);
    log.write(LogLevel.Error, "first");
    log.write(LogLevel.Error, "second");
    expect(logger.count).toBe(1);
  });

  test("survives a logger whose log throws", () => {
    const log = new Log({
      log() {
        throw new Error("disk full");
      },
    });
    expect(() => log.write(LogLevel.Error, "text")).not.toThrow();
  });

  test("survives a logger whose isEnabled throws, and takes it for a no", () => {
    const logger = {
      log: jest.fn(),
      isEnabled() {
        throw new Error("disk full");
      },
    };
    const log = new Log(logger);
    expect(log.isEnabled(LogLevel.Error)).toBe(false);
    expect(() => log.write(LogLevel.Error, "text")).not.toThrow();
    expect(logger.log).not.toHaveBeenCalled();
  });

  test("survives a text that cannot be built", () => {
    const log = new Log(recorder());
    expect(() =>
      log.write(LogLevel.Error, () => {
        throw new Error("no text");
      }),
    ).not.toThrow();
  });
});

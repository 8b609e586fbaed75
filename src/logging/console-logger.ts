/** Writes log messages to the console; what `configureLogging(level)` creates. */
import { LogLevel } from "./log-level.js";
import type { Logger } from "./logger.js";

/** Writes messages of a level and above to the console, with an ISO timestamp and the level's name in front. */
export class ConsoleLogger implements Logger {
  readonly #minimumLevel: LogLevel;

  /** @param minimumLevel Messages below this level are left out. */
  constructor(minimumLevel: LogLevel) {
    this.#minimumLevel = minimumLevel;
  }

  /** Whether messages of this level are written. */
  isEnabled(logLevel: LogLevel): boolean {
    return logLevel >= this.#minimumLevel && logLevel < LogLevel.None;
  }

  /** Writes the message with the console method that fits its level. */
  log(logLevel: LogLevel, message: string): void {
    if (!this.isEnabled(logLevel)) return;
    const line = `[${new Date().toISOString()}] ${LogLevel[logLevel]}: ${message}`;
    if (logLevel >= LogLevel.Error) console.error(line);
    else if (logLevel === LogLevel.Warning) console.warn(line);
    else if (logLevel === LogLevel.Information) console.info(line);
    else console.log(line);
  }
}

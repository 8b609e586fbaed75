/** What a logger is, the one that writes nothing, and the guarded front that the rest of hubwire logs through. */
import type { LogLevel } from "./log-level.js";

/** Receives log messages; any object with a `log` method will do. */
export interface Logger {
  /** Takes one message. What it throws is swallowed: a logger cannot harm the connection. */
  log(logLevel: LogLevel, message: string): void;
  /** Whether messages of this level are wanted. Where it is missing, all are, which costs building each text. */
  isEnabled?(logLevel: LogLevel): boolean;
}

/** A logger that writes nothing. */
export class NullLogger implements Logger {
  /** The one instance. */
  static readonly instance: Logger = new NullLogger();

  private constructor() {}

  /** Ignores the message. */
  log(_logLevel: LogLevel, _message: string): void {}

  /** Nothing is wanted, so no text is ever built. */
  isEnabled(_logLevel: LogLevel): boolean {
    return false;
  }
}

/** The front that every part logs through: texts are built only when wanted, and a throwing logger is survived. */
export class Log {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Whether messages of this level are wanted; ask before building anything expensive. */
  isEnabled(level: LogLevel): boolean {
    try {
      return this.#logger.isEnabled?.(level) ?? true;
    } catch {
      return false;
    }
  }

  /** Writes one message; a function is only called when the level is wanted. */
  write(level: LogLevel, message: string | (() => string)): void {
    if (!this.isEnabled(level)) return;
    try {
      this.#logger.log(level, typeof message === "string" ? message : message());
    } catch {
      // A logger that fails (a full disk, a closed stream) must not take the connection with it.
    }
  }
}

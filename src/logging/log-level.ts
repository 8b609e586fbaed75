/** The severities of log messages, least first. Used by loggers and by `configureLogging`. */

/** Severity of a log message. The values are ordered: a logger set to a level writes that level and all above. */
export enum LogLevel {
  /** Every message and frame; for people who debug the protocol. */
  Trace = 0,
  /** Internal steps. */
  Debug = 1,
  /** The normal flow of a connection. */
  Information = 2,
  /** Something is odd but the connection goes on. */
  Warning = 3,
  /** An operation failed. */
  Error = 4,
  /** The application cannot go on. */
  Critical = 5,
  /** Not a severity: switches logging off. */
  None = 6,
}

const NAMES: Readonly<Record<string, LogLevel>> = {
  trace: LogLevel.Trace,
  debug: LogLevel.Debug,
  info: LogLevel.Information,
  information: LogLevel.Information,
  warn: LogLevel.Warning,
  warning: LogLevel.Warning,
  error: LogLevel.Error,
  critical: LogLevel.Critical,
  none: LogLevel.None,
};

/** @returns the level of that name (case-insensitive), or `undefined` when there is none. */
export function parseLogLevel(name: string): LogLevel | undefined {
  const key = name.toLowerCase();
  return Object.keys(NAMES).includes(key) ? NAMES[key] : undefined;
}

/** What `withUrl(url, options)` takes, and the checked form with all defaults that the client works with. */
import { hasMethods } from "../common/has-methods.js";
import { wrongOption } from "../errors/call-errors.js";
import type { AccessTokenContext } from "../http/access-token.js";
import type { HttpClient } from "../http/http-client.js";
import type { NodeOptions } from "../http/node-options.js";
import { ConsoleLogger } from "../logging/console-logger.js";
import { LogLevel } from "../logging/log-level.js";
import { Log, NullLogger, type Logger } from "../logging/logger.js";
import { shown } from "../logging/shown.js";
import type { MessageHeaders } from "../protocol/messages.js";
import type { EventSourceConstructor } from "../transports/event-source.js";
import { HttpTransportType, type CustomTransport } from "../transports/transport.js";
import type { WebSocketConstructor } from "../transports/web-socket-like.js";

/** Options of a hub connection's HTTP side; all optional. */
export interface HttpConnectionOptions extends NodeOptions {
  /** Headers for every HTTP request; they override hubwire's own. Browsers cannot send them with a WebSocket. Default: none. */
  headers?: MessageHeaders;
  /** Sends HTTP requests instead of the runtime's own client. */
  httpClient?: HttpClient;
  /** The transports that may be used (bit flags), or one of your own. Default: all that the server offers, in its order. */
  transport?: HttpTransportType | CustomTransport;
  /** Logger, or level of a console logger, for the connection. Default: what `configureLogging` set; `null`: none. */
  logger?: Logger | LogLevel | null;
  /**
   * Gives the bearer token; asked before each negotiation and each WebSocket, for a refresh, and when one was refused. Default: no token.
   * @param context Why it is asked.
   * @returns the token; an empty one means that none is sent.
   */
  accessTokenFactory?(context: AccessTokenContext): string | Promise<string>;
  /** Whether `Trace` logs show what messages contain, which may be private. Default: `false`, only their sizes. */
  logMessageContent?: boolean;
  /** Connects the WebSocket without asking the server first; needs `transport: HttpTransportType.WebSockets`. Default: `false`. */
  skipNegotiation?: boolean;
  /** Whether browsers send cookies and other credentials to other origins. Default: `true`. */
  withCredentials?: boolean;
  /** Milliseconds until an HTTP request (not a poll or stream) fails. Default: 100,000. */
  timeout?: number;
  /** Milliseconds for negotiation and connecting together, per attempt. Default: 30,000. */
  connectTimeout?: number;
  /** Used for HTTP requests instead of the runtime's own client. */
  fetch?: typeof fetch;
  /** Used instead of the runtime's own; outside browsers called as `new WebSocket(url, undefined, { headers })`. */
  WebSocket?: WebSocketConstructor;
  /** Reads Server-Sent Events instead of `fetch`. It may know no headers, so the access token goes into the URL. */
  EventSource?: EventSourceConstructor;
}

/** Checks a number that must be above zero. @throws InvalidArgumentError that names the option. */
export function positive(name: string, value: number): number {
  if (typeof value === "number" && value > 0 && isFinite(value)) return value;
  wrongOption(name);
}

const DEFAULTS = {
  headers: {} as MessageHeaders,
  transport: HttpTransportType.None as HttpTransportType | CustomTransport,
  logMessageContent: false,
  skipNegotiation: false,
  withCredentials: true,
  timeout: 100_000,
  connectTimeout: 30_000,
};

type Defaults = typeof DEFAULTS;

/** {@link HttpConnectionOptions}, checked and with all defaults. */
export interface ResolvedHttpConnectionOptions extends Omit<HttpConnectionOptions, keyof Defaults>, Readonly<Defaults> {
  /** Where to log; made of `logger`. */
  readonly log: Log;
}

/**
 * Checks options and fills in defaults; the given object stays as it is. Of options that nobody knows the log warns.
 * @param fallback Logs unless the options name a logger.
 * @throws InvalidArgumentError that names the option.
 */
export function resolveHttpConnectionOptions(
  options: HttpConnectionOptions,
  fallback: Logger = NullLogger.instance,
): ResolvedHttpConnectionOptions {
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (value == null) continue;
    if (!isValid(name, value)) wrongOption(name);
    given[name] = value;
  }
  const { logger = fallback } = options;
  const log = new Log(typeof logger === "number" ? new ConsoleLogger(logger) : (logger ?? NullLogger.instance));
  for (const name in given) {
    if (!KNOWN.includes(name) && !(name in DEFAULTS)) log.write(LogLevel.Warning, `Unknown option ${shown(name)}.`);
  }
  // Defaults are inherited: a copy of them would be the largest object of a connection.
  return Object.assign(Object.create(DEFAULTS) as Defaults, given as HttpConnectionOptions, { log });
}

/** Those that have no default. The first ones are functions, the last ones Node's, which others ignore. */
const KNOWN = [
  "accessTokenFactory",
  "fetch",
  "WebSocket",
  "EventSource",
  "httpClient",
  "logger",
  "cookieJar",
  "httpAgent",
  "proxy",
  "tls",
  "webSocketOptions",
];

function isValid(name: string, value: unknown): boolean {
  const index = KNOWN.indexOf(name);
  if (index >= 0 && index < 4) return typeof value === "function";
  if (name === "httpClient") return hasMethods(value, "send");
  if (name === "logger") return isLevel(value) || hasMethods(value, "log");
  if (name === "transport") return isTransport(value);
  // Lists and collections have no headers of their own, and would send none in silence.
  if (name === "headers" && (hasMethods(value, "forEach") || !Object.values(value as object).every(isHeader)))
    return false;
  const type = typeof (DEFAULTS as Readonly<Record<string, unknown>>)[name];
  // The numbers among them are times.
  return (
    type === "undefined" ||
    (typeof value === type && (type !== "number" || (Number(value) > 0 && isFinite(Number(value)))))
  );
}

/** Whether a value is one of the levels of logging. */
export function isLevel(value: unknown): value is LogLevel {
  return typeof value === "number" && value in LogLevel;
}

// All flags together are 7.
function isTransport(value: unknown): boolean {
  return typeof value === "number" ? value === (value & 7) : hasMethods(value, "connect", "send", "stop");
}

function isHeader(value: unknown): boolean {
  return !/^(?:object|function|symbol)$/.test(typeof value);
}

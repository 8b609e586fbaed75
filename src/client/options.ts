/** What `withUrl(url, options)` takes, the one table that checks options, and the one object that a connection works with. */
import type { Clock } from "../common/clock.js";
import { hasMethods } from "../common/has-methods.js";
import { wrongOption } from "../common/require-argument.js";
import type { AccessTokenContext } from "../http/access-token.js";
import type { HttpClient } from "../http/http-client.js";
import type { NodeOptions } from "../http/node-options.js";
import { ConsoleLogger } from "../logging/console-logger.js";
import { LogLevel } from "../logging/log-level.js";
import { Log, NullLogger, type Logger } from "../logging/logger.js";
import { shown } from "../logging/shown.js";
import type { Network, Platform, WakeSource } from "../platform/platform.js";
import type { HubProtocol } from "../protocol/hub-protocol.js";
import { JsonEncoding } from "../protocol/json-encoding.js";
import type { MessageHeaders } from "../protocol/messages.js";
import type { EventSourceConstructor } from "../transports/event-source.js";
import { HttpTransportType, type CustomTransport, type Transport } from "../transports/transport.js";
import type { WebSocketConstructor } from "../transports/web-socket-like.js";
import type { HubConnectionOptions } from "./create-connection.js";
import { openDirectly, type BuilderParts, type Route } from "./http-connection.js";

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
  /**
   * Connects the WebSocket without asking the server first; needs `transport: HttpTransportType.WebSockets`, or no other transport in
   * `transports`. Default: `false`; connections without the part `negotiation` never ask.
   */
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

/** What options may be, by their names. */
export type Checks = Readonly<Record<string, (value: unknown) => boolean>>;

/** Checks options; `null` and `undefined` mean that nothing was said. @throws InvalidArgumentError that names the option. */
export function checkOptions(options: object, checks: Checks): void {
  for (const name of Object.keys(checks)) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value != null && !checks[name]?.(value)) wrongOption(name);
  }
}

/** Checks a number that must be above zero. @throws InvalidArgumentError that names the option. */
export function positive(name: string, value: number): number {
  return isPositive(value) ? value : wrongOption(name);
}

/** Whether a value is a number above zero. */
export function isPositive(value: unknown): boolean {
  return typeof value === "number" && value > 0 && isFinite(value);
}

const isBoolean = (value: unknown) => typeof value === "boolean";
const isFunction = (value: unknown) => typeof value === "function";
const isObject = (value: unknown) => typeof value === "object";

const CHECKS: Readonly<Record<keyof HubConnectionOptions, Checks[string]>> = {
  accessTokenFactory: isFunction,
  authenticationRefresh: isObject,
  calls: isFunction,
  connectTimeout: isPositive,
  EventSource: isFunction,
  fetch: isFunction,
  handshakeTimeout: isPositive,
  headers: isHeaders,
  httpClient: (value) => hasMethods(value, "send"),
  keepAliveInterval: isPositive,
  logger: (value) => isLevel(value) || hasMethods(value, "log"),
  logMessageContent: isBoolean,
  negotiation: isObject,
  protocol: (value) => hasMethods(value, "encode"),
  reconnect: isObject,
  serialHandlers: isFunction,
  serverTimeout: isPositive,
  skipNegotiation: isBoolean,
  statefulReconnect: isObject,
  streams: isObject,
  timeout: isPositive,
  WebSocket: isFunction,
  transport: isTransport,
  transports: (value) => Array.isArray(value) && value.every((one) => hasMethods(one, "connect")),
  withCredentials: isBoolean,
  // Node's, which checks them itself; elsewhere nobody looks.
  cookieJar: isAny,
  httpAgent: isAny,
  proxy: isAny,
  tls: isAny,
  webSocketOptions: isAny,
};

/** What is not said. */
const DEFAULTS = {
  headers: {} as MessageHeaders,
  transport: HttpTransportType.None as HttpTransportType | CustomTransport,
  transports: [] as readonly Transport[],
  logMessageContent: false,
  skipNegotiation: false,
  withCredentials: true,
  timeout: 100_000,
  connectTimeout: 30_000,
  serverTimeout: 30_000,
  keepAliveInterval: 15_000,
  handshakeTimeout: 15_000,
  protocol: /* @__PURE__ */ new JsonEncoding() as HubProtocol,
  // No options: the builder's parts, and what a faulty server can make a client hold; far above what hubs send.
  connectCustom: undefined as BuilderParts["connectCustom"],
  trace: undefined as BuilderParts["trace"],
  maximumMessageSize: 128 * 1024 * 1024,
};

type Defaults = typeof DEFAULTS;

/** Options, checked and complete. */
export interface ResolvedOptions extends Omit<HubConnectionOptions, keyof Defaults>, Defaults {
  /** Where to log; made of `logger`. */
  readonly log: Log;
}

/** What the connections of a platform have in common. */
export interface PlatformDefaults extends Defaults {
  /** What the client needs of the runtime. */
  readonly platform: Platform;
  /** How its connections get to a hub without a negotiation. */
  readonly direct: Route<Network>;
  /** The platform's. */
  readonly clock: Clock;
  /** The platform's, if it has one. */
  readonly wakeSource: WakeSource | undefined;
}

/** Everything that one connection works with: one object, from the builder to the socket. `url` and two times may be set later. */
export interface ConnectionOptions extends ResolvedOptions, PlatformDefaults {
  /** The hub's absolute URL. */
  url: string;
}

/** @param parts Those that all connections have. */
export function defaultsOn(platform: Platform, parts?: Partial<ResolvedOptions>): PlatformDefaults {
  const { clock, wakeSource, createNetwork } = platform;
  return { ...DEFAULTS, ...parts, platform, clock, wakeSource, direct: { createNetwork, open: openDirectly } };
}

/**
 * Checks options; the given object stays as it is. Of options that nobody knows the log warns.
 * @param defaults What is not said is inherited: a copy of it would be the largest object of a connection.
 * @param fallback Logs unless the options name a logger.
 * @throws InvalidArgumentError that names the option.
 */
export function resolveOptions<Inherited extends Defaults>(
  options: HttpConnectionOptions,
  defaults: Inherited,
  fallback: Logger,
): Inherited & ResolvedOptions {
  checkOptions(options, CHECKS);
  const { logger = fallback } = options;
  const log = new Log(typeof logger === "number" ? new ConsoleLogger(logger) : (logger ?? NullLogger.instance));
  const resolved = Object.create(defaults) as Inherited;
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (value == null) continue;
    const isKnown = Object.prototype.hasOwnProperty.call(CHECKS, name);
    if (!isKnown) log.write(LogLevel.Warning, `Unknown option ${shown(name)}.`);
    // The application's functions find what else it says; nothing takes the place of what is no option.
    if (isKnown || !(name in resolved)) (resolved as Record<string, unknown>)[name] = value;
  }
  return Object.assign(resolved, { log });
}

function isAny(): boolean {
  return true;
}

/** Whether a value is one of the levels of logging. */
export function isLevel(value: unknown): value is LogLevel {
  return typeof value === "number" && value in LogLevel;
}

// All flags together are 7.
function isTransport(value: unknown): boolean {
  return typeof value === "number" ? value === (value & 7) : hasMethods(value, "connect", "send", "stop");
}

// Lists and collections have no headers of their own, and would send none in silence.
function isHeaders(value: unknown): boolean {
  return isObject(value) && !hasMethods(value, "forEach") && Object.values(Object(value) as object).every(isHeader);
}

function isHeader(value: unknown): boolean {
  return !/^(?:object|function|symbol)$/.test(typeof value);
}

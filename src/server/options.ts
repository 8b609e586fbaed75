/** What `createHubServer` and `mapHub` take, and the checked form with all defaults that the server works with. */
import type { IncomingMessage } from "node:http";
import { hasMethods } from "../common/has-methods.js";
import { wrongOption } from "../common/require-argument.js";
import { ConsoleLogger } from "../logging/console-logger.js";
import { LogLevel } from "../logging/log-level.js";
import { Log, NullLogger, type Logger } from "../logging/logger.js";
import { toHubProtocol } from "../protocol/custom-hub-protocol.js";
import type { CustomHubProtocol, HubProtocol } from "../protocol/hub-protocol.js";
import { JsonHubProtocol } from "../protocol/json-hub-protocol.js";
import type { TransportName } from "../transports/transport.js";
import type { AuthenticationRefreshContext } from "./connection-authentication.js";
import type { HubFilter } from "./hub-filters.js";
import type { HubLike } from "./hub.js";
import type { HubUser } from "./hub-context.js";
import type { AllowedOrigins } from "./origin-policy.js";

/** Options of hubs; given to `createHubServer` they hold for all hubs, given to `mapHub` for that one. All optional. */
export interface HubOptions {
  /** Milliseconds without sending after which the server pings a client; looked at about once per second. Default: 15,000. */
  keepAliveInterval?: number;
  /** Milliseconds of silence after which a client that has pinged before counts as gone. Default: 30,000. */
  clientTimeoutInterval?: number;
  /** Milliseconds that a new connection has for the hub handshake. Default: 15,000. */
  handshakeTimeout?: number;
  /** Largest hub message accepted, in bytes with its framing; `Infinity` for any. Default: 32,768. */
  maximumReceiveMessageSize?: number;
  /** Items of one uploaded stream that may wait to be read before the client's connection is paused. Default: 10. */
  streamBufferCapacity?: number;
  /** Plain calls of one client that run at the same time; the others wait in order. Default: 1. */
  maximumParallelInvocationsPerClient?: number;
  /** Calls with streams, in either direction, that one client may have running; more are refused. Default: 1,000. */
  maximumStreamingInvocationsPerClient?: number;
  /** Groups that one connection may be in; `groups.add` fails beyond it. Default: 10,000. */
  maximumGroupsPerConnection?: number;
  /** Whether clients see the messages of all errors, not only those of `HubError`. Default: `false`. */
  enableDetailedErrors?: boolean;
  /**
   * What may be sent to a client with stateful reconnect and not yet acknowledged before senders wait, in UTF-16 units or bytes.
   * Default: 100,000.
   */
  statefulReconnectBufferSize?: number;
  /** Connections at the same time, negotiated ones that have yet to connect included; more get status 503. Default: `Infinity`. */
  maximumConnections?: number;
  /** The encodings that clients may choose from. Default: JSON. */
  protocols?: readonly (HubProtocol | CustomHubProtocol)[];
  /** Functions around hub methods. The first is the outermost; those of the server are around those of a hub. Default: none. */
  filters?: readonly HubFilter[];
}

/** Options of a hub server; all optional. */
export interface HubServerOptions extends HubOptions {
  /** Logger, or level of a console logger; `null` for none. Default: `LogLevel.Warning`. */
  logger?: Logger | LogLevel | null;
  /** Milliseconds that `close()` waits for running calls and for clients before it drops them. Default: 5,000. */
  shutdownTimeout?: number;
}

/** Settings of the WebSocket transport; all optional. */
export interface WebSocketOptions {
  /** Milliseconds that a client may take to answer the closing handshake. Default: 5,000. */
  closeTimeout?: number;
  /** Largest WebSocket message accepted, in bytes; it may hold many hub messages. Default: 4 MiB, or room for four of the largest hub messages. */
  maximumFrameSize?: number;
}

/** Settings of the Long Polling transport; all optional. */
export interface LongPollingOptions {
  /** Milliseconds after which a poll that nothing comes for is answered, empty. Default: 90,000. */
  pollTimeout?: number;
}

/** Options of one mapped hub; all optional. */
export interface MapHubOptions<THub extends HubLike = HubLike> extends HubOptions {
  /** The transports that clients may use. Default: all. */
  transports?: readonly TransportName[];
  /** Settings of the WebSocket transport. */
  webSockets?: WebSocketOptions;
  /** Settings of the Long Polling transport. */
  longPolling?: LongPollingOptions;
  /**
   * Milliseconds that a client may stay away before it counts as gone: after its negotiation, between two polls, and when it has
   * lost its WebSocket with stateful reconnect.
   * Default: 15,000.
   */
  disconnectTimeout?: number;
  /**
   * Whether clients that ask for it may go on over a new WebSocket when theirs is lost, without losing messages (stateful reconnect).
   * Default: `false`.
   */
  allowStatefulReconnects?: boolean;
  /**
   * Bytes of POST requests that are kept while the hub takes nothing, before reading pauses; request bodies up to this size are
   * taken whole or not at all. Default: 65,536.
   */
  applicationMaxBufferSize?: number;
  /** Bytes that may wait for a Long Polling client's next poll, or in a stream of events, before senders wait. Default: 65,536. */
  transportMaxBufferSize?: number;
  /** Milliseconds that a client may take to accept what is sent before it is dropped. Default: 10,000. */
  transportSendTimeout?: number;
  /**
   * Other origins whose pages may connect: a list, a function, or `"*"` for any, which then cannot send credentials.
   * Pages of the server's own origin and clients that are no browsers always may. Default: none.
   */
  allowedOrigins?: AllowedOrigins;
  /**
   * Tells who makes a request; asked for every request, and later ones of a connection must come from the same user. `accessTokenOf(request)` reads the token.
   * @returns the user, who may have an `expiresAt`; nothing refuses the request with status 401. Default: everybody is anonymous.
   */
  authenticate?(this: void, request: IncomingMessage): HubUser | null | undefined | Promise<HubUser | null | undefined>;
  /** Whether connections end when their user's `expiresAt` is over; clients may come back. Default: `false`. */
  closeOnAuthenticationExpiration?: boolean;
  /** Whether clients may bring a newer access token for an open connection. Default: `false`. */
  enableAuthenticationRefresh?: boolean;
  /**
   * Decides about a refresh by the same user; a further check behind that of the user's identity. Default: yes.
   * @returns whether the new authentication counts from now on; anything but `true` rejects it with status 403.
   */
  onAuthenticationRefresh?(this: void, context: AuthenticationRefreshContext): boolean | Promise<boolean>;
  /**
   * Longest time in milliseconds that authentication holds, whatever its `expiresAt` says; needs `enableAuthenticationRefresh`.
   * Default: `Infinity`.
   */
  maximumAuthenticationExpiration?: number;
  /** Makes the hub object of one call; must be a new one each time. Default: `new HubClass()`. */
  createHub?(this: void): THub;
}

/** The transports that the server offers, in the order in which clients should try them (TRANSPORTS §1). */
export const TRANSPORTS: readonly TransportName[] = ["WebSockets", "ServerSentEvents", "LongPolling"];

const LIMITS = {
  keepAliveInterval: 15_000,
  clientTimeoutInterval: 30_000,
  handshakeTimeout: 15_000,
  maximumReceiveMessageSize: 32 * 1024,
  streamBufferCapacity: 10,
  maximumParallelInvocationsPerClient: 1,
  maximumStreamingInvocationsPerClient: 1_000,
  maximumGroupsPerConnection: 10_000,
  statefulReconnectBufferSize: 100_000,
  maximumConnections: Infinity,
  disconnectTimeout: 15_000,
  applicationMaxBufferSize: 64 * 1024,
  transportMaxBufferSize: 64 * 1024,
  transportSendTimeout: 10_000,
  maximumAuthenticationExpiration: Infinity,
};

const WEB_SOCKETS = { closeTimeout: 5_000, maximumFrameSize: 4 * 1024 * 1024 };

const LONG_POLLING = { pollTimeout: 90_000 };

const SWITCHES = [
  "enableDetailedErrors",
  "allowStatefulReconnects",
  "closeOnAuthenticationExpiration",
  "enableAuthenticationRefresh",
] as const;

const FUNCTIONS = ["authenticate", "onAuthenticationRefresh", "createHub"] as const;

/** A frame holds many messages where clients send faster than the network takes. */
const MESSAGES_PER_FRAME = 4;

/** Who may connect, and for how long. */
interface AuthenticationOptions {
  readonly authenticate: MapHubOptions["authenticate"];
  readonly closeOnAuthenticationExpiration: boolean;
  readonly enableAuthenticationRefresh: boolean;
  readonly onAuthenticationRefresh: MapHubOptions["onAuthenticationRefresh"];
}

/** {@link MapHubOptions}, checked and with all defaults. */
export interface ResolvedHubOptions extends Readonly<typeof LIMITS>, AuthenticationOptions {
  readonly enableDetailedErrors: boolean;
  readonly allowStatefulReconnects: boolean;
  readonly protocols: readonly HubProtocol[];
  readonly filters: readonly HubFilter[];
  readonly transports: readonly TransportName[];
  readonly webSockets: Readonly<typeof WEB_SOCKETS>;
  readonly longPolling: Readonly<typeof LONG_POLLING>;
  readonly allowedOrigins: AllowedOrigins;
}

/** {@link HubServerOptions}, checked and with all defaults. */
export interface ResolvedHubServerOptions {
  readonly log: Log;
  readonly shutdownTimeoutMs: number;
  readonly maximumConnections: number;
  /** What hubs start from. */
  readonly hubs: HubOptions;
}

/**
 * Checks the options of a server.
 * @throws InvalidArgumentError that names the option.
 */
export function resolveHubServerOptions(options: HubServerOptions): ResolvedHubServerOptions {
  requireObject(options);
  const { logger = LogLevel.Warning, shutdownTimeout = 5_000, maximumConnections, ...hubs } = options;
  if (logger !== null && !(typeof logger === "number" ? logger in LogLevel : hasMethods(logger, "log")))
    wrongOption("logger");
  checkLimits({ shutdownTimeout, maximumConnections });
  resolveHubOptions(hubs, {});
  return {
    log: new Log(typeof logger === "number" ? new ConsoleLogger(logger) : (logger ?? NullLogger.instance)),
    shutdownTimeoutMs: shutdownTimeout,
    maximumConnections: maximumConnections ?? Infinity,
    hubs,
  };
}

/**
 * Checks the options of a hub; those of its server fill the gaps, then the defaults.
 * @throws InvalidArgumentError that names the option.
 */
export function resolveHubOptions(serverWide: HubOptions, own: MapHubOptions): ResolvedHubOptions {
  requireObject(own);
  const options: MapHubOptions = { ...given(serverWide), ...given(own) };
  const { protocols = [new JsonHubProtocol()], transports = TRANSPORTS, allowedOrigins = [] } = options;
  const filters = [serverWide, own].flatMap((each) => filtersOf(each));
  const limits = { ...LIMITS, ...pick(options, LIMITS) };
  const room = limits.maximumReceiveMessageSize * MESSAGES_PER_FRAME;
  const maximumFrameSize = Math.max(WEB_SOCKETS.maximumFrameSize, room);
  const webSockets = { ...WEB_SOCKETS, maximumFrameSize, ...given(options.webSockets ?? {}) };
  const longPolling = { ...LONG_POLLING, ...given(options.longPolling ?? {}) };
  checkLimits(limits);
  checkLimits(webSockets, "webSockets.");
  checkLimits(longPolling, "longPolling.");
  if (!isList(protocols) || protocols.length === 0) wrongOption("protocols");
  if (!isList(transports) || !transports.every((name) => TRANSPORTS.includes(name))) wrongOption("transports");
  if (typeof allowedOrigins !== "function" && allowedOrigins !== "*" && !isList(allowedOrigins))
    wrongOption("allowedOrigins");
  checkTypes(options);
  return {
    ...limits,
    enableDetailedErrors: options.enableDetailedErrors ?? false,
    allowStatefulReconnects: options.allowStatefulReconnects ?? false,
    protocols: protocols.map(toHubProtocol),
    filters,
    transports: TRANSPORTS.filter((name) => transports.includes(name)),
    webSockets,
    longPolling,
    allowedOrigins,
    ...authenticationOptions(options),
  };
}

function authenticationOptions(options: MapHubOptions): AuthenticationOptions {
  const { authenticate, onAuthenticationRefresh, maximumAuthenticationExpiration = Infinity } = options;
  const { closeOnAuthenticationExpiration = false, enableAuthenticationRefresh = false } = options;
  // Without refreshes it would cut every connection off.
  if (maximumAuthenticationExpiration < Infinity && !enableAuthenticationRefresh)
    wrongOption("maximumAuthenticationExpiration");
  return { authenticate, closeOnAuthenticationExpiration, enableAuthenticationRefresh, onAuthenticationRefresh };
}

function filtersOf({ filters }: HubOptions): readonly HubFilter[] {
  const list = filters ?? [];
  if (!isList(list) || !list.every((filter) => typeof filter?.["invokeMethod"] === "function")) wrongOption("filters");
  return list;
}

function checkLimits(limits: Readonly<Record<string, unknown>>, prefix = ""): void {
  for (const [name, value] of Object.entries(limits)) {
    if (value !== undefined && !(typeof value === "number" && value > 0)) wrongOption(prefix + name);
  }
}

function checkTypes(options: MapHubOptions): void {
  const check = (names: readonly (keyof MapHubOptions)[], type: "boolean" | "function"): void => {
    const wrong = names.find((name) => options[name] !== undefined && typeof options[name] !== type);
    if (wrong !== undefined) wrongOption(wrong);
  };
  check(SWITCHES, "boolean");
  check(FUNCTIONS, "function");
}

// `null` and `undefined` mean the default, as nothing at all does.
function given<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value != null)) as Partial<T>;
}

function pick<T extends object>(options: object, names: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name in names)) as Partial<T>;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function requireObject(options: unknown): void {
  if (typeof options !== "object" || options === null) wrongOption("options");
}

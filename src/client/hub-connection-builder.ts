/** Assembles a hub connection: the starting point of every application. */
import { hasMethods } from "../common/has-methods.js";
import { InvalidArgumentError, InvalidStateError } from "../errors/call-errors.js";
import { ConsoleLogger } from "../logging/console-logger.js";
import { type LogLevel, parseLogLevel } from "../logging/log-level.js";
import type { Logger } from "../logging/logger.js";
import type { Platform } from "../platform/platform.js";
import { toHubProtocol } from "../protocol/custom-hub-protocol.js";
import type { CustomHubProtocol } from "../protocol/hub-protocol.js";
import type { HttpTransportType, Transport } from "../transports/transport.js";
import { connectCustomTransport } from "../transports/custom-transport.js";
import {
  authenticationRefresh,
  AuthenticationRefresh,
  type AuthenticationRefreshOptions,
} from "./authentication-refresh.js";
import { automaticReconnect, type AutomaticReconnectOptions } from "./automatic-reconnect.js";
import { createConnection, type HubConnectionOptions } from "./create-connection.js";
import type { HubConnection } from "./hub-connection.js";
import type { NegotiationPart } from "./negotiation.js";
import { defaultsOn, isLevel, positive, type HttpConnectionOptions, type PlatformDefaults } from "./options.js";
import { configurableCalls } from "./outgoing-calls.js";
import type { AsyncRetryPolicy } from "./retry-policy.js";
import { serialHandlers, type SerialHandlersOptions } from "./serial-handlers.js";
import { statefulReconnect, StatefulReconnect, type StatefulReconnectOptions } from "./stateful-reconnect.js";
import { streams } from "../session/streams.js";
import { traced } from "./traced.js";
import { waitingCalls, type WaitingCallsOptions } from "./waiting-calls.js";

/**
 * What the connections of all builders of a platform have in common.
 * @param transports All that there are.
 */
export function builderDefaults(
  platform: Platform,
  transports: readonly Transport[],
  negotiation: NegotiationPart,
): PlatformDefaults {
  return defaultsOn(platform, {
    transports,
    negotiation,
    connectCustom: connectCustomTransport,
    trace: traced,
    calls: configurableCalls,
    streams,
    // The application may refresh by itself, and the user's URL may ask for stateful reconnect.
    authenticationRefresh: new AuthenticationRefresh(),
    statefulReconnect: new StatefulReconnect(false),
  });
}

/** What the builder's methods say, and no options of `withUrl`: such names mean nothing there. */
const NO_PARTS: Readonly<Record<Exclude<keyof HubConnectionOptions, keyof HttpConnectionOptions>, undefined>> = {
  transports: undefined,
  negotiation: undefined,
  protocol: undefined,
  reconnect: undefined,
  statefulReconnect: undefined,
  authenticationRefresh: undefined,
  serialHandlers: undefined,
  calls: undefined,
  streams: undefined,
  serverTimeout: undefined,
  keepAliveInterval: undefined,
  handshakeTimeout: undefined,
};

/** Builds {@link HubConnection}s. All methods but `build` return the builder. */
export class PlatformHubConnectionBuilder {
  readonly #defaults: PlatformDefaults;
  #url: string | undefined;
  #http: HttpConnectionOptions = {};
  readonly #parts: Partial<HubConnectionOptions> = {};
  #refreshOptions: AuthenticationRefreshOptions | undefined;
  #logger: Logger | undefined;

  /** @param defaults See {@link builderDefaults}. */
  protected constructor(defaults: PlatformDefaults) {
    this.#defaults = defaults;
  }

  /**
   * Says what to log: a level or its name (`trace`, `debug`, `info`, `warn`, `error`, `critical`, `none`) for the console, or a logger.
   * Default: warnings and errors, to the console.
   * @throws InvalidArgumentError for anything else.
   */
  configureLogging(logging: LogLevel | string | Logger): this {
    this.#logger = toLogger(logging);
    return this;
  }

  /**
   * Says where the hub is. Outside browsers the URL must be absolute.
   * @param transportOrOptions The transports to use, or options; options of several calls are merged.
   * @throws InvalidArgumentError for an empty URL.
   */
  withUrl(url: string, transportOrOptions?: HttpTransportType | HttpConnectionOptions): this {
    if (typeof url !== "string" || url.trim() === "") throw new InvalidArgumentError("The argument 'url' is required.");
    this.#url = url;
    const options =
      transportOrOptions == null || typeof transportOrOptions === "object"
        ? transportOrOptions
        : { transport: transportOrOptions };
    this.#http = { ...this.#http, ...options };
    return this;
  }

  /** Sets the encoding. Default: JSON. @throws InvalidArgumentError when it is not one. */
  withHubProtocol(protocol: CustomHubProtocol): this {
    this.#parts.protocol = toHubProtocol(protocol);
    return this;
  }

  /**
   * Reconnects a lost connection by itself; without this a loss is final. A `start()` that fails is tried again only with `retryStart`.
   * @param how Milliseconds to wait before each attempt, or a policy that decides, or options. Default: 0, 2, 10 and 30 seconds, then it gives up.
   * @throws InvalidStateError when it was configured before; InvalidArgumentError for anything else.
   */
  withAutomaticReconnect(how?: readonly number[] | AsyncRetryPolicy | AutomaticReconnectOptions): this {
    if (this.#parts.reconnect) throw new InvalidStateError("A reconnectPolicy has already been set.");
    this.#parts.reconnect = automaticReconnect(how);
    return this;
  }

  /**
   * Lets a broken connection be resumed without losing anything, where the server allows it; needs WebSockets and a negotiation.
   * What cannot be resumed is lost as always: see {@link withAutomaticReconnect}.
   * @throws InvalidArgumentError for a wrong option.
   */
  withStatefulReconnect(options?: StatefulReconnectOptions): this {
    this.#parts.statefulReconnect = statefulReconnect(options);
    return this;
  }

  /**
   * Brings the server a fresh access token in time before the last one expires, where it tells when that is, and offers refreshes.
   * @param options Those of several calls are merged.
   * @throws InvalidArgumentError for a wrong option.
   */
  withAuthenticationRefresh(options?: AuthenticationRefreshOptions): this {
    const merged = { ...this.#refreshOptions, ...options };
    this.#parts.authenticationRefresh = authenticationRefresh(merged);
    this.#refreshOptions = merged;
    return this;
  }

  /**
   * Lets calls wait while the connection is Connecting or Reconnecting, instead of failing. They go out in their order when it is made:
   * behind what `onreconnected` callbacks call before they first wait for something, and before everything that is called later.
   * @throws InvalidArgumentError for a wrong option.
   */
  withWaitingCalls(options?: WaitingCallsOptions): this {
    this.#parts.calls = waitingCalls(options);
    return this;
  }

  /** Sets how long the server may be silent before it counts as gone. Default: 30,000 ms. @throws InvalidArgumentError unless positive. */
  withServerTimeout(milliseconds: number): this {
    this.#parts.serverTimeout = positive("serverTimeout", milliseconds);
    return this;
  }

  /** Sets how long this side may be silent before it sends a ping. Default: 15,000 ms. @throws InvalidArgumentError unless positive. */
  withKeepAliveInterval(milliseconds: number): this {
    this.#parts.keepAliveInterval = positive("keepAliveInterval", milliseconds);
    return this;
  }

  /** Sets how long the server may take to answer the hub handshake. Default: 15,000 ms. @throws InvalidArgumentError unless positive. */
  withHandshakeTimeout(milliseconds: number): this {
    this.#parts.handshakeTimeout = positive("handshakeTimeout", milliseconds);
    return this;
  }

  /**
   * Keeps the order of handlers: those of a message run when those of the message before are done, asynchronous ones included. Without
   * it they overlap. Calls that want an answer do not wait in line, so a handler may wait for what depends on one.
   * @throws InvalidArgumentError for a wrong option.
   */
  withSerialHandlers(options?: SerialHandlersOptions): this {
    this.#parts.serialHandlers = serialHandlers(options);
    return this;
  }

  /**
   * Makes a connection; it is not started. Every call makes one of its own.
   * @typeParam Server Interface of the hub's methods.
   * @typeParam Client Interface of the methods that the hub calls here.
   * @throws InvalidStateError when `withUrl` was not called; InvalidArgumentError for a wrong URL or option.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- without type arguments calls stay untyped, as in the official client
  build<Server = any, Client = any>(): HubConnection<Server, Client> {
    if (this.#url === undefined) {
      throw new InvalidStateError(
        "The 'HubConnectionBuilder.withUrl' method must be called before building the connection.",
      );
    }
    const options = { ...this.#http, ...NO_PARTS, ...this.#parts };
    return createConnection<Server, Client>(this.#defaults, this.#url, options, this.#logger);
  }
}

function toLogger(logging: LogLevel | string | Logger): Logger {
  if (isLevel(logging)) return new ConsoleLogger(logging);
  if (typeof logging === "string") {
    const level = parseLogLevel(logging);
    if (level === undefined) throw new InvalidArgumentError(`Unknown log level: ${logging}`);
    return new ConsoleLogger(level);
  }
  if (hasMethods(logging, "log")) return logging;
  throw new InvalidArgumentError("The argument 'logging' must be a level, the name of one, or a logger.");
}

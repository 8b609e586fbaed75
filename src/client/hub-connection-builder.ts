/** Assembles a hub connection: the starting point of every application. */
import { InvalidArgumentError, InvalidStateError } from "../errors/call-errors.js";
import { ConsoleLogger } from "../logging/console-logger.js";
import { LogLevel, parseLogLevel } from "../logging/log-level.js";
import type { Logger } from "../logging/logger.js";
import type { Platform } from "../platform/platform.js";
import { toHubProtocol } from "../protocol/custom-hub-protocol.js";
import type { CustomHubProtocol, HubProtocol } from "../protocol/hub-protocol.js";
import { JsonHubProtocol } from "../protocol/json-hub-protocol.js";
import type { HttpTransportType } from "../transports/transport.js";
import { HttpConnectionFactory } from "./http-connection.js";
import { HubConnection } from "./hub-connection.js";
import {
  resolveHttpConnectionOptions,
  resolveStatefulReconnectOptions,
  type HttpConnectionOptions,
  type StatefulReconnectOptions,
} from "./options.js";
import { DelayListPolicy, type RetryPolicy } from "./retry-policy.js";

const DEFAULT_SERVER_TIMEOUT_MS = 30_000;
const DEFAULT_KEEP_ALIVE_INTERVAL_MS = 15_000;
const DEFAULT_HANDSHAKE_TIMEOUT_MS = 15_000;
// All connections share them.
const DEFAULT_PROTOCOL = /* @__PURE__ */ new JsonHubProtocol();
const NO_STATEFUL_RECONNECT = /* @__PURE__ */ resolveStatefulReconnectOptions();
/** Bounds what a faulty server can make a client hold; far above what hubs send. */
const MAXIMUM_MESSAGE_SIZE = 128 * 1024 * 1024;

/** Builds {@link HubConnection}s. All methods but `build` return the builder. */
export class PlatformHubConnectionBuilder {
  readonly #platform: Platform;
  #url: string | undefined;
  #http: HttpConnectionOptions = {};
  #protocol: HubProtocol | undefined;
  #retryPolicy: RetryPolicy | undefined;
  #statefulReconnect = NO_STATEFUL_RECONNECT;
  #logger: Logger = new ConsoleLogger(LogLevel.Warning);
  #serverTimeoutMs = DEFAULT_SERVER_TIMEOUT_MS;
  #keepAliveIntervalMs = DEFAULT_KEEP_ALIVE_INTERVAL_MS;
  #handshakeTimeoutMs = DEFAULT_HANDSHAKE_TIMEOUT_MS;

  protected constructor(platform: Platform) {
    this.#platform = platform;
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
    const options = typeof transportOrOptions === "number" ? { transport: transportOrOptions } : transportOrOptions;
    this.#http = { ...this.#http, ...options };
    return this;
  }

  /** Sets the encoding. Default: JSON. @throws InvalidArgumentError when it is not one. */
  withHubProtocol(protocol: CustomHubProtocol): this {
    this.#protocol = toHubProtocol(protocol);
    return this;
  }

  /**
   * Reconnects a lost connection by itself; without this a loss is final. The first `start()` is never retried.
   * @param policy Milliseconds to wait before each attempt, or a policy that decides. Default: 0, 2, 10 and 30 seconds, then it gives up.
   * @throws InvalidStateError when it was configured before; InvalidArgumentError for anything else.
   */
  withAutomaticReconnect(policy?: readonly number[] | RetryPolicy): this {
    if (this.#retryPolicy) throw new InvalidStateError("A reconnectPolicy has already been set.");
    this.#retryPolicy = toRetryPolicy(policy);
    return this;
  }

  /**
   * Lets a broken connection be resumed without losing anything, where the server allows it; needs WebSockets and a negotiation.
   * What cannot be resumed is lost as always: see {@link withAutomaticReconnect}.
   * @throws InvalidArgumentError for a wrong option.
   */
  withStatefulReconnect(options?: StatefulReconnectOptions): this {
    this.#statefulReconnect = resolveStatefulReconnectOptions(options ?? {});
    return this;
  }

  /** Sets how long the server may be silent before it counts as gone. Default: 30,000 ms. @throws InvalidArgumentError unless positive. */
  withServerTimeout(milliseconds: number): this {
    this.#serverTimeoutMs = requireDuration(milliseconds);
    return this;
  }

  /** Sets how long this side may be silent before it sends a ping. Default: 15,000 ms. @throws InvalidArgumentError unless positive. */
  withKeepAliveInterval(milliseconds: number): this {
    this.#keepAliveIntervalMs = requireDuration(milliseconds);
    return this;
  }

  /** Sets how long the server may take to answer the hub handshake. Default: 15,000 ms. @throws InvalidArgumentError unless positive. */
  withHandshakeTimeout(milliseconds: number): this {
    this.#handshakeTimeoutMs = requireDuration(milliseconds);
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
    const platform = this.#platform;
    const options = resolveHttpConnectionOptions(this.#http, this.#logger);
    return new HubConnection<Server, Client>({
      url: platform.resolveUrl(this.#url),
      http: new HttpConnectionFactory(options, platform),
      platform,
      protocol: this.#protocol ?? DEFAULT_PROTOCOL,
      clock: platform.clock,
      log: options.log,
      retryPolicy: this.#retryPolicy,
      statefulReconnect: this.#statefulReconnect,
      serverTimeoutMs: this.#serverTimeoutMs,
      keepAliveIntervalMs: this.#keepAliveIntervalMs,
      handshakeTimeoutMs: this.#handshakeTimeoutMs,
      maximumMessageSize: MAXIMUM_MESSAGE_SIZE,
    });
  }
}

function toLogger(logging: LogLevel | string | Logger): Logger {
  if (typeof logging === "number") return new ConsoleLogger(logging);
  if (typeof logging === "string") {
    const level = parseLogLevel(logging);
    if (level === undefined) throw new InvalidArgumentError(`Unknown log level: ${logging}`);
    return new ConsoleLogger(level);
  }
  if (typeof logging?.log === "function") return logging;
  throw new InvalidArgumentError("The argument 'logging' must be a level, the name of one, or a logger.");
}

function toRetryPolicy(policy: readonly number[] | RetryPolicy | undefined): RetryPolicy {
  if (policy == null) return new DelayListPolicy();
  if (!Array.isArray(policy)) {
    if (typeof policy === "object" && "nextRetryDelayInMilliseconds" in policy) return policy;
    throw new InvalidArgumentError("A retry policy needs a nextRetryDelayInMilliseconds method.");
  }
  if (policy.every((delay) => typeof delay === "number" && delay >= 0)) return new DelayListPolicy(policy);
  throw new InvalidArgumentError("Retry delays must be milliseconds.");
}

function requireDuration(milliseconds: number): number {
  if (typeof milliseconds === "number" && milliseconds > 0) return milliseconds;
  throw new InvalidArgumentError("A duration must be a positive number of milliseconds.");
}

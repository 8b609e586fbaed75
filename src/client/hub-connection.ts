/** The public face of a connection to a hub: checks what the application says and hands over to the lifecycle and the session. */
import { disposer, type Disposer } from "../common/disposer.js";
import { requireFunction, requireName } from "../common/require-argument.js";
import { InvalidStateError, partIsMissing } from "../errors/call-errors.js";
import type { StreamResult } from "../session/result-stream.js";
import type { AuthenticationRefreshedContext, AuthenticationRefreshFailedContext } from "./authentication-refresh.js";
import type { AuthenticationRefresher } from "./authentication-refresher.js";
import type { CallOptions } from "./call-options.js";
import { ConnectionLifecycle } from "./connection-lifecycle.js";
import type { HubInterceptor } from "./interceptors.js";
import { positive, type ConnectionOptions } from "./options.js";
import { PlainCalls, type ConnectionCalls } from "./plain-calls.js";
import type {
  IfLoose,
  MethodArguments,
  MethodHandler,
  MethodName,
  MethodResult,
  StreamItem,
} from "../session/hub-methods.js";
import { HubConnectionState, type ConnectionEvents, type ReconnectInfo, type StateChange } from "./states.js";

/** Options of {@link HubConnection.start}. */
export interface StartOptions {
  /** Gives the start up: it rejects with `AbortError`. */
  readonly signal?: AbortSignal;
}

/** What {@link HubConnection.with} returns: the calls of a connection, with options. */
export type HubCalls<Server> = Pick<HubConnection<Server>, "invoke" | "send" | "stream">;

/** Callbacks that are not there are ignored, as the official client does. */
const NOTHING_TO_UNDO = disposer(() => {});

declare const interfaces: unique symbol;

/* eslint-disable @typescript-eslint/no-explicit-any -- without type arguments calls stay untyped, as in the official client */

/**
 * A connection to a hub. Make one with {@link HubConnectionBuilder}; it can be started again after it was stopped.
 *
 * @typeParam Server What the hub offers: an interface of its methods. Left out, any name and any arguments are allowed.
 * @typeParam Client What the hub may call here.
 */
export class HubConnection<Server = any, Client = any> {
  /** Never there: tells the compiler that a connection to one hub is none to another. */
  declare readonly [interfaces]?: { readonly server: Server; readonly client: Client } | undefined;

  readonly #lifecycle: ConnectionLifecycle;
  readonly #calls: ConnectionCalls;
  #refresher: AuthenticationRefresher | undefined; // most never refresh

  /** @internal Use the builder. */
  constructor(options: ConnectionOptions) {
    const lifecycle = new ConnectionLifecycle(options, this);
    this.#lifecycle = lifecycle;
    this.#calls = options.calls?.(lifecycle) ?? new PlainCalls(lifecycle);
    if (options.authenticationRefresh?.isAutomatic) this.#createRefresher();
  }

  /** The state of the connection. */
  get state(): HubConnectionState {
    return this.#lifecycle.current.name;
  }

  /** The id under which hubs know this connection; `null` while not connected, or when the negotiation is skipped. */
  get connectionId(): string | null {
    return this.#lifecycle.session?.opened.connectionId ?? null;
  }

  /** Name of the transport in use; `null` while not connected. */
  get transport(): string | null {
    return this.#lifecycle.session?.opened.transport ?? null;
  }

  /**
   * The hub's URL; it can be changed for the next connection.
   * @throws InvalidStateError when it is set while not Disconnected or Reconnecting.
   * @throws InvalidArgumentError when it is not a URL that this runtime can use.
   */
  get baseUrl(): string {
    return this.#lifecycle.options.url;
  }

  set baseUrl(url: string) {
    if (this.state !== HubConnectionState.Disconnected && this.state !== HubConnectionState.Reconnecting) {
      throw new InvalidStateError("The url can only be changed while the connection is Disconnected or Reconnecting.");
    }
    const { options } = this.#lifecycle;
    options.url = options.platform.resolveUrl(requireName(url, "url"));
  }

  /** Milliseconds without any message after which the server counts as gone; a positive number. Default: 30,000. */
  get serverTimeoutInMilliseconds(): number {
    return this.#lifecycle.options.serverTimeout;
  }

  set serverTimeoutInMilliseconds(milliseconds: number) {
    this.#lifecycle.options.serverTimeout = positive("serverTimeoutInMilliseconds", milliseconds);
  }

  /** Milliseconds without sending after which a ping is sent; a positive number. Default: 15,000. At most half of the server's timeout. */
  get keepAliveIntervalInMilliseconds(): number {
    return this.#lifecycle.options.keepAliveInterval;
  }

  set keepAliveIntervalInMilliseconds(milliseconds: number) {
    this.#lifecycle.options.keepAliveInterval = positive("keepAliveIntervalInMilliseconds", milliseconds);
  }

  /**
   * Connects: settles within `connectTimeout` and the handshake timeout. Tried again only with `retryStart`.
   * @throws InvalidStateError unless the connection is Disconnected; InvalidArgumentError for a signal that is none.
   * @throws HttpError, NegotiationError, ConnectFailedError, HandshakeError, TimeoutError: what went wrong.
   * @throws AbortError when the signal fired or `stop()` was called.
   */
  start(options?: StartOptions): Promise<void> {
    return this.#lifecycle.start(options?.signal);
  }

  /** Disconnects. Calls in flight reject; `onclose` is told. Settles within 5 seconds, whatever the server does. */
  stop(): Promise<void> {
    return this.#lifecycle.stop();
  }

  /**
   * Asks `accessTokenFactory` for a fresh token and brings it to the server, which has to offer that; the connection goes on. Its
   * failure changes nothing, and is told by `onAuthenticationRefreshFailed` too.
   * @returns how long the new token lasts, in seconds; `undefined` when the server does not tell, or the connection ended meanwhile.
   * @throws InvalidStateError while not connected, or without a negotiation; HttpError (403 for another user), TimeoutError.
   */
  async refreshAuthentication(): Promise<number | undefined> {
    const refresher = this.#createRefresher();
    return (refresher ?? partIsMissing("authenticationRefresh")).refresh();
  }

  /** The same as {@link stop}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Calls a hub method without waiting for an answer.
   * @returns a promise that fulfils when the message was handed to the transport.
   * @throws InvalidStateError while not connected, InvalidArgumentError, LimitError when too much waits already.
   */
  send<K extends MethodName<Server, "once">>(methodName: K, ...args: MethodArguments<Server, K>): Promise<void>;
  send(methodName: string, ...args: any[]): Promise<void> {
    return this.#calls.send(methodName, args);
  }

  /**
   * Calls a hub method and waits for its result. Streams among the arguments are uploaded.
   * @typeParam T Without an interface of the hub: the result. With one: the name of the method, which is inferred.
   * @throws HubError with the server's text when the method failed.
   * @throws ConnectionError when the connection was lost meanwhile; InvalidStateError, InvalidArgumentError, LimitError.
   */
  invoke<T extends IfLoose<Server, unknown, MethodName<Server, "once">> = any>(
    methodName: IfLoose<Server, string, T & string>,
    ...args: MethodArguments<Server, T>
  ): Promise<IfLoose<Server, T, MethodResult<Server, T>>>;
  invoke(methodName: string, ...args: any[]): Promise<unknown> {
    return this.#calls.invoke(methodName, args);
  }

  /**
   * Calls a streaming hub method. The call is made at once; errors, also those of the call itself, reach the readers.
   * @typeParam T Without an interface of the hub: the items. With one: the name of the method, which is inferred.
   * @returns a stream for `subscribe` and for `for await`; leaving the loop cancels it on the server.
   * @throws InvalidStateError when the connection was made without the part `streams`.
   */
  stream<T extends IfLoose<Server, unknown, MethodName<Server, "stream">> = any>(
    methodName: IfLoose<Server, string, T & string>,
    ...args: MethodArguments<Server, T>
  ): StreamResult<IfLoose<Server, T, StreamItem<Server, T>>>;
  stream(methodName: string, ...args: any[]): StreamResult<any> {
    return this.#calls.stream(methodName, args);
  }

  /**
   * Gives the same `invoke`, `send` and `stream` for one or more calls with options of their own.
   * @throws InvalidArgumentError for a wrong option; InvalidStateError when the connection was made without the part `calls`.
   */
  with(options: CallOptions): HubCalls<Server> {
    return this.#calls.with(options);
  }

  /**
   * Puts functions around the calls of this connection and around its handlers. Of several the first registered is the outermost.
   * @returns a disposer that removes them.
   * @throws InvalidArgumentError when it has no functions; InvalidStateError when the connection was made without the part `calls`.
   */
  use(interceptor: HubInterceptor): Disposer {
    return this.#calls.use(interceptor);
  }

  /**
   * Registers a handler for a method that the hub calls. Names are matched without regard to case; several handlers may share one.
   * What a handler returns is the answer when the hub wants one.
   * @returns a disposer that removes it.
   */
  on<K extends MethodName<Client>>(methodName: K, newMethod: MethodHandler<Client, K>): Disposer;
  on(methodName: string, newMethod: (...args: any[]) => unknown): Disposer {
    if (!methodName || !newMethod) return NOTHING_TO_UNDO;
    return this.#lifecycle.handlers.add(requireName(methodName, "methodName"), requireFunction(newMethod));
  }

  /** Removes one handler of a method, or all of them when none is named. What was never registered is fine. */
  off<K extends MethodName<Client>>(methodName: K, method?: MethodHandler<Client, K>): void;
  off(methodName: string, method?: (...args: any[]) => unknown): void {
    if (!methodName) return;
    this.#lifecycle.handlers.remove(requireName(methodName, "methodName"), method && requireFunction(method));
  }

  /** Registers a callback for the end of the connection: after `stop()`, or a loss that is not reconnected; with the error if there is one. */
  onclose(callback: (error?: Error) => void): Disposer {
    return this.#listen("closed", callback);
  }

  /** Registers a callback for the loss of the connection when it will be reconnected; with the error if there is one. */
  onreconnecting(callback: (error?: Error) => void): Disposer {
    return this.#listen("reconnecting", callback);
  }

  /** Registers a callback for a successful reconnect. The connection id is new, so the hub's groups have to be joined again. */
  onreconnected(callback: (connectionId: string | undefined, info: ReconnectInfo) => void): Disposer {
    return this.#listen("reconnected", callback);
  }

  /** Registers a callback for every change of {@link state}, and for every time that the connection broke and was resumed. */
  onStateChange(callback: (change: StateChange) => void): Disposer {
    return this.#listen("changed", callback);
  }

  /** Registers a callback for every refresh of the authentication, whoever asked for it. */
  onAuthenticationRefreshed(callback: (context: AuthenticationRefreshedContext) => void): Disposer {
    return this.#listen("authenticationRefreshed", callback);
  }

  /** Registers a callback for refreshes that failed; the connection goes on with the authentication that it has. */
  onAuthenticationRefreshFailed(callback: (context: AuthenticationRefreshFailedContext) => void): Disposer {
    return this.#listen("authenticationRefreshFailed", callback);
  }

  #createRefresher(): AuthenticationRefresher | undefined {
    const lifecycle = this.#lifecycle;
    return (this.#refresher ??= lifecycle.options.authenticationRefresh?.refresherOf(lifecycle));
  }

  #listen<Name extends keyof ConnectionEvents>(
    name: Name,
    callback: (...args: ConnectionEvents[Name]) => void,
  ): Disposer {
    if (!callback) return NOTHING_TO_UNDO;
    return this.#lifecycle.add(name, requireFunction(callback));
  }
}

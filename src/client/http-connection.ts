/** Opens connections to one hub, each within its time, over a network that they share. One factory serves all attempts of a HubConnection. */
import { abortError, AbortScope, type Abortable } from "../common/abort-scope.js";
import { ConnectFailedError } from "../errors/connection-errors.js";
import { TimeoutError } from "../errors/http-errors.js";
import { AccessToken } from "../http/access-token.js";
import { publicUrl } from "../http/url.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { Network, NetworkOptions } from "../platform/platform.js";
import type { connectCustomTransport } from "../transports/custom-transport.js";
import { failed, skipped, UNAVAILABLE } from "../transports/transport-problem.js";
import type { ConnectRequest } from "../transports/transport.js";
import type { OpenedConnection } from "./opened-connection.js";
import type { ConnectionOptions } from "./options.js";

const WEB_SOCKETS = "WebSockets";

/** What one attempt is about. */
export interface OpenRequest extends Omit<ConnectRequest, "signal"> {
  /** Whether to ask for stateful reconnect, where the options leave that possible. Default: no. */
  readonly wantsStatefulReconnect?: boolean;
  /** Gives the attempt up. */
  readonly signal?: Abortable | undefined;
}

/** What only the builder's connections carry. */
export interface BuilderParts {
  /** Connects a transport of the user's. */
  readonly connectCustom?: typeof connectCustomTransport | undefined;
  /** Logs what a connection carries, when `Trace` is on. */
  readonly trace?: ((opened: OpenedConnection, log: Log, logContent: boolean) => OpenedConnection) | undefined;
}

/** What opens the connections of a HubConnection. */
export interface ConnectionOpener {
  /**
   * Makes one attempt, within `connectTimeout`. If it fails, nothing remains of it.
   * @throws HttpError, NegotiationError: the negotiation failed.
   * @throws ConnectFailedError: no transport could be connected.
   * @throws TimeoutError (`connect-timeout`).
   * @throws AbortError: the signal fired.
   */
  open(request: OpenRequest): Promise<OpenedConnection>;
  /** Closes the network connections that requests left open; it can still be used afterwards. */
  dispose(): void;
}

/** How to get to a hub: {@link openDirectly}, or by a negotiation. */
export interface Route<N extends Network> {
  /** Makes the network of one hub connection. One that is made later with the same object of options has the cookies of the first. */
  readonly createNetwork: (options: NetworkOptions) => N | Promise<N>;
  /** Opens a connection. */
  open(factory: HttpConnectionFactory<N>, request: OpenRequest & ConnectRequest): Promise<OpenedConnection>;
}

/** Makes what opens the connections of a HubConnection, on the route that its parts allow. */
export function openerOf(options: ConnectionOptions): ConnectionOpener {
  const { direct, negotiation } = options;
  return negotiation ? new HttpConnectionFactory(options, negotiation) : new HttpConnectionFactory(options, direct);
}

/** {@link ConnectionOpener} for a route. */
export class HttpConnectionFactory<N extends Network> implements ConnectionOpener {
  /** Those of the HubConnection. */
  readonly options: ConnectionOptions;
  readonly #route: Route<N>;
  #network: N | undefined; // an open WebSocket does without it

  constructor(options: ConnectionOptions, route: Route<N>) {
    this.options = options;
    this.#route = route;
  }

  /** See {@link ConnectionOpener}. */
  async open(request: OpenRequest): Promise<OpenedConnection> {
    const { clock, connectTimeout, log, logMessageContent, trace } = this.options;
    const signal = new AbortScope(clock, request.signal, connectTimeout, () => {
      return new TimeoutError(`Not connected after ${connectTimeout} ms.`, "connect-timeout");
    });
    try {
      const opened = await this.#route.open(this, { ...request, signal });
      const { connection, transport } = opened;
      if (signal.aborted) {
        // It connected in the very turn in which the attempt was given up.
        await connection.close();
        throw abortError(signal);
      }
      if (transport === WEB_SOCKETS) {
        this.dispose();
        this.#network = undefined;
      }
      log.write(LogLevel.Information, () => `Connected to ${publicUrl(request.url)} with ${transport}.`);
      return trace && log.isEnabled(LogLevel.Trace) ? trace(opened, log, logMessageContent) : opened;
    } finally {
      signal.dispose();
    }
  }

  /** See {@link ConnectionOpener}. */
  dispose(): void {
    this.#network?.dispose?.();
  }

  /** The network in use. */
  async network(): Promise<N> {
    // Of two that are made at a time the first stays; an unused one holds nothing.
    const network = this.#network ?? (await this.#route.createNetwork(this.options));
    return (this.#network ??= network);
  }

  /** A new token for each attempt: that of a redirect is only good for one. */
  createToken(): AccessToken {
    return new AccessToken(this.options.accessTokenFactory?.bind(this.options));
  }
}

/** Connects the WebSocket without asking the server anything first. */
export async function openDirectly<N extends Network>(
  factory: HttpConnectionFactory<N>,
  request: ConnectRequest,
): Promise<OpenedConnection> {
  const { clock, transports } = factory.options;
  const { openSocket } = await factory.network();
  try {
    const webSockets = transports.find((one) => one.name === WEB_SOCKETS);
    if (!webSockets) throw skipped(WEB_SOCKETS, UNAVAILABLE);
    const connection = await webSockets.connect({ clock, openSocket, token: factory.createToken() }, request);
    return { connection, transport: WEB_SOCKETS };
  } catch (error) {
    if (request.signal.aborted) throw abortError(request.signal);
    throw new ConnectFailedError("No transport could be connected.", [failed(WEB_SOCKETS, error)]);
  }
}

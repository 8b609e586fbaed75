/** Opens connections to one hub: negotiates, picks a transport, connects it. One factory serves all attempts of a HubConnection. */
import { abortError, AbortScope, type Abortable } from "../common/abort-scope.js";
import { InvalidArgumentError } from "../errors/call-errors.js";
import { TimeoutError } from "../errors/http-errors.js";
import { AccessToken } from "../http/access-token.js";
import { mergeHeaders } from "../http/headers.js";
import { withSignals } from "../http/http-context.js";
import { publicUrl } from "../http/url.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { Network, Platform } from "../platform/platform.js";
import type { TransferFormat } from "../protocol/messages.js";
import type { ConnectionListener } from "../session/connection.js";
import { isCustomTransport, type connectCustomTransport } from "../transports/custom-transport.js";
import type { TransportContext } from "../transports/transport-context.js";
import { HttpTransportType, type ConnectRequest, type CustomTransport } from "../transports/transport.js";
import { negotiate, type NegotiateContext, type Negotiation } from "./negotiator.js";
import type { ResolvedOptions } from "./options.js";
import type { TransportFactory } from "./transport-factories.js";
import { accessOf, connectUrl, selectTransport, type OpenedConnection } from "./transport-selector.js";

/** What one attempt is about. */
export interface OpenRequest {
  /** The hub's absolute URL, see {@link Platform.resolveUrl}. */
  readonly url: string;
  /** How the chosen encoding travels. */
  readonly transferFormat: TransferFormat;
  /** Whether to ask for stateful reconnect, where the options leave that possible. Default: no. */
  readonly wantsStatefulReconnect?: boolean;
  /** Gets what arrives, from the first byte on. Hears nothing if opening fails. */
  readonly listener: ConnectionListener;
  /** Gives the attempt up. */
  readonly signal?: Abortable | undefined;
}

export type { OpenedConnection } from "./transport-selector.js";

/** The ways to a server that an application carries. */
export interface TransportParts {
  readonly transports: readonly TransportFactory[];
  /** Connects a transport of the user's. */
  readonly connectCustom?: typeof connectCustomTransport | undefined;
  /** Logs what a connection carries, when `Trace` is on. */
  readonly trace?: ((opened: OpenedConnection, log: Log, logContent: boolean) => OpenedConnection) | undefined;
}

/** Opens the connections of one HubConnection. */
export class HttpConnectionFactory {
  readonly #options: ResolvedOptions;
  readonly #platform: Platform;
  readonly #parts: TransportParts;
  #network: Network | undefined; // an open WebSocket does without it

  constructor(options: ResolvedOptions, platform: Platform, parts: TransportParts) {
    this.#options = options;
    this.#platform = platform;
    this.#parts = parts;
  }

  /**
   * Makes one attempt, within `connectTimeout`. If it fails, nothing remains of it.
   * @throws HttpError, NegotiationError: the negotiation failed.
   * @throws ConnectFailedError: no transport could be connected.
   * @throws TimeoutError (`connect-timeout`).
   * @throws AbortError: the signal fired.
   */
  async open(request: OpenRequest): Promise<OpenedConnection> {
    const { connectTimeout, log, logMessageContent } = this.#options;
    const scope = new AbortScope(this.#platform.clock, request.signal, connectTimeout, () => {
      return new TimeoutError(`Not connected after ${connectTimeout} ms.`, "connect-timeout");
    });
    const { signal } = scope;
    try {
      const opened = await this.#connect({ ...request, signal });
      const { connection, transport } = opened;
      if (signal.aborted) {
        // It connected in the very turn in which the attempt was given up.
        await connection.close();
        throw abortError(signal);
      }
      if (transport === "WebSockets") {
        this.dispose();
        this.#network = undefined;
      }
      log.write(LogLevel.Information, () => `Connected to ${publicUrl(request.url)} with ${transport}.`);
      const { trace } = this.#parts;
      return trace && log.isEnabled(LogLevel.Trace) ? trace(opened, log, logMessageContent) : opened;
    } finally {
      scope.dispose();
    }
  }

  /** Closes the network connections that requests left open; the factory can still be used afterwards. */
  dispose(): void {
    this.#network?.dispose();
  }

  /** What the requests of a connection have in common. */
  async contextOf(token: AccessToken, wantsStatefulReconnect = false): Promise<TransportContext & NegotiateContext> {
    const { clock, tokenInQuery, userAgent } = this.#platform;
    const { headers: own, httpClient, timeout, withCredentials } = this.#options;
    const headers = mergeHeaders({ "X-Requested-With": "XMLHttpRequest" }, userAgent, own);
    const http = httpClient ? withSignals(httpClient) : (await this.#currentNetwork()).http;
    return { clock, http, headers, token, timeout, withCredentials, tokenInQuery, wantsStatefulReconnect };
  }

  async #currentNetwork(): Promise<Network> {
    // Of two that are made at a time the first stays; an unused one holds nothing.
    const network = this.#network ?? (await this.#platform.createNetwork(this.#options));
    return (this.#network ??= network);
  }

  async #connect(request: OpenRequest & ConnectRequest): Promise<OpenedConnection> {
    const { url, signal } = request;
    const options = this.#options;
    const { connectTimeout, log, skipNegotiation, transport } = options;
    const { clock } = this.#platform;
    const network = await this.#currentNetwork();
    // A new token for each attempt: that of a redirect is only good for one.
    const token = new AccessToken(options.accessTokenFactory?.bind(options));
    const mayResume = request.wantsStatefulReconnect && mayUseWebSockets(transport, network);
    const context = await this.contextOf(token, mayResume);
    const negotiation = skipNegotiation ? withoutNegotiation(url, transport) : await negotiate(url, context, signal);
    if (!isCustomTransport(transport)) {
      const transports = this.#parts.transports
        .map((create) => create(context, network, options))
        .filter((created) => created !== undefined);
      return selectTransport(negotiation, request, context, { transports, allowed: transport, connectTimeout, log });
    }
    const connect = this.#parts.connectCustom;
    if (!connect) throw new InvalidArgumentError("A transport of your own needs HubConnectionBuilder.");
    const access = accessOf(url, token, negotiation);
    const connection = await connect(transport, { ...request, url: connectUrl(negotiation) }, clock);
    return { connection, connectionId: negotiation.connectionId, transport: "custom", access };
  }
}

function mayUseWebSockets(transport: HttpTransportType | CustomTransport, { openSocket }: Network): boolean {
  if (isCustomTransport(transport) || !openSocket) return false;
  return !transport || (transport & HttpTransportType.WebSockets) !== 0;
}

function withoutNegotiation(url: string, transport: unknown): Negotiation {
  if (transport !== HttpTransportType.WebSockets) {
    throw new InvalidArgumentError("skipNegotiation needs transport: HttpTransportType.WebSockets.");
  }
  return { url, availableTransports: [{ transport: "WebSockets", transferFormats: ["Text", "Binary"] }] };
}

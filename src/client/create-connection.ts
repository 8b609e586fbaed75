/** Puts a hub connection together from its parts: for the builder, which knows all of them, and for applications that name what they use. */
import { wrongOption } from "../common/require-argument.js";
import { InvalidArgumentError } from "../errors/call-errors.js";
import { ConsoleLogger } from "../logging/console-logger.js";
import { LogLevel } from "../logging/log-level.js";
import type { Logger } from "../logging/logger.js";
import type { HubProtocol } from "../protocol/hub-protocol.js";
import { HttpTransportType, type Transport } from "../transports/transport.js";
import type { AuthenticationRefresh } from "./authentication-refresh.js";
import { HubConnection } from "./hub-connection.js";
import type { NegotiationPart } from "./negotiation.js";
import type { CallsPart } from "./outgoing-calls.js";
import { resolveOptions, type HttpConnectionOptions, type PlatformDefaults, type ResolvedOptions } from "./options.js";
import type { ReconnectLoop } from "./reconnect-loop.js";
import type { HandlerQueueFactory } from "./serial-handlers.js";
import type { StreamsPart } from "../session/streams.js";
import type { StatefulReconnect } from "./stateful-reconnect.js";

/** What a connection is put together from. Everything but the transports can be left out, and then is not in the application's bundle. */
export interface HubConnectionOptions extends HttpConnectionOptions {
  /** The transports that it may use. */
  transports: readonly Transport[];
  /**
   * `negotiation` asks the server first; everything but plain WebSockets needs it. Default: the WebSocket is connected at once, as
   * `skipNegotiation` does it.
   */
  negotiation?: NegotiationPart | undefined;
  /** The encoding. Default: JSON. */
  protocol?: HubProtocol | undefined;
  /** Made by `automaticReconnect()`. Default: a lost connection stays lost. */
  reconnect?: ReconnectLoop | undefined;
  /** Made by `statefulReconnect()`. Default: a broken connection is a lost one. */
  statefulReconnect?: StatefulReconnect | undefined;
  /** Made by `authenticationRefresh()`. Default: `refreshAuthentication()` is refused. */
  authenticationRefresh?: AuthenticationRefresh | undefined;
  /** Made by `serialHandlers()`. Default: handlers of one message do not wait for those of another. */
  serialHandlers?: HandlerQueueFactory | undefined;
  /** `configurableCalls` for `with()` and `use()`; made by `waitingCalls()` calls wait for a connection, too. Default: neither. */
  calls?: CallsPart | undefined;
  /** `streams` for `stream()`, and for streams among the arguments of calls. Default: both are refused. */
  streams?: StreamsPart | undefined;
  /** How long the server may be silent before it counts as gone, in ms. Default: 30,000. */
  serverTimeout?: number | undefined;
  /** How long this side may be silent before it sends a ping, in ms. Default: 15,000. */
  keepAliveInterval?: number | undefined;
  /** How long the server may take to answer the hub handshake, in ms. Default: 15,000. */
  handshakeTimeout?: number | undefined;
}

/**
 * Makes a connection on a platform.
 * @param defaults What its connections have in common, see {@link defaultsOn}.
 * @param fallback Logs unless the options name a logger. Default: the console, warnings and errors.
 * @throws InvalidArgumentError for a wrong URL or option.
 */
export function createConnection<Server, Client>(
  defaults: PlatformDefaults,
  url: string,
  options: HttpConnectionOptions,
  fallback: Logger = new ConsoleLogger(LogLevel.Warning),
): HubConnection<Server, Client> {
  const { platform } = defaults;
  const resolved = resolveOptions(options, defaults, fallback);
  if (resolved.transports.length === 0) wrongOption("transports");
  platform.checkOptions?.(resolved);
  const needy = resolved.negotiation ? undefined : whatNegotiates(resolved);
  if (needy) throw new InvalidArgumentError(`'${needy}' needs the part 'negotiation'.`);
  return new HubConnection<Server, Client>(Object.assign(resolved, { url: platform.resolveUrl(url) }));
}

/** What only a negotiated connection has, of that which was asked for. */
function whatNegotiates(options: ResolvedOptions): string | undefined {
  const { authenticationRefresh, statefulReconnect, transport, transports } = options;
  if (statefulReconnect) return "statefulReconnect";
  if (authenticationRefresh) return "authenticationRefresh";
  if (transport !== HttpTransportType.None && transport !== HttpTransportType.WebSockets) return "transport";
  return transports.find(({ name }) => name !== "WebSockets")?.name;
}

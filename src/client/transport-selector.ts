/** Tries the transports that the server offers until one connects (TRANSPORTS §6). */
import { abortError, AbortScope, type Abortable } from "../common/abort-scope.js";
import { ConnectFailedError, TransportError } from "../errors/connection-errors.js";
import { messageOf } from "../errors/to-error.js";
import type { AccessToken } from "../http/access-token.js";
import { appendQuery } from "../http/url.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import { TransferFormat } from "../protocol/messages.js";
import type { Connection, ConnectionListener } from "../session/connection.js";
import type { TransportContext } from "../transports/transport-context.js";
import { HttpTransportType, type ConnectRequest, type Transport } from "../transports/transport.js";
import { negotiate, type AvailableTransport, type NegotiateContext, type Negotiation } from "./negotiator.js";

/** A transport that is connected; the hub handshake comes next. */
export interface OpenedConnection {
  /** The way to the server. */
  readonly connection: Connection;
  /** The public id that the server gave; none when the negotiation was skipped. */
  readonly connectionId: string | undefined;
  /** Name of the transport in use. */
  readonly transport: string;
  /** How to speak to the server beside the transport; not without a negotiation. */
  readonly access?: ConnectionAccess | undefined;
  /** How to resume, where the server allows it. */
  readonly resumption?: Resumption | undefined;
}

/** What it takes to speak to the server about an open connection. */
export interface ConnectionAccess {
  /** The hub's URL, before any redirect. */
  readonly url: string;
  readonly token: AccessToken;
  /** See {@link Negotiation}. */
  readonly connectionToken: string;
  /** See {@link Negotiation}. */
  readonly tokenLifetimeSeconds: number | undefined;
}

/** The way back to a peer whose connection broke (stateful reconnect). */
export interface Resumption {
  /** See {@link ContinuityOptions.isExact}. */
  readonly isExact: boolean;
  /** Opens another connection to the same peer: neither negotiation nor handshake, but a fresh token. */
  readonly reopen: (listener: ConnectionListener, signal: Abortable) => Promise<Connection>;
}

/** What a selection goes by. */
export interface SelectionRules {
  /** The transports that this runtime can use. */
  readonly transports: readonly Transport[];
  /** Those that the user allows, as bit flags; `None` allows all. */
  readonly allowed: HttpTransportType;
  /** Milliseconds for all of them together. */
  readonly connectTimeout: number;
  /** Where to log what was skipped and what failed. */
  readonly log: Log;
}

/**
 * Connects the first transport that works, in the server's order.
 * @throws ConnectFailedError when none does; what negotiating again throws; the signal's error.
 */
export async function selectTransport(
  first: Negotiation,
  request: ConnectRequest,
  context: TransportContext & NegotiateContext,
  rules: SelectionRules,
): Promise<OpenedConnection> {
  const candidates = first.availableTransports.map((offer) => match(offer, request.transferFormat, rules));
  const usable = candidates.filter((candidate) => "connect" in candidate).length;
  const attempts: TransportError[] = [];
  let untried = usable;
  let current: Negotiation | undefined = first;
  for (const candidate of candidates) {
    let outcome: OpenedConnection | TransportError;
    if ("connect" in candidate) {
      // The connection that was negotiated for one transport cannot serve another.
      current ??= await negotiate(first.url, context, request.signal, first.tokenLifetimeSeconds);
      // Only the last one may use up all the time that is left.
      outcome = await attempt(candidate, current, request, context, --untried ? rules.connectTimeout / usable : 0);
      if ("connection" in outcome) return outcome;
      current = undefined;
    } else {
      outcome = candidate;
    }
    attempts.push(outcome);
    rules.log.write(LogLevel.Debug, outcome.message);
  }
  throw new ConnectFailedError("No transport could be connected.", attempts);
}

/** The URL that transports connect to: the hub's with the connection token. */
export function connectUrl({ url, connectionToken }: Negotiation): string {
  return connectionToken ? appendQuery(url, "id", connectionToken) : url;
}

/** See {@link OpenedConnection}. */
export function accessOf(
  url: string,
  token: AccessToken,
  { connectionToken, tokenLifetimeSeconds }: Negotiation,
): ConnectionAccess | undefined {
  return connectionToken ? { url, token, connectionToken, tokenLifetimeSeconds } : undefined;
}

/** The transport of that name, or why it is of no use. */
function match(
  { transport: name, transferFormats }: AvailableTransport,
  format: TransferFormat,
  { transports, allowed }: SelectionRules,
): Transport | TransportError {
  const transport = transports.find((candidate) => candidate.name === name);
  const formatName = TransferFormat[format] ?? "";
  const problem = !transport
    ? "not available here"
    : allowed && !(allowed & HttpTransportType[transport.name])
      ? "disabled by the client"
      : !(transport.transferFormats & format && transferFormats.includes(formatName))
        ? `no ${formatName} format`
        : "";
  return transport && !problem
    ? transport
    : new TransportError("transport-skipped", name, `'${name}' skipped: ${problem}.`);
}

async function attempt(
  transport: Transport,
  negotiation: Negotiation,
  request: ConnectRequest,
  { clock, token }: TransportContext,
  timeoutMs: number,
): Promise<OpenedConnection | TransportError> {
  const { name } = transport;
  const { signal } = request;
  const scope = timeoutMs ? new AbortScope(clock, signal, timeoutMs) : undefined;
  try {
    const target = { ...request, url: connectUrl(negotiation) };
    const connection = await transport.connect({ ...target, signal: scope?.signal ?? signal });
    const grant = name === "WebSockets" && negotiation.statefulReconnect;
    const resumption = grant && {
      isExact: grant.isExact,
      reopen: (listener: ConnectionListener, giveUp: Abortable) =>
        transport.connect({ ...target, listener, signal: giveUp }),
    };
    const { connectionId } = negotiation;
    const access = accessOf(request.url, token, negotiation);
    return { connection, connectionId, transport: name, access, resumption: resumption || undefined };
  } catch (error) {
    if (signal.aborted) throw abortError(signal);
    return new TransportError("transport-failed", name, `'${name}' failed: ${messageOf(error)}`, error);
  } finally {
    scope?.dispose();
  }
}

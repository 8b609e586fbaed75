/** Tries the transports that the server offers until one connects (TRANSPORTS §6). */
import { abortError, AbortScope, type Abortable } from "../common/abort-scope.js";
import { ConnectFailedError, type TransportError } from "../errors/connection-errors.js";
import { appendQuery } from "../http/url.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import { TransferFormat } from "../protocol/messages.js";
import type { ConnectionListener } from "../session/connection.js";
import type { TransportContext } from "../transports/transport-context.js";
import { failed, skipped, UNAVAILABLE } from "../transports/transport-problem.js";
import type { ConnectRequest, Transport } from "../transports/transport.js";
import { negotiate, type AvailableTransport, type NegotiateContext, type Negotiation } from "./negotiator.js";
import type { OpenedConnection } from "./opened-connection.js";

/** What became of a negotiation. */
export interface SelectedTransport extends OpenedConnection {
  /** The one that the connection was made with: each transport takes one of its own. */
  readonly negotiation: Negotiation;
}

/** What a selection goes by. */
export interface SelectionRules {
  /** The transports that the application carries. */
  readonly transports: readonly Transport[];
  /** Milliseconds for all of them together. */
  readonly connectTimeout: number;
  /** Where to log what was skipped and what failed. */
  readonly log: Log;
}

/**
 * Connects the first transport that works, in the server's order.
 * @param allowed Those that the user has not excluded.
 * @throws ConnectFailedError when none does; what negotiating again throws; the signal's error.
 */
export async function selectTransport(
  first: Negotiation,
  request: ConnectRequest,
  context: TransportContext & NegotiateContext,
  allowed: readonly Transport[],
  { transports, connectTimeout, log }: SelectionRules,
): Promise<SelectedTransport> {
  const candidates = first.availableTransports.map((offer) =>
    match(offer, request.transferFormat, transports, allowed, context),
  );
  const usable = candidates.filter((candidate) => "connect" in candidate).length;
  const attempts: TransportError[] = [];
  let untried = usable;
  let current: Negotiation | undefined = first;
  for (const candidate of candidates) {
    let outcome: SelectedTransport | TransportError;
    if ("connect" in candidate) {
      // The connection that was negotiated for one transport cannot serve another.
      current ??= await negotiate(first.url, context, request.signal, first.tokenLifetimeSeconds);
      // Only the last one may use up all the time that is left.
      outcome = await attempt(candidate, current, request, context, --untried ? connectTimeout / usable : 0);
      if ("connection" in outcome) return outcome;
      current = undefined;
    } else {
      outcome = candidate;
    }
    attempts.push(outcome);
    log.write(LogLevel.Debug, outcome.message);
  }
  throw new ConnectFailedError("No transport could be connected.", attempts);
}

/** The URL that transports connect to: the hub's with the connection token. */
export function connectUrl({ url, connectionToken }: Negotiation): string {
  return appendQuery(url, "id", connectionToken);
}

/** The transport of that name, or why it is of no use. */
function match(
  { transport: name, transferFormats }: AvailableTransport,
  format: TransferFormat,
  transports: readonly Transport[],
  allowed: readonly Transport[],
  context: TransportContext,
): Transport | TransportError {
  const transport = transports.find((candidate) => candidate.name === name);
  if (!transport || transport.isAvailable?.(context) === false) return skipped(name, UNAVAILABLE);
  if (!allowed.includes(transport)) return skipped(name, "disabled by the client");
  const formatName = TransferFormat[format] ?? "";
  return transport.transferFormats & format && transferFormats.includes(formatName)
    ? transport
    : skipped(name, `no ${formatName} format`);
}

async function attempt(
  transport: Transport,
  negotiation: Negotiation,
  request: ConnectRequest,
  context: TransportContext,
  timeoutMs: number,
): Promise<SelectedTransport | TransportError> {
  const { name } = transport;
  const { signal } = request;
  const scope = timeoutMs ? new AbortScope(context.clock, signal, timeoutMs) : undefined;
  try {
    const target = { ...request, url: connectUrl(negotiation) };
    const connection = await transport.connect(context, { ...target, signal: scope ?? signal });
    const { statefulReconnect: grant } = negotiation;
    if (!grant || name !== "WebSockets") return { connection, transport: name, negotiation };
    const reopen = (listener: ConnectionListener, giveUp: Abortable) =>
      transport.connect(context, { ...target, listener, signal: giveUp });
    return { connection, transport: name, negotiation, resumption: { isExact: grant.isExact, reopen } };
  } catch (error) {
    if (signal.aborted) throw abortError(signal);
    return failed(name, error);
  } finally {
    scope?.dispose();
  }
}

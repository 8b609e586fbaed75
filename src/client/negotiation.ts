/** Negotiation as a part of a connection: asks the server for a connection and takes a transport that it offers (TRANSPORTS §1, §6). */
import { InvalidArgumentError } from "../errors/call-errors.js";
import type { AccessToken } from "../http/access-token.js";
import type { HttpNetwork } from "../platform/platform.js";
import { isCustomTransport } from "../transports/custom-transport.js";
import type { TransportContext } from "../transports/transport-context.js";
import { HttpTransportType, type ConnectRequest, type Transport } from "../transports/transport.js";
import { openDirectly, type HttpConnectionFactory, type OpenRequest, type Route } from "./http-connection.js";
import { negotiate, type NegotiateContext, type Negotiation } from "./negotiator.js";
import type { OpenedConnection } from "./opened-connection.js";
import { connectUrl, selectTransport, type SelectedTransport } from "./transport-selector.js";

/** The part of a connection that negotiates: `negotiation`. It brings the HTTP client along. */
export type NegotiationPart = Route<HttpNetwork>;

/** Opens negotiated connections. */
export type NegotiatingFactory = HttpConnectionFactory<HttpNetwork>;

/** Makes the part for a platform. */
export function negotiationOver(createNetwork: NegotiationPart["createNetwork"]): NegotiationPart {
  return { createNetwork, open };
}

async function open(factory: NegotiatingFactory, request: OpenRequest & ConnectRequest): Promise<OpenedConnection> {
  const allowed = allowedTransports(factory);
  if (factory.options.skipNegotiation) {
    if (allowed.length === 1 && isWebSockets(allowed[0])) return openDirectly(factory, request);
    throw new InvalidArgumentError("skipNegotiation needs transport: HttpTransportType.WebSockets.");
  }
  const token = factory.createToken();
  const mayResume = request.wantsStatefulReconnect && allowed.some(isWebSockets);
  const context = await contextOf(factory, token, mayResume);
  const first = await negotiate(request.url, context, request.signal);
  const { connection, transport, resumption, negotiation } = await connect(factory, first, request, context, allowed);
  const { connectionId, connectionToken, tokenLifetimeSeconds } = negotiation;
  const access = { url: request.url, token, connectionToken, tokenLifetimeSeconds, factory };
  return { connection, transport, resumption, connectionId, access };
}

async function connect(
  { options }: NegotiatingFactory,
  negotiation: Negotiation,
  request: ConnectRequest,
  context: TransportContext & NegotiateContext,
  allowed: readonly Transport[],
): Promise<SelectedTransport> {
  const { clock, connectCustom, transport } = options;
  if (!isCustomTransport(transport)) return selectTransport(negotiation, request, context, allowed, options);
  if (!connectCustom) throw new InvalidArgumentError("A transport of your own needs HubConnectionBuilder.");
  const connection = await connectCustom(transport, { ...request, url: connectUrl(negotiation) }, clock);
  return { connection, transport: "custom", negotiation };
}

/** What requests and transports of one connection work with. */
export async function contextOf(
  factory: NegotiatingFactory,
  token: AccessToken,
  mayResume = false,
): Promise<TransportContext & NegotiateContext> {
  const { http, headers, openSocket, openStream } = await factory.network();
  const { clock, EventSource, fetch, timeout, withCredentials } = factory.options;
  // One literal: copies of objects cost as much as everything else here.
  return {
    clock,
    token,
    http,
    headers,
    openSocket,
    openStream,
    EventSource,
    fetch,
    timeout,
    withCredentials,
    wantsStatefulReconnect: mayResume && openSocket !== undefined,
  };
}

/** Those that the application has not excluded. */
function allowedTransports({ options: { transport, transports } }: NegotiatingFactory): readonly Transport[] {
  if (isCustomTransport(transport)) return [];
  return transports.filter(({ name }) => !transport || (transport & HttpTransportType[name]) !== 0);
}

function isWebSockets(transport: Transport | undefined): boolean {
  return transport?.name === "WebSockets";
}

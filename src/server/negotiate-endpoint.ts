/** Answers negotiate requests: gives out connection ids and tokens, and lists the transports (TRANSPORTS §1). */
import { TransferFormat } from "../protocol/messages.js";
import type { TransportName } from "../transports/transport.js";
import type { ConnectionRegistry } from "./connection-registry.js";
import type { HttpAnswer } from "./http-answer.js";
import type { ResolvedHubOptions } from "./options.js";
import { parameterOf } from "./request-target.js";
import { lifetimeOf, type Visitor } from "./visitor.js";

/** The newest version of the negotiate answer. */
const NEWEST_VERSION = 1;

const BOTH = [TransferFormat[TransferFormat.Text], TransferFormat[TransferFormat.Binary]];

/** What each transport can carry. */
const transferFormats: Readonly<Record<TransportName, readonly string[]>> = {
  WebSockets: BOTH,
  ServerSentEvents: BOTH.slice(0, 1),
  LongPolling: BOTH,
};

/** Answers one request. */
export function negotiate(
  query: URLSearchParams,
  visitor: Visitor,
  { transports, allowStatefulReconnects, enableAuthenticationRefresh }: ResolvedHubOptions,
  registry: ConnectionRegistry,
): HttpAnswer {
  const requested = parameterOf(query, "negotiateVersion") ?? "0";
  if (!/^[+-]?\d+$/.test(requested.trim())) {
    return json({ error: `The client requested an invalid protocol version '${requested}'` });
  }
  if (Number(requested) < 0) {
    return json({
      error: `The client requested version '${Number(requested)}', but the server does not support this version.`,
    });
  }
  const negotiateVersion = Math.min(Number(requested), NEWEST_VERSION);
  const hasToken = negotiateVersion > 0;
  // Not for whoever knows nothing but a public id: taking up a connection again needs a secret.
  const isStateful = hasToken && allowStatefulReconnects && transports.includes("WebSockets") && asksForStateful(query);
  const registration = registry.create(visitor, { hasToken, isStateful });
  if (registration === undefined) return { status: 503, body: TOO_MANY_CONNECTIONS };
  return json({
    ...(isStateful ? STATEFUL : {}),
    negotiateVersion,
    connectionId: registration.connectionId,
    ...(hasToken ? { connectionToken: registration.token } : {}),
    tokenLifetimeSeconds: enableAuthenticationRefresh ? lifetimeOf(visitor) : undefined, // left out when there is none
    availableTransports: transports.map((transport) => ({ transport, transferFormats: transferFormats[transport] })),
  });
}

/** The second member is our own: it spares our client the questions that it has to ask ASP.NET Core 10 (HUB_PROTOCOL §9, "Counting"). */
const STATEFUL = { useStatefulReconnect: true, countsEveryMessage: true };

function asksForStateful(query: URLSearchParams): boolean {
  return parameterOf(query, "useStatefulReconnect")?.trim().toLowerCase() === "true";
}

/** There is no room for another connection. */
export const TOO_MANY_CONNECTIONS = "The server has too many connections.";

function json(body: object): HttpAnswer {
  return { status: 200, body: JSON.stringify(body), contentType: "application/json" };
}

/** Answers negotiate requests: gives out connection ids and tokens, and lists the transports (TRANSPORTS §1). */
import { TransferFormat } from "../protocol/messages.js";
import type { TransportName } from "../transports/transport.js";
import type { ConnectionRegistry } from "./connection-registry.js";
import type { HttpAnswer } from "./http-answer.js";
import { parameterOf } from "./request-target.js";

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
  userIdentifier: string | undefined,
  transports: readonly TransportName[],
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
  const registration = registry.create(userIdentifier, negotiateVersion > 0);
  if (registration === undefined) return { status: 503, body: TOO_MANY_CONNECTIONS };
  return json({
    negotiateVersion,
    connectionId: registration.connectionId,
    ...(negotiateVersion > 0 ? { connectionToken: registration.token } : {}),
    availableTransports: transports.map((transport) => ({ transport, transferFormats: transferFormats[transport] })),
  });
}

/** There is no room for another connection. */
export const TOO_MANY_CONNECTIONS = "The server has too many connections.";

function json(body: object): HttpAnswer {
  return { status: 200, body: JSON.stringify(body), contentType: "application/json" };
}

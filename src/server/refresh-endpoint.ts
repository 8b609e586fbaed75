/** Answers refresh requests, with which clients bring a newer access token for a connection that is open (DOTNET11 §1.3). */
import type { IncomingMessage } from "node:http";
import type { ClientConnection } from "./client-connection.js";
import type { RefreshVerdict } from "./connection-authentication.js";
import type { ConnectionRegistry } from "./connection-registry.js";
import type { HttpAnswer } from "./http-answer.js";
import type { ResolvedHubOptions } from "./options.js";
import { Refusal, userChanged } from "./refusal.js";
import { parameterOf } from "./request-target.js";
import { lifetimeOf, type Visitor } from "./visitor.js";

const JSON_TYPE = "application/json";

const STATUS_CODES: Readonly<Record<Exclude<RefreshVerdict, "refreshed">, number>> = {
  connection_not_found: 404,
  permission_change_rejected: 403,
  user_changed: 403,
};

/** Answers one request of somebody who may make it. None of the failures changes anything about the connection. */
export async function refresh(
  request: IncomingMessage,
  query: URLSearchParams,
  visitor: Visitor,
  registry: ConnectionRegistry,
): Promise<HttpAnswer> {
  const token = parameterOf(query, "id");
  if (!token) return failed(400, "missing_connection_token");
  const registration = registry.find(token);
  if (registration?.state.kind !== "open") return failed(404, "connection_not_found");
  // Whoever knows nothing but a public id could refresh the connections of others.
  if (registration.token === registration.connectionId) return failed(400, "unsupported_negotiate_version");
  const verdict = (await registration.state.client.authentication?.refresh(visitor, request)) ?? "connection_not_found";
  if (verdict !== "refreshed") return failed(STATUS_CODES[verdict], verdict);
  const body = JSON.stringify({ tokenLifetimeSeconds: lifetimeOf(visitor) });
  return { status: 200, body, contentType: JSON_TYPE };
}

/**
 * A poll, or a WebSocket that takes a connection up again, brings authentication of its own, which counts like that of a refresh
 * request (DOTNET11 §1.7).
 * @returns nothing when there is nothing to wait for.
 * @throws Refusal when it is another user's, which changes nothing, or the application rejects it; that ends the connection, unless it
 * was refreshed meanwhile.
 */
export function refreshInPassing(
  request: IncomingMessage,
  client: ClientConnection,
  visitor: Visitor,
  { enableAuthenticationRefresh }: ResolvedHubOptions,
): Promise<void> | undefined {
  const { authentication } = client;
  if (authentication === undefined) return undefined;
  if (!enableAuthenticationRefresh) return void authentication.prolong(visitor);
  if (!authentication.isNews(visitor)) return undefined;
  return authentication.refresh(visitor, request).then((verdict) => {
    if (verdict === "user_changed") throw userChanged();
    if (verdict !== "permission_change_rejected") return;
    if (authentication.isNews(visitor)) client.reject();
    throw new Refusal(403, bodyOf(verdict), {}, JSON_TYPE);
  });
}

function failed(status: number, error: string): HttpAnswer {
  return { status, body: bodyOf(error), contentType: JSON_TYPE };
}

function bodyOf(error: string): string {
  return JSON.stringify({ error });
}

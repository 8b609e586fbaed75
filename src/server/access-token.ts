/** Finds the access token of a request; for the `authenticate` functions of applications. */
import type { IncomingMessage } from "node:http";
import { queryOf } from "./request-target.js";

/**
 * The bearer token of a request: from the Authorization header, or from `access_token` in the query, which is where browsers put it
 * for WebSockets (TRANSPORTS §2).
 * @returns `undefined` when there is none.
 */
export function accessTokenOf(request: IncomingMessage): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "");
  return bearer?.[1] ?? (queryOf(request.url).get("access_token") || undefined);
}

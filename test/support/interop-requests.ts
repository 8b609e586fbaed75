/** What the contract's server does with requests: whose they are, and which of them get nowhere. */
import type { IncomingMessage } from "node:http";
import { parse } from "node:querystring";
import { accessTokenOf, type HubUser } from "../../src/server/index.js";

/** The last GET request of each connection: with Long Polling it is the poll, on whatever socket that came. */
const lastGets = new Map<string, IncomingMessage>();

/** Connections whose requests get nowhere any more: some clients try a poll that broke off again. */
const dropped = new Set<string>();

function tokenOf({ url = "" }: IncomingMessage): string {
  return String(parse(url.slice(url.indexOf("?") + 1))["id"]);
}

/** Who a request comes from, by its token. A connection that was dropped gets nowhere. */
export function authenticate(request: IncomingMessage): HubUser | undefined {
  if (dropped.has(tokenOf(request))) request.socket.destroy();
  if (request.method === "GET") lastGets.set(tokenOf(request), request);
  const token = accessTokenOf(request);
  if (token === undefined) return {};
  return token.startsWith("good-") ? { id: token.slice("good-".length) } : undefined;
}

/** Breaks the connection that a request is part of, and everything that its client tries afterwards. */
export function dropRequestsOf(request: IncomingMessage): void {
  const token = tokenOf(request);
  dropped.add(token);
  (lastGets.get(token) ?? request).socket.destroy();
}

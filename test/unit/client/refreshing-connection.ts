/** A connection whose authentication expires, with a hub in memory; used by the tests of refreshes. */
import type { AuthenticationRefreshOptions } from "../../../src/client/authentication-refresh.js";
import type { HubConnection } from "../../../src/client/hub-connection.js";
import type { HttpConnectionOptions } from "../../../src/client/options.js";
import type { AccessTokenContext } from "../../../src/http/access-token.js";
import { MemoryHub } from "./memory-hub.js";

/** Lifetime of the tokens, in seconds. */
export const LIFETIME = 3_600;
/** When they are refreshed, in milliseconds. */
export const DUE_MS = LIFETIME * 1_000 - 300_000;

/** How the connection and its hub are made. */
export interface Setting {
  /** `null`: not configured. */
  readonly options?: AuthenticationRefreshOptions | null;
  readonly http?: HttpConnectionOptions;
  /** What the negotiation says beside the usual. */
  readonly negotiated?: object;
  readonly url?: string;
}

/** The connection, and what is seen of it. */
export interface Observed {
  readonly hub: MemoryHub;
  readonly connection: HubConnection;
  /** What the token factory was told; its tokens are `token-1` and so on. */
  readonly asked: AccessTokenContext[];
  /** Lifetimes that were told, and errors. */
  readonly told: unknown[];
}

/** A connection that is not started. */
export function observed({
  options = {},
  http,
  negotiated = { tokenLifetimeSeconds: LIFETIME },
  url,
}: Setting = {}): Observed {
  const hub = new MemoryHub();
  const { negotiate } = hub;
  hub.negotiate = (n) => ({ ...(negotiate(n) as object), ...negotiated });
  hub.refresh = () => ({ tokenLifetimeSeconds: LIFETIME });
  const asked: AccessTokenContext[] = [];
  const accessTokenFactory = (context: AccessTokenContext) => `token-${asked.push(context)}`;
  const builder = hub.builder({ accessTokenFactory, ...http }, url).withAutomaticReconnect([0]);
  const connection = patient((options ? builder.withAuthenticationRefresh(options) : builder).build());
  const told: unknown[] = [];
  connection.onAuthenticationRefreshed(({ newTokenLifetimeInSeconds }) => told.push(newTokenLifetimeInSeconds));
  connection.onAuthenticationRefreshFailed(({ error }) => told.push(error));
  return { hub, connection, asked, told };
}

/** Does not care that the hub says nothing. */
export function patient(connection: HubConnection): HubConnection {
  return Object.assign(connection, { serverTimeoutInMilliseconds: 1e9, keepAliveIntervalInMilliseconds: 1e9 });
}

/** The same, started. */
export async function started(setting?: Setting): Promise<Observed> {
  const set = observed(setting);
  await set.connection.start();
  return set;
}

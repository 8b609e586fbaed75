/** Brings the server a fresh access token while the connection goes on; a part that connections are put together from (DOTNET11 §1.8). */
import { wrongOption } from "../common/require-argument.js";
import { AuthenticationRefresher } from "./authentication-refresher.js";
import type { ConnectionLifecycle } from "./connection-lifecycle.js";
import type { HubConnection } from "./hub-connection.js";

/** Options of the automatic refresh; all optional. */
export interface AuthenticationRefreshOptions {
  /** Whether to refresh before the token expires, where the server tells when that is. Default: `true`. */
  enableAutoRefresh?: boolean;
  /** Milliseconds before the token expires; a token that lasts less than twice as long is refreshed half-way. Default: 300,000. */
  refreshBeforeExpirationInMilliseconds?: number;
}

/** What `onAuthenticationRefreshed` tells. */
export interface AuthenticationRefreshedContext {
  /** The connection. */
  readonly connection: HubConnection;
  /** How long the new token lasts, in seconds, where the server tells. */
  readonly newTokenLifetimeInSeconds?: number | undefined;
  /** When the server's answer came. */
  readonly refreshedAt: Date;
}

/** What `onAuthenticationRefreshFailed` tells. */
export interface AuthenticationRefreshFailedContext {
  /** The connection, which goes on with what it has. */
  readonly connection: HubConnection;
  /** Why. */
  readonly error: Error;
}

/** What refreshes tell. */
export interface AuthenticationRefreshEvents {
  /** The server has accepted a token. */
  authenticationRefreshed: [AuthenticationRefreshedContext];
  /** It has not, or could not be asked. */
  authenticationRefreshFailed: [AuthenticationRefreshFailedContext];
}

/** How connections refresh their authentication; one for any number of them. Made by {@link authenticationRefresh}. */
export class AuthenticationRefresh {
  readonly #leadMs: number | undefined;

  /** @param leadMs Milliseconds before the end of a token; without it only the application refreshes. */
  constructor(leadMs?: number) {
    this.#leadMs = leadMs;
  }

  /** Whether it works by itself. */
  get isAutomatic(): boolean {
    return this.#leadMs !== undefined;
  }

  /** Makes that of one connection. */
  refresherOf(lifecycle: ConnectionLifecycle): AuthenticationRefresher {
    return new AuthenticationRefresher(lifecycle, this.#leadMs);
  }
}

/** Makes the part. @throws InvalidArgumentError for a wrong option. */
export function authenticationRefresh(options?: AuthenticationRefreshOptions): AuthenticationRefresh {
  const { enableAutoRefresh = true, refreshBeforeExpirationInMilliseconds: leadMs = 300_000 } = options ?? {};
  if (typeof enableAutoRefresh !== "boolean") wrongOption("enableAutoRefresh");
  if (typeof leadMs !== "number" || !(leadMs >= 0 && leadMs < Infinity)) {
    wrongOption("refreshBeforeExpirationInMilliseconds");
  }
  return new AuthenticationRefresh(enableAutoRefresh ? leadMs : undefined);
}

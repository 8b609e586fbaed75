/** Whose a connection is, and until when: the refreshes of one connection, one after the other (DOTNET11 §1.3 to §1.7). */
import type { IncomingMessage } from "node:http";
import { isDeepStrictEqual } from "node:util";
import type { HubUser } from "./hub-context.js";
import type { ResolvedHubOptions } from "./options.js";
import { isSameUser, type Visitor } from "./visitor.js";

/** What becomes of a refresh: done, or the reason against it, as clients are told. */
export type RefreshVerdict = "refreshed" | "connection_not_found" | "permission_change_rejected" | "user_changed";

/** What `onAuthenticationRefresh` decides about. */
export interface AuthenticationRefreshContext {
  /** The request that brings the new authentication. */
  readonly request: IncomingMessage;
  /** Id of the connection. */
  readonly connectionId: string;
  /** The user so far. */
  readonly previousUser: HubUser | undefined;
  /** The user from now on, as `authenticate` returned it. */
  readonly newUser: HubUser | undefined;
  /** When the new authentication ends; `undefined` when it does not. */
  readonly newExpiration: Date | undefined;
}

/** The connection whose authentication it is. */
export interface AuthenticatedConnection {
  readonly connectionId: string;
  /** Whether it has ended. */
  readonly isOver: boolean;
  /** Called after a refresh. */
  onAuthenticationRefreshed(user: HubUser | undefined): void;
}

/** The authentication of one connection; there when it can be refreshed, or ends the connection when it expires. */
export class ConnectionAuthentication {
  readonly #connection: AuthenticatedConnection;
  readonly #options: ResolvedHubOptions;
  #holder: Visitor;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param holder Who has connected. */
  constructor(connection: AuthenticatedConnection, holder: Visitor, options: ResolvedHubOptions) {
    this.#connection = connection;
    this.#holder = holder;
    this.#options = options;
  }

  /** The user at the moment. */
  get user(): HubUser | undefined {
    return this.#holder.user;
  }

  /** Whether the connection is to be closed, because it was not refreshed in time. */
  // Calendar time, as the application gave it: a monotonic clock stands still while a machine sleeps.
  get hasExpired(): boolean {
    return this.#options.closeOnAuthenticationExpiration && Date.now() >= this.#holder.expiry;
  }

  /** Whether a visitor brings another authentication than the one that holds, and none that is older. */
  isNews(visitor: Visitor): boolean {
    const { claimedExpiry, user } = this.#holder;
    if (visitor.claimedExpiry === claimedExpiry) return !isDeepStrictEqual(visitor.user, user);
    return !this.#isOlder(visitor);
  }

  /** The end that a visitor's authentication sets counts from now on, if it is later. Nothing else changes. */
  prolong({ claimedExpiry, expiry }: Visitor): void {
    if (claimedExpiry > this.#holder.claimedExpiry) this.#holder = { ...this.#holder, claimedExpiry, expiry };
  }

  /**
   * Puts a visitor's authentication in the place of the one before, if it may be and is not older. Nothing changes otherwise.
   * Rejects with what the application's `onAuthenticationRefresh` throws.
   */
  refresh(visitor: Visitor, request: IncomingMessage): Promise<RefreshVerdict> {
    const turn = this.#turn.then(() => this.#refresh(visitor, request));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #refresh(visitor: Visitor, request: IncomingMessage): Promise<RefreshVerdict> {
    const { onAuthenticationRefresh } = this.#options;
    const connection = this.#connection;
    const { connectionId } = connection;
    const { user: previousUser } = this.#holder;
    const { user: newUser, expiry } = visitor;
    if (connection.isOver) return "connection_not_found";
    if (!isSameUser(this.#holder, visitor)) return "user_changed";
    const newExpiration = expiry < Infinity ? new Date(expiry) : undefined;
    const context = { request, connectionId, previousUser, newUser, newExpiration };
    // Whatever is not a yes is a no.
    const isAllowed = onAuthenticationRefresh === undefined || (await onAuthenticationRefresh(context)) === true;
    if (connection.isOver) return "connection_not_found";
    if (!isAllowed) return "permission_change_rejected";
    // Of two refreshes at the same time the older one may come last: it succeeds, and changes nothing.
    if (!this.#isOlder(visitor)) {
      this.#holder = visitor;
      connection.onAuthenticationRefreshed(newUser);
    }
    return "refreshed";
  }

  #isOlder({ claimedExpiry }: Visitor): boolean {
    const { claimedExpiry: present } = this.#holder;
    return present < Infinity && claimedExpiry < present;
  }
}

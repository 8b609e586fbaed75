/** The bearer token of one connection: asks the user's factory, remembers the answer, and gives the header (TRANSPORTS §2). */
import { withAbort, type Abortable } from "../common/abort-scope.js";
import { InvalidArgumentError } from "../errors/call-errors.js";
import { mergeHeaders } from "./headers.js";

/**
 * Why a token is asked for: before a negotiation, before a WebSocket is opened, for a refresh of the authentication, or because the last
 * one was refused (401); then it is no use to give the same again.
 */
export type AccessTokenReason = "negotiate" | "connect" | "refresh" | "unauthorized";

/** What an access token is asked for with. */
export interface AccessTokenContext {
  /** Why. */
  readonly reason: AccessTokenReason;
  /** The address that it is for, without its query. */
  readonly url?: string;
}

/** What the `accessTokenFactory` option holds. */
export type AccessTokenFactory = (context: AccessTokenContext) => string | Promise<string>;

/** The token in force. One object serves one connection, from its negotiation on. */
export class AccessToken {
  /** The token; none and an empty one are the same. */
  value: string | undefined;
  readonly #factory: AccessTokenFactory | undefined;
  #replaced = false;
  #asking: Promise<string> | undefined;

  constructor(factory: AccessTokenFactory | undefined) {
    this.#factory = factory;
  }

  /** Adds the `Authorization` header to others; takes the user's own away when the factory gave no token. */
  addTo(headers: Record<string, string>): Record<string, string> {
    if (!this.value && !this.#factory) return { ...headers };
    return mergeHeaders(headers, { Authorization: this.value ? `Bearer ${this.value}` : undefined });
  }

  /**
   * Asks the factory for a fresh token, unless the server gave one with a redirect.
   * @param context What the factory is told.
   * @param refused The token that a request was refused with: the factory is only asked if that is still the newest.
   * @returns whether there was anybody to ask.
   * @throws what the factory throws, or the signal's error when it does not answer.
   */
  async renew(signal: Abortable, context: AccessTokenContext, refused = this.value): Promise<boolean> {
    if (!this.#factory || this.#replaced) return false;
    // Requests that are refused together share one question.
    if (this.value === refused) {
      // A question that is given up may never be answered.
      const answer = await withAbort((this.#asking ??= ask(this.#factory, context)), signal).finally(
        () => (this.#asking = undefined),
      );
      // Meanwhile a server may have given one, for itself.
      if (this.value === refused) this.value = answer;
    }
    return true;
  }

  /** Puts a server's token in force: the factory is not asked again. @throws InvalidArgumentError when no header can carry it. */
  replace(value: string): void {
    this.value = requireSendable(value);
    this.#replaced = true;
  }

  /** Another one, for requests that must not carry a redirect's token. */
  fork(): AccessToken {
    return new AccessToken(this.#factory);
  }

  /** A server has accepted the token of a {@link fork}. @param servers The one that it gave in return, if it did: it comes first. */
  adopt({ value }: AccessToken, servers: unknown): void {
    if (typeof servers === "string" && servers) this.replace(servers);
    else if (!this.#replaced) this.value = value;
  }
}

async function ask(factory: AccessTokenFactory, context: AccessTokenContext): Promise<string> {
  return requireSendable(await factory(context));
}

// The runtime's own complaint about such a header would quote the token.
function requireSendable(token: string): string {
  if (token && (typeof token !== "string" || /[\r\n\0]/.test(token))) {
    throw new InvalidArgumentError("The access token is no text, or contains a line break or a zero.");
  }
  return token;
}

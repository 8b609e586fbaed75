/** The bearer token of one connection: asks the user's factory and remembers the answer (TRANSPORTS §2). */
import { abortError, withAbort, type Abortable } from "../common/abort-scope.js";
import { InvalidArgumentError } from "../errors/call-errors.js";
import type { HttpError } from "../errors/http-errors.js";
import { publicUrl } from "./url.js";

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
  /** Whom to ask; nobody any more once a server has given a token of its own. */
  factory: AccessTokenFactory | undefined;
  #asking: Promise<string> | undefined;

  constructor(factory: AccessTokenFactory | undefined) {
    this.factory = factory;
  }

  /**
   * Asks the factory for a fresh token, unless the server gave one with a redirect.
   * @param url What it is for.
   * @param refused The token that a request was refused with: the factory is only asked if that is still the newest.
   * @returns whether there was anybody to ask.
   * @throws what the factory throws, or the signal's error when it does not answer.
   */
  async renew(signal: Abortable, reason: AccessTokenReason, url: string, refused = this.value): Promise<boolean> {
    const { factory } = this;
    if (!factory) return false;
    // Requests that are refused together share one question.
    if (this.value === refused) {
      // A question that is given up may never be answered.
      const answer = await withAbort((this.#asking ??= ask(factory, { reason, url: publicUrl(url) })), signal).finally(
        () => (this.#asking = undefined),
      );
      // Meanwhile a server may have given one, for itself.
      if (this.value === refused) this.value = answer;
    }
    return true;
  }
}

/** Puts a server's token in force: the factory is not asked again. @throws InvalidArgumentError when no header can carry it. */
export function replaceToken(token: AccessToken, value: string): void {
  token.value = requireSendable(value);
  token.factory = undefined;
}

/**
 * Does something that needs the token; a 401 asks for a fresh one once (GAPS 25).
 * @param url What it goes to.
 * @param send Sends the token that is in force, and rejects with HttpError when it is refused.
 */
export async function authorized<T>(
  token: AccessToken,
  url: string,
  signal: Abortable,
  send: () => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw abortError(signal);
  const { value } = token;
  try {
    return await send();
  } catch (error) {
    // Not by its class: a client of the user's may be made for the official package.
    const isRefused = (error as Partial<HttpError> | undefined)?.statusCode === 401;
    if (!isRefused || !(await token.renew(signal, "unauthorized", url, value))) throw error;
    return send();
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

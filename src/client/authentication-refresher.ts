/** Refreshes the authentication of one hub connection: when asked, and in time before a token expires (DOTNET11 §1.8 to §1.10). */
import { AbortScope, type Abortable } from "../common/abort-scope.js";
import { MAX_DELAY_MS, type TimerHandle } from "../common/clock.js";
import { InvalidStateError, ProtocolError } from "../errors/call-errors.js";
import { AbortError } from "../errors/http-errors.js";
import { toError } from "../errors/to-error.js";
import { replaceToken } from "../http/access-token.js";
import { sendRequest } from "../http/http-context.js";
import { tokenLifetime } from "../http/token-lifetime.js";
import { appendPath, appendQuery } from "../http/url.js";
import { LogLevel } from "../logging/log-level.js";
import type { ClientSession } from "./client-session.js";
import type { ConnectionLifecycle } from "./connection-lifecycle.js";
import { contextOf } from "./negotiation.js";
import type { ConnectionAccess } from "./opened-connection.js";

/** What a server answers. */
interface RefreshAnswer {
  readonly accessToken?: unknown;
  readonly tokenLifetimeSeconds?: unknown;
}

/** Does it for one connection, over any number of connections to the server. */
export class AuthenticationRefresher {
  readonly #lifecycle: ConnectionLifecycle;
  readonly #leadMs: number | undefined;
  /** The connection to the server that everything below belongs to. */
  #session: ClientSession | undefined;
  /** Fires when it is over, whatever runs then. */
  #over = new AbortScope();
  #timer: TimerHandle;
  #running = 0;

  /** @param leadMs Milliseconds before the end of a token; without it nothing happens by itself. */
  constructor(lifecycle: ConnectionLifecycle, leadMs: number | undefined) {
    this.#lifecycle = lifecycle;
    this.#leadMs = leadMs;
    lifecycle.add("changed", () => this.#follow(lifecycle.session));
  }

  /**
   * Refreshes now.
   * @returns how long the new token lasts, in seconds, if the server tells; nothing as well when the connection ends meanwhile.
   * @throws InvalidStateError while not connected, or without a negotiation; what the request fails with.
   */
  async refresh(): Promise<number | undefined> {
    const lifecycle = this.#lifecycle;
    const { connection, http, session } = lifecycle;
    if (!session) throw new InvalidStateError("Cannot refresh if the connection is not in the 'Connected' State.");
    this.#follow(session); // a callback of the application may hear of it before this does
    const over = this.#over;
    const { access, transport } = session.opened;
    if (!access) throw new InvalidStateError("Cannot refresh a connection that was made without a negotiation.");
    this.#running++;
    try {
      const newTokenLifetimeInSeconds = await this.#request(access, over);
      if (over.aborted) return undefined;
      this.#schedule(newTokenLifetimeInSeconds);
      lifecycle.emit("authenticationRefreshed", { connection, newTokenLifetimeInSeconds, refreshedAt: new Date() });
      return newTokenLifetimeInSeconds;
    } catch (thrown) {
      if (over.aborted) return undefined;
      const error = toError(thrown);
      lifecycle.emit("authenticationRefreshFailed", { connection, error });
      throw error;
    } finally {
      // An open WebSocket does without network connections for requests.
      if (--this.#running === 0 && transport === "WebSockets" && !over.aborted) http.dispose();
    }
  }

  /** Begins anew with another connection to the server, or with none; one that was resumed is the same. */
  #follow(session: ClientSession | undefined): void {
    if (session === this.#session) return;
    this.#session = session;
    this.#over.abort(new AbortError());
    this.#over = new AbortScope();
    this.#lifecycle.options.clock.clearTimeout(this.#timer);
    this.#schedule(session?.opened.access?.tokenLifetimeSeconds);
  }

  /** Asks the hub's own address, never that of a redirect, and with the application's token, never that of a redirect. */
  async #request(access: ConnectionAccess, signal: Abortable): Promise<number | undefined> {
    const { url: hubUrl, token, connectionToken, factory } = access;
    const url = appendQuery(appendPath(hubUrl, "refresh"), "id", connectionToken);
    const context = await contextOf(factory, factory.createToken());
    await context.token.renew(signal, "refresh", url);
    const { content } = await sendRequest(context, { method: "POST", url, content: "" }, signal);
    const { accessToken, tokenLifetimeSeconds } = parse(content);
    if (accessToken && typeof accessToken === "string") replaceToken(token, accessToken);
    // That of a redirect stays.
    else if (token.factory) token.value = context.token.value;
    return tokenLifetime(tokenLifetimeSeconds);
  }

  /** Plans the next refresh, if there is something to go by. */
  #schedule(lifetimeSeconds: number | undefined): void {
    if (this.#leadMs === undefined || lifetimeSeconds === undefined) return;
    const { clock, log } = this.#lifecycle.options;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(
      () => {
        this.refresh().catch((thrown: unknown) => {
          log.write(LogLevel.Warning, () => `The authentication was not refreshed: ${toError(thrown).message}`);
        });
      },
      refreshDelayMs(lifetimeSeconds, this.#leadMs),
    );
  }
}

/** When to refresh a token that lasts so long. */
export function refreshDelayMs(lifetimeSeconds: number, leadMs: number): number {
  const lifetimeMs = lifetimeSeconds * 1_000;
  return Math.min(lifetimeMs <= 2 * leadMs ? lifetimeMs / 2 : lifetimeMs - leadMs, MAX_DELAY_MS);
}

function parse(content: unknown): RefreshAnswer {
  try {
    return Object(JSON.parse(content as string)) as RefreshAnswer;
  } catch {
    // The parser's own message would quote the answer.
    throw new ProtocolError("The answer to the refresh is not JSON.");
  }
}

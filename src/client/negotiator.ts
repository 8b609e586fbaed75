/** Asks the server for a connection: the negotiate request, its redirects and its answer (TRANSPORTS §1). */
import type { Abortable } from "../common/abort-scope.js";
import { NegotiationError } from "../errors/connection-errors.js";
import { HubwireError } from "../errors/hubwire-error.js";
import { messageOf } from "../errors/to-error.js";
import { replaceToken } from "../http/access-token.js";
import { sendRequest, type HttpContext } from "../http/http-context.js";
import { tokenLifetime } from "../http/token-lifetime.js";
import { appendPath, appendQuery, publicUrl, resolveHttpUrl } from "../http/url.js";

const MAXIMUM_REQUESTS = 100;

/** A query that asks for stateful reconnect; exactly so, as in the official client. */
const ASKING = /\?(.*&)?useStatefulReconnect=true(&|$)/;

/** A transport that the server offers. */
export interface AvailableTransport {
  /** Its name; may be one that this version does not know. */
  readonly transport: string;
  /** Names of the formats that it carries. */
  readonly transferFormats: readonly string[];
}

/** What was agreed upon. */
export interface Negotiation {
  /** The hub's URL, after redirects. */
  readonly url: string;
  /** The public id. */
  readonly connectionId: string;
  /** The secret id that goes into the query of the connection's requests. */
  readonly connectionToken: string;
  /** What the server offers, in its order. */
  readonly availableTransports: readonly AvailableTransport[];
  /** How long the access token lasts, in seconds, if any of the servers on the way told. */
  readonly tokenLifetimeSeconds?: number | undefined;
  /** The server lets WebSockets resume, with a handshake of version 2. */
  readonly statefulReconnect?: {
    /** Whether it counts every message. Only hubwire's server says so; see {@link ResumableChannel} for the others. */
    readonly isExact: boolean;
  };
}

/** What a negotiation works with. */
export interface NegotiateContext extends HttpContext {
  /** Whether to ask for stateful reconnect; a parameter of that name in the user's URL comes first. Default: no. */
  readonly wantsStatefulReconnect?: boolean;
}

/** The members that matter, before anything is known about them. */
interface RawAnswer {
  readonly error?: unknown;
  readonly ProtocolVersion?: unknown;
  readonly url?: unknown;
  readonly accessToken?: unknown;
  readonly negotiateVersion?: unknown;
  readonly connectionId?: unknown;
  readonly connectionToken?: unknown;
  readonly availableTransports?: unknown;
  readonly tokenLifetimeSeconds?: unknown;
  readonly useStatefulReconnect?: unknown;
  readonly countsEveryMessage?: unknown;
}

/**
 * Negotiates, following the server's redirects. A redirect's token replaces that of the user's factory.
 * @param knownLifetime What an earlier negotiation of the same attempt told about the token.
 * @throws HttpError for a status that is not 2xx; TimeoutError, AbortError.
 * @throws NegotiationError for everything else.
 */
export async function negotiate(
  hubUrl: string,
  context: NegotiateContext,
  signal: Abortable,
  knownLifetime?: number,
): Promise<Negotiation> {
  let url = hubUrl;
  let tokenLifetimeSeconds = knownLifetime;
  try {
    for (let requests = 0; requests < MAXIMUM_REQUESTS; requests++) {
      const request = { method: "POST", url: negotiateUrl(url, context.wantsStatefulReconnect), content: "" };
      await context.token.renew(signal, "negotiate", request.url);
      const { content } = await sendRequest(context, request, signal);
      const answer = parse(content);
      // After a redirect it is the first server that knows (DOTNET11 §1.2).
      tokenLifetimeSeconds = tokenLifetime(answer.tokenLifetimeSeconds) ?? tokenLifetimeSeconds;
      if (!isText(answer.url)) return readAnswer(url, answer, ASKING.test(request.url), tokenLifetimeSeconds);
      if (isText(answer.accessToken)) replaceToken(context.token, answer.accessToken);
      url = resolveHttpUrl(answer.url, url);
    }
    throw new Error("too many redirects");
  } catch (error) {
    // A server's status, a timeout or an abort says enough by itself.
    if (error instanceof HubwireError) throw error;
    throw new NegotiationError(`Negotiation with ${publicUrl(url)} failed: ${messageOf(error)}`, error);
  }
}

/** The URL of the negotiate request for a hub. */
export function negotiateUrl(url: string, wantsStatefulReconnect = false): string {
  const whole = appendPath(url, "negotiate");
  // Not what the user's query says already.
  const versioned = /\?(.*&)?negotiateVersion=/i.test(whole) ? whole : appendQuery(whole, "negotiateVersion", "1");
  return wantsStatefulReconnect && !/\?(.*&)?useStatefulReconnect=/i.test(whole)
    ? appendQuery(versioned, "useStatefulReconnect", "true")
    : versioned;
}

function parse(content: unknown): RawAnswer {
  let answer: RawAnswer;
  try {
    answer = Object(JSON.parse(content as string)) as RawAnswer;
  } catch {
    // The parser's own message would quote the answer.
    throw new Error("the answer is not JSON; is there a SignalR hub at this URL?");
  }
  if (isText(answer.error)) throw new NegotiationError(answer.error);
  if (answer.ProtocolVersion) throw new Error("this is a classic ASP.NET SignalR server, not ASP.NET Core");
  return answer;
}

function readAnswer(
  url: string,
  answer: RawAnswer,
  isAsking: boolean,
  tokenLifetimeSeconds: number | undefined,
): Negotiation {
  const { negotiateVersion, connectionId, availableTransports, useStatefulReconnect } = answer;
  // A server that resumes where the client does not would lose messages.
  if (useStatefulReconnect && !isAsking) throw new Error("the server uses stateful reconnect unasked");
  const connectionToken = Number(negotiateVersion) >= 1 ? answer.connectionToken : connectionId;
  if (!isText(connectionId) || !isText(connectionToken) || !isOffer(availableTransports)) {
    throw new Error("the answer is incomplete");
  }
  const negotiation = { url, connectionId, connectionToken, availableTransports, tokenLifetimeSeconds };
  if (!useStatefulReconnect) return negotiation;
  return { ...negotiation, statefulReconnect: { isExact: answer.countsEveryMessage === true } };
}

function isOffer(value: unknown): value is AvailableTransport[] {
  return (
    Array.isArray(value) &&
    value.every(
      (entry: Partial<AvailableTransport> | null) => isText(entry?.transport) && Array.isArray(entry?.transferFormats),
    )
  );
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

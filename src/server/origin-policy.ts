/** Decides which pages may connect: browsers tell the origin of the page, and other origins than ours need leave (CORS). */
import type { IncomingMessage } from "node:http";

/** Origins of pages, such as `https://example.com`; a function that decides; or `"*"`. */
export type AllowedOrigins = "*" | readonly string[] | ((origin: string, request: IncomingMessage) => boolean);

/** What a request's origin means for its answer. */
export interface OriginVerdict {
  /** Whether to go on with the request. */
  readonly allowed: boolean;
  /** Headers that let the page see the answer. */
  readonly headers: Readonly<Record<string, string>>;
}

const PREFLIGHT_SECONDS = 7_200;

/** The headers that the official client sends beyond what pages always may (TRANSPORTS §7). */
const REQUEST_HEADERS = "Authorization, Content-Type, X-Requested-With, X-SignalR-User-Agent";

/** The rule of one hub. */
export class OriginPolicy {
  readonly #allowed: AllowedOrigins;

  constructor(allowed: AllowedOrigins) {
    this.#allowed = allowed;
  }

  /** Looks at the origin of a request. One without is not from a page. */
  check(request: IncomingMessage): OriginVerdict {
    const origin = originOf(request);
    if (origin === undefined) return { allowed: true, headers: {} };
    if (isSameOrigin(origin, request.headers.host)) return { allowed: true, headers: { Vary: "Origin" } };
    if (this.#allowed === "*") {
      // Browsers keep cookies back from such answers, but not from upgrades.
      delete request.headers.cookie;
      return { allowed: true, headers: { "Access-Control-Allow-Origin": "*" } };
    }
    if (!this.#isListed(origin, request)) return { allowed: false, headers: { Vary: "Origin" } };
    const headers = {
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Allow-Credentials": "true",
      Vary: "Origin",
    };
    return { allowed: true, headers };
  }

  #isListed(origin: string, request: IncomingMessage): boolean {
    const allowed = this.#allowed;
    // A promise is not a yes.
    return typeof allowed === "function" ? allowed(origin, request) === true : allowed.includes(origin);
  }
}

/** Whether a browser asks for leave to send the real request. */
export function isPreflight(request: IncomingMessage): boolean {
  return request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined;
}

/** Headers of the answer to a preflight request from an allowed origin. */
export function preflightHeaders(request: IncomingMessage): Readonly<Record<string, string>> {
  return {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    // Applications may add headers of their own.
    "Access-Control-Allow-Headers": request.headers["access-control-request-headers"] ?? REQUEST_HEADERS,
    "Access-Control-Max-Age": String(PREFLIGHT_SECONDS),
  };
}

// Version 8 of the WebSocket protocol has a header of its own for the origin.
function originOf({ headers }: IncomingMessage): string | undefined {
  const old = headers["sec-websocket-origin"];
  return headers.origin ?? (Array.isArray(old) ? old[0] : old);
}

// Only the hosts are compared: behind a proxy that ends TLS the scheme is not known here.
function isSameOrigin(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const { protocol, host: originHost } = new URL(origin);
  const own = `${protocol}//${host}`;
  return originHost !== "" && URL.canParse(own) && new URL(own).host === originHost;
}

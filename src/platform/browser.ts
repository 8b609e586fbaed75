/** The platform of browsers, workers and every other runtime with `fetch` and `WebSocket`: uses nothing but such globals. */
import { systemTime, type Clock } from "../common/clock.js";
import { FetchHttpClient } from "../http/fetch-http-client.js";
import { fetchStreams } from "../http/fetch-stream.js";
import { requestsOf } from "../http/http-context.js";
import type { OpenStream } from "../http/open-stream.js";
import { appendQuery, resolveHttpUrl } from "../http/url.js";
import type { Logger } from "../logging/logger.js";
import type { WebSocketConstructor } from "../transports/web-socket-like.js";
import { afterTurn } from "./after-turn.js";
import { domSockets } from "./dom-socket.js";
import type { HttpNetwork, Network, NetworkOptions, Platform } from "./platform.js";
import { userAgent } from "./version.js";
import { wakeSource } from "./wake-events.js";

const clock: Clock = { ...systemTime, afterTurn };

/** What may be there; a worker has no document, other runtimes have no location. */
const scope: {
  readonly document?: { readonly baseURI: string };
  readonly location?: { readonly href: string };
  readonly Response?: { readonly prototype: object };
  readonly WebSocket?: WebSocketConstructor;
} = globalThis;

/** {@link Platform} on web globals alone. */
export const browserPlatform: Platform = {
  clock,
  wakeSource,
  resolveUrl: (url) => resolveHttpUrl(url, scope.document?.baseURI ?? scope.location?.href),
  createNetwork,
};

function createNetwork({ WebSocket = scope.WebSocket }: NetworkOptions): Network {
  if (!WebSocket) return { openSocket: undefined };
  // An upgrade can carry no headers here: browsers take no third argument, and an undefined second one for a protocol of that name.
  return {
    openSocket: domSockets(clock, (url, { token: { value } }) => {
      return new WebSocket(value ? appendQuery(url, "access_token", value) : url);
    }),
  };
}

/** The network of a connection that is negotiated. */
export function createHttpNetwork(options: NetworkOptions): HttpNetwork {
  const agent = { "X-SignalR-User-Agent": userAgent("Unknown OS", "Browser", "Unknown Runtime Version") };
  const requests = requestsOf(new FetchHttpClient(clock, options.fetch), agent, options);
  return Object.assign(requests, createNetwork(options)); // a copy of `requests` would have the headers of this moment
}

/** How event streams are opened here. Some runtimes have a `fetch` that only gives whole answers. */
export function browserStreams(fetcher: typeof fetch | undefined): OpenStream | undefined {
  return fetcher || "body" in (scope.Response?.prototype ?? {}) ? fetchStreams(fetcher) : undefined;
}

/** The HTTP client that connections use by default, for users who extend or wrap it. */
export class DefaultHttpClient extends FetchHttpClient {
  /** @param _logger Taken for compatibility; requests are not logged. */
  constructor(_logger?: Logger) {
    super(clock);
  }
}

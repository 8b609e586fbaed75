/** The port to the runtime. The composition roots choose an implementation; nothing below them asks where it runs. */
import type { Clock } from "../common/clock.js";
import type { HttpClient } from "../http/http-client.js";
import type { OpenStream } from "../http/open-stream.js";
import type { OpenSocket } from "../transports/socket.js";
import type { WebSocketConstructor } from "../transports/web-socket-like.js";

/** What users may put in the place of the runtime's own. */
export interface NetworkOptions {
  /** Used for HTTP requests. */
  readonly fetch?: typeof fetch | undefined;
  /** Used to open WebSockets. */
  readonly WebSocket?: WebSocketConstructor | undefined;
}

/** The ways to the network that one hub connection uses. */
export interface Network {
  /** Sends HTTP requests. */
  readonly http: HttpClient;
  /** Opens event streams, where the HTTP client can; elsewhere `fetch` does. */
  readonly openStream?: OpenStream;
  /** Opens WebSockets; missing where the runtime has none. */
  readonly openSocket: OpenSocket | undefined;
  /** Closes idle connections. The network can still be used afterwards. */
  dispose(): void;
}

/** What the client needs of the runtime it runs in. */
export interface Platform {
  /** Time. */
  readonly clock: Clock;
  /** The header that tells servers who calls (TRANSPORTS §2). */
  readonly userAgent: Readonly<Record<string, string>>;
  /** A WebSocket upgrade cannot carry headers here, so the access token goes into its query. */
  readonly tokenInQuery: boolean;
  /**
   * Makes a hub's URL absolute.
   * @throws InvalidArgumentError when it is not an http(s) URL.
   */
  resolveUrl(url: string): string;
  /** Makes the network of one hub connection. */
  createNetwork(options: NetworkOptions): Network;
}

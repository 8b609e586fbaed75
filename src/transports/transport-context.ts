/** What the transports of one connection work with. */
import type { Clock } from "../common/clock.js";
import type { AccessToken } from "../http/access-token.js";
import type { HttpContext } from "../http/http-context.js";
import type { OpenStream } from "../http/open-stream.js";
import type { EventSourceConstructor } from "./event-source.js";
import type { OpenSocket } from "./socket.js";

/** All that a WebSocket takes. Made once for each connection that is opened. */
export interface SocketContext {
  /** Time. */
  readonly clock: Clock;
  /** The bearer token. */
  readonly token: AccessToken;
  /** Opens WebSockets; missing where the runtime has none. */
  readonly openSocket: OpenSocket | undefined;
}

/** What takes requests as well: there once a connection was negotiated. */
export interface TransportContext extends SocketContext, HttpContext {
  /** Opens event streams, where the HTTP client can; elsewhere `fetch` does. */
  readonly openStream?: OpenStream | undefined;
  /** See the option. */
  readonly EventSource?: EventSourceConstructor | undefined;
  /** See the option. */
  readonly fetch?: typeof fetch | undefined;
}

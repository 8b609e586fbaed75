/** What the transports of one connection share. */
import type { Clock } from "../common/clock.js";
import type { HttpContext } from "../http/http-context.js";

/** Made once for each connection that is opened. */
export interface TransportContext extends HttpContext {
  /** Time. */
  readonly clock: Clock;
  /** A WebSocket upgrade cannot carry headers here, so the access token goes into its query. */
  readonly tokenInQuery: boolean;
}

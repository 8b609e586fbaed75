/** What `onDisconnected` is told about the end of a connection. */
import { ConnectionError } from "../errors/connection-errors.js";
import { HubwireError } from "../errors/hubwire-error.js";
import type { SessionEnd } from "../session/session-options.js";

/** The code of a WebSocket that was closed without one. */
const NO_STATUS = 1005;

/** Why it ended; `undefined` if in order. What ended it comes wrapped, because the session tells the client's side what the server said. */
export function disconnectReason({ error }: SessionEnd): Error | undefined {
  if (!(error instanceof ConnectionError)) return error;
  // Closed in order. With stateful reconnect that is no goodbye yet: browsers cannot drop a WebSocket in any other way.
  if (error.closeCode === NO_STATUS) return undefined;
  return error.cause instanceof HubwireError ? error.cause : error;
}

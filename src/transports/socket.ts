/** The port to WebSockets: how the transport opens one, whatever object the runtime calls so. */
import type { AccessToken } from "../http/access-token.js";
import type { ConnectionListener } from "../session/connection.js";
import type { SocketConnection } from "./socket-connection.js";

/** What a socket is opened to. */
export interface SocketTarget {
  /** The hub's `http:` or `https:` URL. */
  readonly url: string;
  /** Goes along in a header wherever the runtime can send one, elsewhere in the query. */
  readonly token: AccessToken;
}

/**
 * Opens a socket.
 * @param onOpen Called when it is open; or not at all, then the listener is told why, once.
 * @throws when the runtime refuses even to try.
 */
export type OpenSocket = (target: SocketTarget, onOpen: () => void, listener: ConnectionListener) => SocketConnection;

/** How long a server may take to answer the closing handshake of a client. */
export const CLOSE_TIMEOUT_MS = 1_000;

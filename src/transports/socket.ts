/** The port to WebSockets: what the transport and the server need of one, whatever object the runtime calls so. */
import type { AccessToken } from "../http/access-token.js";
import type { Chunk, Encoded } from "../protocol/hub-protocol.js";

/** Gets a socket's events. */
export interface SocketListener {
  /** A whole WebSocket message. */
  onMessage(chunk: Chunk): void;
  /**
   * The socket is gone, or could not be opened. Called once; the last event.
   * @param code The close code; 1000 only if the closing handshake was clean.
   * @param cause What went wrong, where the runtime tells.
   */
  onClose(code: number, reason: string, cause?: unknown): void;
}

/** A WebSocket. */
export interface Socket {
  /** Sends one message. @returns a promise when too much waits already: it settles when there is room again. */
  send(data: Encoded): Promise<void> | undefined;
  /** Starts the closing handshake, behind everything that was sent. */
  close(code: number): void;
  /** Drops the connection at once. Events may or may not follow. */
  terminate(): void;
}

/** What a socket is opened to. */
export interface SocketTarget {
  /** The hub's `http:` or `https:` URL. */
  readonly url: string;
  /** Goes along in a header wherever the runtime can send one, elsewhere in the query. */
  readonly token: AccessToken;
}

/**
 * Opens a socket.
 * @param onOpen Called when it is open; or not at all, then the listener's `onClose` tells why.
 * @throws when the runtime refuses even to try.
 */
export type OpenSocket = (target: SocketTarget, onOpen: () => void, listener: SocketListener) => Socket;

/** Bytes that may wait in a socket before senders are asked to wait. */
export const HIGH_WATER_MARK = 1024 * 1024;

/** The part of a DOM-style WebSocket that hubwire uses, and the type of the `WebSocket` option. */

/** A browser's `WebSocket`, that of the `ws` package, or anything alike. */
export interface WebSocketLike {
  /** 1 while the socket is open. */
  readonly readyState: number;
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  /** Set to `arraybuffer`. */
  binaryType: string;
  /** Set by hubwire. */
  onopen: ((event: never) => void) | null;
  /** Set by hubwire. */
  onmessage: ((event: never) => void) | null;
  /** Set by hubwire. */
  onerror: ((event: never) => void) | null;
  /** Set by hubwire. */
  onclose: ((event: never) => void) | null;
  /** Sends one message. */
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** Starts the closing handshake. */
  close(code?: number): void;
  /** Drops the connection at once, where the object can. */
  terminate?(): void;
}

/** Makes WebSockets. */
export interface WebSocketConstructor {
  new (url: string, protocols?: undefined, options?: { headers: Record<string, string> }): WebSocketLike;
}

/** Connections over DOM-style WebSockets: browsers', and any constructor that a user injects. */
import type { Clock } from "../common/clock.js";
import type { Chunk, Encoded } from "../protocol/hub-protocol.js";
import type { ConnectionListener } from "../session/connection.js";
import { HIGH_WATER_MARK, SocketConnection } from "../transports/socket-connection.js";
import { CLOSE_TIMEOUT_MS, type OpenSocket, type SocketTarget } from "../transports/socket.js";
import type { WebSocketLike } from "../transports/web-socket-like.js";

const OPEN = 1;
const POLL_MS = 20;

/**
 * Makes {@link OpenSocket} of DOM-style WebSockets.
 * @param create Makes one for the `ws:` or `wss:` URL.
 */
export function domSockets(clock: Clock, create: (url: string, target: SocketTarget) => WebSocketLike): OpenSocket {
  return (target, onOpen, listener) => {
    const socket = create(target.url.replace(/^http/, "ws"), target);
    socket.onopen = onOpen;
    return new DomSocket(socket, clock, listener);
  };
}

class DomSocket extends SocketConnection {
  readonly #socket: WebSocketLike;
  #cause: unknown;

  constructor(socket: WebSocketLike, clock: Clock, listener: ConnectionListener) {
    super(clock, CLOSE_TIMEOUT_MS, listener);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event: { data: Chunk }) => this.listener.onData(event.data);
    socket.onerror = (event: { error?: unknown }) => (this.#cause = event.error);
    socket.onclose = ({ code, reason, wasClean }: { code: number; reason: string; wasClean?: boolean }) => {
      this.onClose(code === 1000 && wasClean === false ? 1006 : code, reason, this.#cause);
    };
  }

  send(data: Encoded): Promise<void> | undefined {
    try {
      this.#socket.send(data as string | Uint8Array<ArrayBuffer>); // encoders never write to shared memory
    } catch (thrown) {
      // Some do when they are closing, and what they were given must not be lost unheard.
      void Promise.resolve().then(() => this.#fail(thrown));
    }
    return this.#isFull ? this.#drain() : undefined;
  }

  protected startClosing(code: number): void {
    this.#socket.close(code);
  }

  protected drop(): void {
    const socket = this.#socket;
    // The error handler stays: a `ws` object without one would throw.
    socket.onopen = socket.onmessage = socket.onclose = null;
    if (socket.terminate) socket.terminate();
    else socket.close();
  }

  #fail(error: unknown): void {
    if (this.#socket.onclose === null) return;
    this.drop();
    this.onClose(1006, "", error);
  }

  get #isFull(): boolean {
    return this.#socket.readyState === OPEN && this.#socket.bufferedAmount > HIGH_WATER_MARK;
  }

  // There is no event for it.
  async #drain(): Promise<void> {
    do await new Promise<void>((resolve) => this.clock.setTimeout(resolve, POLL_MS));
    while (this.#isFull);
  }
}

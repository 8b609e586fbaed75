/** Connections over DOM-style WebSockets: browsers', and any constructor that a user injects. */
import type { Clock } from "../common/clock.js";
import { appendQuery } from "../http/url.js";
import type { Chunk, Encoded } from "../protocol/hub-protocol.js";
import type { ConnectionListener } from "../session/connection.js";
import { HIGH_WATER_MARK, SocketConnection } from "../transports/socket-connection.js";
import { CLOSE_TIMEOUT_MS, type OpenSocket, type SocketTarget } from "../transports/socket.js";
import type { WebSocketConstructor, WebSocketLike } from "../transports/web-socket-like.js";

const OPEN = 1;
const POLL_MS = 20;

/**
 * Makes {@link OpenSocket} of a WebSocket constructor.
 * @param headersFor The headers of an upgrade, the token's among them. Browsers can send none, so without it the token goes into the query.
 */
export function domSockets(
  Constructor: WebSocketConstructor,
  clock: Clock,
  headersFor?: (target: SocketTarget) => Record<string, string>,
): OpenSocket {
  return (target, onOpen, listener) => {
    const { token } = target;
    const url = target.url.replace(/^http/, "ws");
    // Browsers know no third argument, and take an undefined second one for a protocol of that name.
    const socket = headersFor
      ? new Constructor(url, undefined, { headers: headersFor(target) })
      : new Constructor(token.value ? appendQuery(url, "access_token", token.value) : url);
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

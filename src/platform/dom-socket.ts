/** Adapts DOM-style WebSockets (browsers', and any constructor that a user injects) to the socket port. */
import type { Clock } from "../common/clock.js";
import { appendQuery } from "../http/url.js";
import type { Chunk, Encoded } from "../protocol/hub-protocol.js";
import { HIGH_WATER_MARK, type OpenSocket, type Socket, type SocketTarget } from "../transports/socket.js";
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
    let cause: unknown;
    socket.binaryType = "arraybuffer";
    socket.onopen = onOpen;
    socket.onmessage = (event: { data: Chunk }) => listener.onMessage(event.data);
    socket.onerror = (event: { error?: unknown }) => (cause = event.error);
    socket.onclose = ({ code, reason, wasClean }: { code: number; reason: string; wasClean?: boolean }) => {
      listener.onClose(code === 1000 && wasClean === false ? 1006 : code, reason, cause);
    };
    return new DomSocket(socket, clock);
  };
}

class DomSocket implements Socket {
  readonly #socket: WebSocketLike;
  readonly #clock: Clock;

  constructor(socket: WebSocketLike, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
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

  close(code: number): void {
    this.#socket.close(code);
  }

  terminate(): void {
    const socket = this.#socket;
    // The error handler stays: a `ws` object without one would throw.
    socket.onopen = socket.onmessage = socket.onclose = null;
    if (socket.terminate) socket.terminate();
    else socket.close();
  }

  #fail(error: unknown): void {
    const { onerror, onclose } = this.#socket;
    if (onclose === null) return;
    this.terminate();
    onerror?.({ error } as never);
    onclose({ code: 1006, reason: "" } as never);
  }

  get #isFull(): boolean {
    return this.#socket.readyState === OPEN && this.#socket.bufferedAmount > HIGH_WATER_MARK;
  }

  // There is no event for it.
  async #drain(): Promise<void> {
    do await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, POLL_MS));
    while (this.#isFull);
  }
}

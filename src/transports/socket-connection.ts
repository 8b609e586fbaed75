/** A duplex connection over a WebSocket: the client's transport makes one of each socket it opens, a server of each it accepts. */
import type { Clock, TimerHandle } from "../common/clock.js";
import { Deferred } from "../common/deferred.js";
import { ConnectionError } from "../errors/connection-errors.js";
import type { Chunk, Encoded } from "../protocol/hub-protocol.js";
import type { Connection, ConnectionListener } from "../session/connection.js";
import { silentListener } from "./silent-listener.js";
import type { Socket, SocketListener } from "./socket.js";

const NORMAL = 1000;

/** {@link Connection} over one socket. */
export class SocketConnection implements Connection, SocketListener {
  /** Who gets what arrives. */
  listener: ConnectionListener;
  /** A dead peer shows in nothing but its silence. */
  readonly inherentKeepAlive = false;
  /** What the socket took is on its way. */
  readonly confirmsSends = false;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #closeTimeoutMs: number;
  // There once it matters: open connections are many, and go without.
  #gone: Deferred<void> | undefined;
  #closing = false;
  #timer: TimerHandle;

  /**
   * @param attach Opens a socket, or takes an open one over, with this connection as its listener.
   * @param closeTimeoutMs How long the peer may take to answer the closing handshake.
   */
  constructor(
    attach: (listener: SocketListener) => Socket,
    listener: ConnectionListener,
    clock: Clock,
    closeTimeoutMs: number,
  ) {
    this.listener = listener;
    this.#clock = clock;
    this.#closeTimeoutMs = closeTimeoutMs;
    this.#socket = attach(this);
  }

  /** Hands a message to the socket. */
  send(data: Encoded): Promise<void> | undefined {
    return this.#socket.send(data);
  }

  /** Closes with the closing handshake, or without it when the peer does not answer in time. */
  close(): Promise<void> {
    if (!this.#closing) {
      this.#end();
      this.#timer = this.#clock.setTimeout(() => this.terminate(), this.#closeTimeoutMs);
      this.#socket.close(NORMAL);
    }
    return (this.#gone ??= new Deferred()).promise;
  }

  /** Drops the connection at once; the listener hears nothing more. */
  terminate(): void {
    this.#end();
    this.#release();
    this.#socket.terminate();
  }

  /** Called by the socket. */
  onMessage(chunk: Chunk): void {
    this.listener.onData(chunk);
  }

  /** Called by the socket. */
  onClose(closeCode: number, reason: string, cause?: unknown): void {
    const listener = this.#end();
    this.#release();
    const text = `The WebSocket was closed with code ${closeCode}${reason && `: ${reason}`}`;
    listener.onClosed(
      closeCode === NORMAL ? undefined : new ConnectionError("connection-lost", text, { closeCode, cause }),
    );
  }

  /** @returns who listened until now. */
  #end(): ConnectionListener {
    const { listener } = this;
    this.#closing = true;
    this.listener = silentListener;
    return listener;
  }

  #release(): void {
    this.#clock.clearTimeout(this.#timer);
    (this.#gone ??= new Deferred()).resolve();
  }
}

/** A duplex connection over a WebSocket; each kind of socket makes it its own, on either end. */
import type { Clock, TimerHandle } from "../common/clock.js";
import { Deferred } from "../common/deferred.js";
import { ConnectionError } from "../errors/connection-errors.js";
import type { Encoded } from "../protocol/hub-protocol.js";
import type { Connection, ConnectionListener } from "../session/connection.js";
import { silentListener } from "./silent-listener.js";

const NORMAL = 1000;

/** Bytes that may wait in a socket before senders are asked to wait. */
export const HIGH_WATER_MARK = 1024 * 1024;

/** {@link Connection} over one socket, which the subclass has. One object, because open connections are many. */
export abstract class SocketConnection implements Connection {
  /** Who gets what arrives. */
  listener: ConnectionListener;
  /** A dead peer shows in nothing but its silence. */
  readonly inherentKeepAlive = false;
  /** What the socket took is on its way. */
  readonly confirmsSends = false;
  /** Time. */
  protected readonly clock: Clock;
  readonly #closeTimeoutMs: number;
  // There once it matters: open connections go without.
  #gone: Deferred<void> | undefined;
  #closing = false;
  #timer: TimerHandle;

  /** @param closeTimeoutMs How long the peer may take to answer the closing handshake. */
  constructor(clock: Clock, closeTimeoutMs: number, listener: ConnectionListener) {
    this.clock = clock;
    this.#closeTimeoutMs = closeTimeoutMs;
    this.listener = listener;
  }

  /** Sends one message. @returns a promise when too much waits already: it settles when there is room again. */
  abstract send(data: Encoded): Promise<void> | undefined;

  /** Starts the closing handshake, behind everything that was sent. */
  protected abstract startClosing(code: number): void;

  /** Drops the socket at once. Events may or may not follow. */
  protected abstract drop(): void;

  /** Closes with the closing handshake, or without it when the peer does not answer in time. */
  close(): Promise<void> {
    if (!this.#closing) {
      this.#end();
      this.#timer = this.clock.setTimeout(() => this.terminate(), this.#closeTimeoutMs);
      this.startClosing(NORMAL);
    }
    return (this.#gone ??= new Deferred()).promise;
  }

  /** Drops the connection at once; the listener hears nothing more. */
  terminate(): void {
    this.#end();
    this.#release();
    this.drop();
  }

  /**
   * The socket is gone, or could not be opened.
   * @param closeCode 1000 only if the closing handshake was clean.
   * @param cause What went wrong, where the runtime tells.
   */
  protected onClose(closeCode: number, reason: string, cause: unknown): void {
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
    this.clock.clearTimeout(this.#timer);
    (this.#gone ??= new Deferred()).resolve();
  }
}

/** Keeps what a new connection delivers until the session can take it; used while the client's handshake, or a resume, is not done. */
import type { Chunk } from "../protocol/hub-protocol.js";
import type { Connection, ConnectionListener } from "../session/connection.js";

/** Listens for somebody who is not there yet. */
export class HeldEvents implements ConnectionListener {
  readonly #events: ((listener: ConnectionListener) => void)[] = [];

  /** Makes somebody the connection's listener who gets everything that was kept first. */
  handOver(connection: Connection, listener: ConnectionListener): void {
    connection.listener = listener;
    for (const event of this.#events) event(listener);
  }

  /** Called by the connection. */
  onData(chunk: Chunk): void {
    const copy = typeof chunk === "string" ? chunk : new Uint8Array(chunk).slice();
    this.#events.push((listener) => listener.onData(copy));
  }

  /** Called by the connection. */
  onClosed(error: Error | undefined): void {
    this.#events.push((listener) => listener.onClosed(error));
  }
}

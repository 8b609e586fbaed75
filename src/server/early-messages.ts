/** Keeps what a client sends before its hub's `onConnected` is done: no call may overtake that (SERVER_API §2, lifecycle). */
import { toBytes } from "../protocol/bytes.js";
import type { Chunk } from "../protocol/hub-protocol.js";
import type { ConnectionListener } from "../session/connection.js";
import type { ReadGate } from "./read-gate.js";

/** What may be kept before the connection is paused, in UTF-16 units or bytes. */
const MAXIMUM_SIZE = 64 * 1024;

/** Listens in the place of the session, which only learns at once that the connection is over. */
export class EarlyMessages implements ConnectionListener {
  readonly #session: ConnectionListener;
  readonly #gate: ReadGate;
  #chunks: Chunk[] = [];
  #size = 0;
  #holdsGate = false;

  constructor(session: ConnectionListener, gate: ReadGate) {
    this.#session = session;
    this.#gate = gate;
  }

  /** Called by the connection. */
  onData(chunk: Chunk): void {
    this.#chunks.push(typeof chunk === "string" ? chunk : toBytes(chunk).slice());
    this.#size += typeof chunk === "string" ? chunk.length : chunk.byteLength;
    if (this.#size < MAXIMUM_SIZE || this.#holdsGate) return;
    this.#holdsGate = true;
    this.#gate.hold();
  }

  /** Called by the connection. */
  onClosed(error: Error | undefined): void {
    this.#session.onClosed(error);
  }

  /** Gives the session everything that was kept. */
  handOver(): void {
    const chunks = this.#chunks;
    this.#chunks = [];
    for (const chunk of chunks) this.#session.onData(chunk);
    if (this.#holdsGate) this.#gate.release();
  }
}

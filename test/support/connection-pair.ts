/** Two ends of a connection in memory, for tests of what runs over connections: sessions, writers, handshakes. */
import { Deferred } from "../../src/common/deferred.js";
import type { Chunk, Encoded } from "../../src/protocol/hub-protocol.js";
import type { Connection, ConnectionListener } from "../../src/session/connection.js";

/** How a {@link MemoryConnection} behaves. */
export interface MemoryConnectionOptions {
  readonly inherentKeepAlive?: boolean;
  readonly confirmsSends?: boolean;
  /** Cuts what was sent into the chunks that arrive. Default: it arrives as it was sent. */
  readonly cut?: (data: Encoded) => readonly Chunk[];
}

/**
 * One end. Chunks arrive at the other in later microtasks, never inside `send`. Whatever breaks the rules of
 * {@link Connection} is written to {@link faults}, because the code under test would swallow an exception.
 */
export class MemoryConnection implements Connection {
  listener: ConnectionListener = { onData: () => undefined, onClosed: () => undefined };
  readonly inherentKeepAlive: boolean;
  readonly confirmsSends: boolean;
  /** Every chunk that was sent, in order. */
  readonly sent: Encoded[] = [];
  /** Whether this end was closed. */
  closed = false;
  /** Broken rules; empty when all is well. */
  readonly faults: string[] = [];

  readonly #cut: (data: Encoded) => readonly Chunk[];
  #peer: MemoryConnection | undefined;
  #congestion: Deferred<void> | undefined;
  #lost = false;

  constructor(options: MemoryConnectionOptions = {}) {
    this.inherentKeepAlive = options.inherentKeepAlive ?? false;
    this.confirmsSends = options.confirmsSends ?? false;
    this.#cut = options.cut ?? ((data) => [data]);
  }

  /** Makes two ends out of two connections. */
  connectTo(peer: MemoryConnection): void {
    this.#peer = peer;
    peer.#peer = this;
  }

  /** From now on nothing is taken at once: a send waits for {@link relieve} or {@link breakSends}. */
  congest(): void {
    this.#congestion ??= new Deferred();
  }

  /** Takes what waits, and again everything at once. */
  relieve(): void {
    this.#congestion?.resolve();
    this.#congestion = undefined;
  }

  /** Fails what waits; with `again`, what is sent after that waits anew. */
  breakSends(error: Error, again = false): void {
    const congestion = this.#congestion;
    this.#congestion = again ? new Deferred() : undefined;
    congestion?.reject(error);
  }

  send(data: Encoded): Promise<void> | undefined {
    if (this.closed) this.faults.push("sent after it was closed");
    if (data.length === 0) this.faults.push("sent nothing");
    this.sent.push(data);
    if (this.#congestion === undefined && !this.confirmsSends) {
      void Promise.resolve().then(() => this.#pass(data));
      return undefined;
    }
    return (this.#congestion?.promise ?? Promise.resolve()).then(() => this.#pass(data));
  }

  async close(): Promise<void> {
    if (this.closed) this.faults.push("closed twice");
    this.closed = true;
    // Behind what was sent before.
    await Promise.resolve();
    await Promise.resolve();
    this.#peer?.lose(undefined);
  }

  /** The connection ends by itself, as when the network breaks. */
  lose(error: Error | undefined): void {
    if (this.#lost || this.closed) return;
    this.#lost = true;
    this.#guard(() => this.listener.onClosed(error));
  }

  /** Something arrives, whoever sent it. */
  receive(chunk: Chunk): void {
    if (!this.closed && !this.#lost) this.#guard(() => this.listener.onData(chunk));
  }

  #pass(data: Encoded): void {
    for (const chunk of this.#cut(data)) this.#peer?.receive(chunk);
  }

  #guard(event: () => void): void {
    try {
      event();
    } catch (thrown) {
      this.faults.push(`the listener threw: ${String(thrown)}`);
    }
  }
}

/** Two connected ends that behave alike. */
export function connectionPair(options: MemoryConnectionOptions = {}): [MemoryConnection, MemoryConnection] {
  const pair: [MemoryConnection, MemoryConnection] = [new MemoryConnection(options), new MemoryConnection(options)];
  pair[0].connectTo(pair[1]);
  return pair;
}

/** A connection listener that writes down what it hears. */
import type { Chunk } from "../../../src/protocol/hub-protocol.js";
import type { ConnectionListener } from "../../../src/session/connection.js";

/** Keeps chunks and the end. */
export class RecordingListener implements ConnectionListener {
  readonly chunks: Chunk[] = [];
  readonly ends: (Error | undefined)[] = [];
  #changed: (() => void) | undefined;

  onData(chunk: Chunk): void {
    this.chunks.push(chunk);
    this.#changed?.();
  }

  onClosed(error: Error | undefined): void {
    this.ends.push(error);
    this.#changed?.();
  }

  /** Waits until something holds. */
  async until(condition: (listener: this) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => (this.#changed = resolve));
  }
}

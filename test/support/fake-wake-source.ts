/** What tells a client that the network may be back, in a test's hand. */
import type { WakeSource } from "../../src/platform/platform.js";

/** Implements {@link WakeSource} without a browser. */
export class FakeWakeSource implements WakeSource {
  isOffline = false;
  readonly #callbacks = new Set<() => void>();

  /** How many listen; 0 means that nothing was left behind. */
  get listeners(): number {
    return this.#callbacks.size;
  }

  listen(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => void this.#callbacks.delete(callback);
  }

  /** Wakes whoever listens. */
  wake(): void {
    for (const callback of [...this.#callbacks]) callback();
  }
}

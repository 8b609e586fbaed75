/** A hub whose streams are large and slow, for the tests of back-pressure. */
import { Deferred } from "../../src/common/deferred.js";
import { Hub } from "../../src/server/index.js";

/** What its tests see of it. */
export class FlowState {
  /** Lets `Read` go on behind its first item. */
  readonly gate = new Deferred<void>();
  /** Settles when `Flood` is over, for whatever reason. */
  readonly flooded = new Deferred<void>();
  /** Items that `Flood` has yielded. */
  yielded = 0;
  /** With what the last connection ended. */
  disconnected: Error | undefined;
}

/** The hub. */
export class FlowHub extends Hub {
  readonly #state: FlowState;

  constructor(state: FlowState) {
    super();
    this.#state = state;
  }

  override onDisconnected(error?: Error): void {
    this.#state.disconnected = error;
  }

  async read(items: AsyncIterable<string>): Promise<number> {
    let count = 0;
    for await (const _ of items) if (++count === 1) await this.#state.gate.promise;
    return count;
  }

  async *flood(item: string, count: number): AsyncIterable<string> {
    try {
      while (this.#state.yielded < count && !this.signal.aborted) {
        this.#state.yielded++;
        yield item;
      }
    } finally {
      this.#state.flooded.resolve();
    }
  }
}

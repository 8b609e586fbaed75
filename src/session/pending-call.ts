/** A plain call that waits for its one answer. */
import { HubError } from "../errors/call-errors.js";
import type { CompletionMessage } from "../protocol/messages.js";
import type { Answerable } from "./invocation-table.js";

/** The promise of a call, settled by the peer's Completion or by the end of the session. */
export class PendingCall implements Answerable {
  /** Id of the call on the wire; set when it was sent. */
  id = "";
  /** Fulfils with the result; rejects with `HubError` when the method failed. */
  readonly promise: Promise<unknown>;
  #resolve!: (value: unknown) => void;
  #reject!: (error: Error) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  onItem(): void {
    // A stream item for a plain call means nothing; the Completion decides.
  }

  onCompletion(message: CompletionMessage): void {
    if (message.error == null) this.#resolve(message.result);
    else this.#reject(new HubError(message.error));
  }

  onFailed(error: Error): void {
    this.#reject(error);
  }
}

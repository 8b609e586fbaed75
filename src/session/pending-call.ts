/** A plain call that waits for its one answer. */
import { Deferred } from "../common/deferred.js";
import { HubError } from "../errors/call-errors.js";
import type { CompletionMessage } from "../protocol/messages.js";
import type { Answerable } from "./invocation-table.js";

/** The promise of a call: fulfils with the result, and rejects with `HubError` when the method failed, or with why there is no answer. */
export class PendingCall extends Deferred<unknown> implements Answerable {
  id = "";

  onItem(): void {
    // A stream item for a plain call means nothing; the Completion decides.
  }

  onCompletion(message: CompletionMessage): void {
    if (message.error == null) this.resolve(message.result);
    else this.reject(new HubError(message.error));
  }

  onFailed(error: Error): void {
    this.reject(error);
  }
}

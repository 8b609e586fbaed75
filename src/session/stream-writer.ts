/** Writes the items and ends of streams over a session: of the uploads of a client, and of the answers of a server. */
import { MessageType } from "../protocol/messages.js";
import type { HubSession } from "./hub-session.js";
import { WRITTEN } from "./message-writer.js";
import type { UploadTarget } from "./uploads.js";

/** What a session needs for streams that it sends; sessions without them have none. */
export class StreamWriter implements UploadTarget {
  readonly #session: HubSession;

  constructor(session: HubSession) {
    this.#session = session;
  }

  allotId(): string {
    return this.#session.calls.allotId();
  }

  sendItem(id: string, item: unknown): Promise<void> {
    const session = this.#session;
    const { channel } = session;
    session.assertRoom();
    const written = channel.write({ type: MessageType.StreamItem, invocationId: id, item: item ?? null });
    // A stream that never waits comes to rest now and then: it would go on for as long as the peer keeps up, and this process would hear
    // nothing meanwhile, no answer, no ping, no wish to end it.
    return written === WRITTEN ? channel.whenTurnHasRoom() : written;
  }

  endStream(id: string, error: { readonly thrown: unknown } | undefined): void {
    // Has room always: it is small, comes once, and may be there because there was none for an item.
    const { channel, ended } = this.#session;
    if (ended) return;
    const outcome = error && { error: this.#session.streamErrorText(error.thrown) };
    channel.tell({ type: MessageType.Completion, invocationId: id, ...outcome });
  }
}

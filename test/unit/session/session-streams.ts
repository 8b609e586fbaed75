/** Readers, sources and receivers of streams; for the tests of sessions. */
import type { Receiver } from "../../../src/session/invocation-table.js";
import type { TestPeer } from "../../support/session-pair.js";

/** All items, or the first so many. */
export async function read(stream: AsyncIterable<unknown>, until = Infinity): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) if (items.push(item) >= until) break;
  return items;
}

/** The numbers from 1 up. */
export async function* count(to: number) {
  for (let i = 1; i <= to; i++) yield i;
}

/** Receives one upload. */
export function receiver() {
  const events: unknown[] = [];
  const answerable: Receiver = {
    onItem: (item) => void events.push(item),
    onCompletion: ({ error }) => void events.push(error === undefined ? "end" : ["end", error]),
    onFailed: (error) => void events.push(error),
  };
  return { events, answerable };
}

/** Lets a peer take all uploads of the calls that it gets. */
export function takeUploads(peer: TestPeer): ReturnType<typeof receiver>[] {
  const receivers: ReturnType<typeof receiver>[] = [];
  peer.onCall = (call, session) => {
    for (const id of call.streamIds ?? []) {
      const taken = receiver();
      receivers.push(taken);
      expect(session.openStream(id, taken.answerable)).toBe(true);
    }
  };
  return receivers;
}

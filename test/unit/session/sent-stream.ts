/** A stream on its way to the peer, and sources that a test feeds by hand; used by the sender's tests. */
import { Deferred } from "../../../src/common/deferred.js";
import { WRITTEN } from "../../../src/session/message-writer.js";
import { StreamSender } from "../../../src/session/stream-sender.js";

/** A sender for a stream with the id 7, and what it sends. */
export function setUp() {
  const sent: unknown[] = [];
  const forget = jest.fn();
  const target = {
    sendItem: (id: string, item: unknown): Promise<void> => {
      sent.push([id, item]);
      return WRITTEN;
    },
    endStream: (id: string, error: { readonly thrown: unknown } | undefined) => void sent.push([id, "end", error]),
  };
  return { sent, target, forget, sender: new StreamSender("7", target, forget) };
}

/** Lets everything happen that is due. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** An iterator that a test answers by hand. */
export class HandFed implements AsyncIterable<unknown>, AsyncIterator<unknown> {
  readonly asked: Deferred<IteratorResult<unknown>>[] = [];
  readonly return = jest.fn(() => Promise.resolve({ done: true as const, value: undefined }));

  next(): Promise<IteratorResult<unknown>> {
    const answer = new Deferred<IteratorResult<unknown>>();
    this.asked.push(answer);
    return answer.promise;
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return this;
  }
}

/** Throws `mine`. */
export const throwing = (): never => {
  throw new Error("mine");
};

/** The calls that wait for an answer, by id. Knows no connection; the session puts answers in. */
import type { CompletionMessage } from "../protocol/messages.js";

/** Something that the peer feeds and ends: a call, or a stream in either direction. */
export interface Receiver {
  /** One item of a stream arrived. */
  onItem(item: unknown): void;
  /** The peer ended the call or stream. */
  onCompletion(message: CompletionMessage): void;
  /** It will never be answered. */
  onFailed(error: Error): void;
}

/** A call that the peer answers. */
export interface Answerable extends Receiver {
  /** Id of the call on the wire; the table sets it. */
  id: string;
}

const INITIAL_CAPACITY = 4;

/** The ring of those that wait for nothing, as most connections do most of the time. */
const NO_CALLS: (Answerable | undefined)[] = [];

/**
 * Gives out ids and finds what waits under them. A ring indexed by the number in the id: under churn a `Map` is slower and keeps
 * dead results alive in tables that it has outgrown. Ids whose place is still taken are skipped, so a stream that lives long costs nothing.
 */
export class InvocationTable {
  readonly #prefix: string;
  #ring = NO_CALLS;
  #size = 0;
  #next = 0;

  /** @param prefix Starts every id; keeps the ids of a server apart from its client's (HUB_PROTOCOL §5). */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** An id that is used for nothing else on this connection. */
  allotId(): string {
    return this.#prefix + this.#next++;
  }

  /** Remembers a call. @returns its id. */
  add(call: Answerable): string {
    if (this.#size * 2 >= this.#ring.length) this.#grow();
    const mask = this.#ring.length - 1;
    while (this.#ring[this.#next & mask] !== undefined) this.#next++;
    this.#ring[this.#next & mask] = call;
    this.#size++;
    return (call.id = this.allotId());
  }

  /** What waits under this id, if anything. */
  get(id: string): Receiver | undefined {
    const call = this.#ring[this.#indexOf(id)];
    return call?.id === id ? call : undefined;
  }

  /** Removes and returns what waits under this id, if anything. */
  take(id: string): Receiver | undefined {
    const index = this.#indexOf(id);
    const call = this.#ring[index];
    if (call?.id !== id) return undefined;
    this.#ring[index] = undefined;
    this.#size--;
    return call;
  }

  /** Removes and returns everything that waits. */
  takeAll(): Receiver[] {
    const all = this.#ring.filter((call) => call !== undefined);
    this.#ring = NO_CALLS;
    this.#size = 0;
    return all;
  }

  // Whatever the peer sends as an id lands somewhere in the ring; the comparison of the whole id decides.
  #indexOf(id: string): number {
    return Number(id.slice(this.#prefix.length)) & (this.#ring.length - 1);
  }

  #grow(): void {
    const old = this.#ring;
    this.#ring = new Array<Answerable | undefined>(old.length * 2 || INITIAL_CAPACITY).fill(undefined);
    for (const call of old) if (call !== undefined) this.#ring[this.#indexOf(call.id)] = call;
  }
}

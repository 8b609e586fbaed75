/** The calls that wait for an answer, by id. Knows no connection; the session puts answers in. */
import type { CompletionMessage } from "../protocol/messages.js";

/** Something that the peer answers: a call, or a stream in either direction. */
export interface Answerable {
  /** One item of a stream arrived. */
  onItem(item: unknown): void;
  /** The peer ended the call or stream. */
  onCompletion(message: CompletionMessage): void;
  /** It will never be answered. */
  onFailed(error: Error): void;
}

interface Slot {
  readonly id: string;
  readonly pending: Answerable;
}

const INITIAL_CAPACITY = 4;

/** The ring of those that wait for nothing, as most connections do most of the time. */
const NO_SLOTS: (Slot | undefined)[] = [];

/**
 * Gives out ids and finds what waits under them. A ring indexed by the number in the id: under churn a `Map` is slower and keeps
 * dead results alive in tables that it has outgrown. Ids whose slot is still taken are skipped, so a stream that lives long costs nothing.
 */
export class InvocationTable {
  readonly #prefix: string;
  #slots = NO_SLOTS;
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

  /** Remembers `pending`. @returns the id that it waits under. */
  add(pending: Answerable): string {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    const mask = this.#slots.length - 1;
    while (this.#slots[this.#next & mask] !== undefined) this.#next++;
    const index = this.#next & mask;
    const id = this.allotId();
    this.#slots[index] = { id, pending };
    this.#size++;
    return id;
  }

  /** What waits under this id, if anything. */
  get(id: string): Answerable | undefined {
    const slot = this.#slots[this.#indexOf(id)];
    return slot?.id === id ? slot.pending : undefined;
  }

  /** Removes and returns what waits under this id, if anything. */
  take(id: string): Answerable | undefined {
    const index = this.#indexOf(id);
    const slot = this.#slots[index];
    if (slot?.id !== id) return undefined;
    this.#slots[index] = undefined;
    this.#size--;
    return slot.pending;
  }

  /** Removes and returns everything that waits. */
  takeAll(): Answerable[] {
    const all: Answerable[] = [];
    for (const slot of this.#slots) if (slot !== undefined) all.push(slot.pending);
    this.#slots = NO_SLOTS;
    this.#size = 0;
    return all;
  }

  // Whatever the peer sends as an id lands somewhere in the ring; the comparison of the whole id decides.
  #indexOf(id: string): number {
    return Number(this.#prefix === "" ? id : id.slice(this.#prefix.length)) & (this.#slots.length - 1);
  }

  #grow(): void {
    const capacity = Math.max(this.#slots.length * 2, INITIAL_CAPACITY);
    const slots = new Array<Slot | undefined>(capacity).fill(undefined);
    const old = this.#slots;
    this.#slots = slots;
    for (const slot of old) if (slot !== undefined) slots[this.#indexOf(slot.id)] = slot;
  }
}

/** Sends one stream to the peer: what a client uploads, and what a server's streaming method yields. */
import { AbortError } from "../errors/http-errors.js";
import { WRITTEN } from "./message-writer.js";
import { isSubscribable, iterate, unsubscribe, type StreamSource } from "./stream-source.js";

/** Where the items go. */
export interface StreamTarget {
  /** Sends one item. @returns what {@link MessageChannel.write} does. @throws InvalidArgumentError when it cannot be encoded. */
  sendItem(id: string, item: unknown): Promise<void>;
  /** Sends the end of the stream. */
  endStream(id: string, error: { readonly thrown: unknown } | undefined): void;
}

/** One stream on its way to the peer. Pulled sources wait while the connection is congested. */
export class StreamSender {
  readonly #id: string;
  readonly #target: StreamTarget;
  readonly #onOver: () => void;
  #release: (() => void) | undefined;
  #over = false;

  /**
   * @param id Of the stream on the wire.
   * @param onOver Called once when nothing more will be read, whatever the reason.
   */
  constructor(id: string, target: StreamTarget, onOver: () => void) {
    this.#id = id;
    this.#target = target;
    this.#onOver = onOver;
  }

  /** Starts reading the source. */
  start(source: StreamSource<unknown>): void {
    try {
      if (isSubscribable(source)) this.#subscribe(source);
      else void this.#pull(iterate(source));
    } catch (thrown) {
      this.#finish({ thrown });
    }
  }

  /** Stops reading; the peer is told nothing, because it ended the stream itself or is gone. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#onOver();
    this.#releaseSource();
  }

  /** Stops reading, and tells the peer so. */
  cancel(): void {
    this.#finish({ thrown: new AbortError("Stream canceled by client.") }); // the .NET client's words
  }

  #subscribe(source: Extract<StreamSource<unknown>, { subscribe: unknown }>): void {
    const subscription = source.subscribe({
      next: (item) => this.#push(item),
      error: (thrown) => this.#finish({ thrown }),
      complete: () => this.#finish(undefined),
    });
    this.#release = () => unsubscribe(subscription);
    if (this.#over) this.#releaseSource(); // it ended while it was being subscribed to
  }

  #push(item: unknown): void {
    if (this.#over) return;
    try {
      const written = this.#target.sendItem(this.#id, item);
      if (written !== WRITTEN) written.then(undefined, (thrown: unknown) => this.#finish({ thrown }));
    } catch (thrown) {
      this.#finish({ thrown });
    }
  }

  async #pull(iterator: AsyncIterator<unknown>): Promise<void> {
    this.#release = () => void iterator.return?.().then(undefined, () => undefined);
    try {
      while (!this.#over) {
        const next = await iterator.next();
        if (this.#over) return;
        if (next.done === true) return this.#finish(undefined);
        const written = this.#target.sendItem(this.#id, next.value);
        if (written !== WRITTEN) await written;
      }
    } catch (thrown) {
      this.#finish({ thrown });
    }
  }

  #finish(error: { readonly thrown: unknown } | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#target.endStream(this.#id, error);
    this.#onOver();
    if (error !== undefined) this.#releaseSource();
  }

  #releaseSource(): void {
    const release = this.#release;
    this.#release = undefined;
    try {
      release?.();
    } catch {
      // The source is the application's; that it cannot be released harms nobody here.
    }
  }
}

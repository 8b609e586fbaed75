/** Puts the messages that are written close together into one chunk, and carries the connection's back-pressure to whoever writes. */
import { ignoreRejection, Deferred } from "../common/deferred.js";
import type { Clock } from "../common/clock.js";
import { LimitError } from "../errors/call-errors.js";
import { toError } from "../errors/to-error.js";
import type { Encoded } from "../protocol/hub-protocol.js";
import type { Connection } from "./connection.js";

/** What {@link MessageWriter.write} returns when there is nothing to wait for; compare with it to keep the plain path free of promises. */
export const WRITTEN: Promise<void> = Promise.resolve();

/** Chunks held back until the end of the task or turn go out early when they exceed this size (UTF-16 units or bytes). */
const HELD_SIZE = 64 * 1024;

/** What may wait while the connection takes nothing (UTF-16 units or bytes); a single larger message is still accepted. */
const MAXIMUM_WAITING_SIZE = 16 * 1024 * 1024;

/** What goes out in one turn of the event loop before a stream has to let others have theirs (UTF-16 units or bytes). */
const TURN_SIZE = 1024 * 1024;

enum Phase {
  /** Nothing was written in this turn of the event loop. */
  Idle,
  /** The first messages of the turn go out when its current task ends. */
  Scheduled,
  /** Something went out in this turn; what follows shares one more chunk at its end. */
  Held,
  /** The connection has not taken the last chunk yet. */
  Blocked,
}

/** Messages that go out together, and who waits for that. */
interface Batch {
  readonly data: Encoded;
  readonly accepted: Deferred<void> | undefined;
}

/** Writes encoded messages to one connection, in order. A channel is one, so that there is one object less for each connection. */
export class MessageWriter {
  /** Whether anything went out since somebody last set this to `false`; spares a timestamp per message. */
  hasWritten = false;

  /** Where everything goes; another one may take its place after {@link end}. */
  protected connection: Connection;
  protected readonly clock: Clock;
  #phase = Phase.Idle;
  #text = "";
  #bytes: Uint8Array[] | undefined; // there with binary encodings only
  #size = 0;
  #accepted: Deferred<void> | undefined;
  // What waits is cut into chunks, so that the peer never gets one that is as large as all of it.
  readonly #full: Batch[] = [];
  #fullSize = 0;
  #turnSize = 0;

  constructor(connection: Connection, clock: Clock) {
    this.connection = connection;
    this.clock = clock;
  }

  /**
   * Adds a message to the next chunk.
   * @returns {@link WRITTEN}, or, under back-pressure and for transports that confirm, a promise that settles when the chunk was
   * taken.
   */
  writeEncoded(data: Encoded): Promise<void> {
    if (typeof data === "string") this.#text += data;
    else (this.#bytes ??= []).push(data);
    this.#size += data.length;
    // Asked for before the chunk goes out, because its outcome belongs to those who wrote it.
    const accepted = this.isBlocked || this.connection.confirmsSends ? this.#whenAccepted() : WRITTEN;
    if (this.#phase === Phase.Idle) {
      this.#phase = Phase.Scheduled;
      void WRITTEN.then(() => this.#endTask());
    } else if (this.#size > HELD_SIZE) {
      this.#full.push(this.#takeAll());
      this.flush();
    }
    return accepted;
  }

  /** What is written in the rest of this turn goes out at its end: for a message that nobody waits for, which then shares its chunk. */
  linger(): void {
    if (this.#phase === Phase.Idle) this.#hold();
  }

  /** Whether the connection takes nothing at the moment. */
  get isBlocked(): boolean {
    return this.#phase === Phase.Blocked;
  }

  /** @returns {@link WRITTEN}, or, when this turn of the event loop has had its share, a promise for the next one. */
  whenTurnHasRoom(): Promise<void> {
    return this.#turnSize > TURN_SIZE ? new Promise((resolve) => this.clock.afterTurn(resolve)) : WRITTEN;
  }

  /** Size of what the connection has not been given yet. */
  get waitingSize(): number {
    return this.#size + this.#fullSize;
  }

  /** Fulfils when the connection takes more; what became of earlier messages does not matter. */
  whenUnblocked(): Promise<void> {
    return this.isBlocked ? this.#whenAccepted().catch(() => undefined) : WRITTEN;
  }

  /** @throws LimitError when so much waits already that an application has to stop and wait. */
  assertRoom(): void {
    if (this.isBlocked && this.waitingSize > MAXIMUM_WAITING_SIZE) {
      throw new LimitError("maximumWaitingSize", "Too much is waiting to be sent on this connection.");
    }
  }

  /** Sends at once what waits for the end of the task or turn. */
  flush(): void {
    while (!this.isBlocked) {
      const { data, accepted } = this.#full.shift() ?? this.#takeAll();
      if (data.length === 0) return accepted?.resolve(); // somebody waited for the connection without having written anything
      this.#fullSize -= data.length;
      this.#turnSize += data.length;
      this.hasWritten = true;
      const taken = this.#send(data);
      if (taken !== undefined) {
        this.#phase = Phase.Blocked;
        return void this.#waitFor(taken, accepted);
      }
      accepted?.resolve();
      if (this.#phase !== Phase.Held) this.#hold();
      if (this.#full.length === 0) return; // what is written from now on in this turn shares the next chunk
    }
  }

  /**
   * The connection is over: what waits is dropped, and whoever waits for it learns why. What was handed over is the connection's to settle.
   * @param reason Makes the error; only called when somebody waits.
   */
  end(reason: () => Error): void {
    this.#phase = Phase.Idle;
    for (const { accepted } of [...this.#full.splice(0), this.#takeAll()]) accepted?.reject(reason());
    this.#fullSize = 0;
  }

  #whenAccepted(): Promise<void> {
    if (this.#accepted === undefined) {
      this.#accepted = new Deferred();
      ignoreRejection(this.#accepted.promise); // shared by writers of whom not all look
    }
    return this.#accepted.promise;
  }

  #send(data: Encoded): Promise<void> | undefined {
    try {
      return this.connection.send(data);
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  }

  async #waitFor(taken: Promise<void>, waiting: Deferred<void> | undefined): Promise<void> {
    const { connection } = this;
    try {
      await taken;
      waiting?.resolve();
    } catch (thrown) {
      waiting?.reject(toError(thrown)); // the connection reports its own end; here only these writers learn of it
    }
    if (connection !== this.connection) return; // another one took its place meanwhile
    this.#phase = Phase.Idle;
    this.flush();
  }

  #endTask(): void {
    if (this.#phase === Phase.Scheduled) this.flush();
  }

  #hold(): void {
    this.#phase = Phase.Held;
    this.clock.afterTurn(() => this.#endTurn());
  }

  #endTurn(): void {
    this.#turnSize = 0;
    if (this.#phase !== Phase.Held) return;
    this.#phase = Phase.Idle;
    this.flush();
  }

  /** Closes the chunk that is being filled; it counts as one that is full until it goes out. */
  #takeAll(): Batch {
    const data = this.#bytes ? joined(this.#bytes, this.#size) : this.#text;
    const batch = { data, accepted: this.#accepted };
    this.#fullSize += this.#size;
    this.#text = "";
    this.#bytes = undefined;
    this.#size = 0;
    this.#accepted = undefined;
    return batch;
  }
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Pauses the reading of one connection for as long as anybody has a reason for that: the back-pressure towards its client. */

/** What can be paused. */
export interface Pausable {
  /** Stops reading, as far as what has not arrived yet is concerned. */
  pause(): void;
  /** Reads on. */
  resume(): void;
}

/** Counts the reasons. */
export class ReadGate {
  readonly #connection: Pausable;
  #reasons = 0;
  #over = false;

  constructor(connection: Pausable) {
    this.#connection = connection;
  }

  /** Whether reading is paused. */
  get isClosed(): boolean {
    return this.#reasons > 0;
  }

  /** Adds a reason; whoever does takes it back with {@link release}. */
  hold(): void {
    if (this.#reasons++ === 0 && !this.#over) this.#connection.pause();
  }

  /** Takes a reason back. */
  release(): void {
    if (--this.#reasons === 0 && !this.#over) this.#connection.resume();
  }

  /** The connection is over; it is left alone from now on. */
  stop(): void {
    this.#over = true;
  }
}

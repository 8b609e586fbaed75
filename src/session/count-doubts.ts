/**
 * Knows when a peer's count of what it received cannot be taken at its word: .NET 10 leaves out items of streams that have ended
 * (HUB_PROTOCOL §9, "Counting"). Sessions with peers that count everything have none of this.
 */
export class CountDoubts {
  #newestItem = 0;
  #uploads: Set<string> | undefined;
  /** Items may be missing in the peer's count. */
  #isInDoubt = false;
  /** There were uploads whose end the peer does not tell. */
  #isBlind = false;

  /** Message number `id` was an item of a stream. */
  onItem(id: number): void {
    this.#newestItem = id;
  }

  /** A call with uploads was written. @param callId `undefined` when nobody will tell when it is over. */
  onUploads(callId: string | undefined): void {
    if (callId === undefined) this.#isBlind = true;
    else (this.#uploads ??= new Set()).add(callId);
  }

  /** The peer has ended a call. Items that it got too late for their stream may be missing in its count from now on. */
  onAnswer(callId: string, acknowledged: number): void {
    if (this.#uploads?.delete(callId)) this.onEndedStream(acknowledged);
  }

  /** The peer has ended a stream of ours. */
  onEndedStream(acknowledged: number): void {
    if (this.#newestItem > acknowledged) this.#isInDoubt = true;
  }

  /** Whether the peer has to be asked how far it got before anything is sent again. */
  needAnswer(acknowledged: number): boolean {
    return this.#isInDoubt || this.#newestItem > acknowledged;
  }

  /** The peer has counted all that was sent. */
  settle(): void {
    this.#isInDoubt = false;
  }

  /** Everything that was not acknowledged has a higher number now, because messages of somebody else's were counted in front of it. */
  skip(count: number): void {
    this.#newestItem += count;
  }

  /** Whether the number of messages that the peer has counted tells which they are, although there are more. */
  get allowReplay(): boolean {
    return !this.#isInDoubt && !this.#isBlind;
  }
}

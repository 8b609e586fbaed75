/** Counts connections against a limit: that of one hub, and that of the whole server. */

/** So many and no more. */
export class Capacity {
  readonly #maximum: number;
  readonly #whole: Capacity | undefined;
  #used = 0;

  /** @param whole What this is a part of; its limit counts too. */
  constructor(maximum: number, whole?: Capacity) {
    this.#maximum = maximum;
    this.#whole = whole;
  }

  /** Takes one. @returns whether there was one left. */
  take(): boolean {
    if (this.#used >= this.#maximum || this.#whole?.take() === false) return false;
    this.#used++;
    return true;
  }

  /** Gives one back. */
  giveBack(): void {
    this.#used--;
    this.#whole?.giveBack();
  }
}

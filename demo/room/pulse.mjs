// A number between 0 and 100 that wanders by itself and jumps when something happens in the room.

const TOP = 96;
const FADES_MS = 900;

export class Pulse {
  #strength = 0;
  #kickedAt = 0;

  /** Something happened. */
  kick() {
    const now = performance.now();
    this.#strength = this.#remaining(now) + 1;
    this.#kickedAt = now;
  }

  /** The number at this moment. */
  get value() {
    const now = performance.now();
    const seconds = now / 1_000;
    const wave = 34 + 12 * Math.sin(seconds / 1.7) + 7 * Math.sin(seconds / 0.63) + 3 * Math.sin(seconds / 0.21);
    // However much happens, it never gets beyond the top.
    const lift = (TOP - wave) * (1 - Math.exp(-this.#remaining(now)));
    return Math.round(10 * (wave + lift)) / 10;
  }

  #remaining(now) {
    return this.#strength * Math.exp((this.#kickedAt - now) / FADES_MS);
  }
}

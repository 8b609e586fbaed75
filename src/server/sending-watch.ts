/** Notices clients that take nothing of what is sent to them: all of that would stay in memory. */

/** What is watched: the way to the client. */
export interface Blockable {
  /** Whether the client takes nothing at the moment. */
  readonly isBlocked: boolean;
  /** Fulfils when it takes more. */
  whenUnblocked(): Promise<void>;
}

/** Measures how long a client has taken nothing. */
export class SendingWatch {
  #blockedMs: number | undefined;

  /** Called by the heartbeat. @returns whether the client has taken nothing for too long. */
  onBeat(elapsedMs: number, channel: Blockable, limitMs: number): boolean {
    if (!channel.isBlocked) return false;
    if (this.#blockedMs === undefined) {
      this.#blockedMs = 0;
      void channel.whenUnblocked().then(() => (this.#blockedMs = undefined));
      return false;
    }
    // No single beat decides: after a long pause of the process the client gets another chance.
    this.#blockedMs += Math.min(elapsedMs, limitMs / 2);
    return this.#blockedMs >= limitMs;
  }
}

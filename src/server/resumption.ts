/**
 * What stateful reconnect allows one client: to come back within a while, but not so often that it costs more than it should. Only
 * clients that negotiated it have one.
 */
import type { IncomingMessage } from "node:http";

/** Returns are paid for in buffers of unacknowledged messages: this many at once, and one more each second (CVE-2026-56170). */
const MAXIMUM_CREDIT = 10;

/** What a return costs on top of what is sent again because of it. */
const PRICE = 0.1;

/**
 * Whether a client counts every message. The .NET client does not, if it was made for .NET 10 or earlier: it leaves out items of
 * streams that have ended (HUB_PROTOCOL §9, "Counting"). All versions count as such, because a question more does no harm.
 */
export function countsEveryMessage({ headers }: IncomingMessage): boolean {
  const userAgent = headers["x-signalr-user-agent"] ?? headers["user-agent"] ?? "";
  return !/^Microsoft SignalR\/.*; \.NET[;)]/.test(String(userAgent));
}

/** The comings and goings of one client. */
export class Resumption {
  readonly #timeoutMs: number;
  #credit = MAXIMUM_CREDIT;
  #loss: Error | undefined;
  #awayMs = 0;

  /** @param timeoutMs How long the client may stay away. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Why the client has no connection, if it has none. */
  get loss(): Error | undefined {
    return this.#loss;
  }

  /** Whether it may come back at the moment. */
  get isAffordable(): boolean {
    return this.#credit > 0;
  }

  /** The client has lost its connection. */
  onLost(error: Error): void {
    this.#loss = error;
  }

  /** It is back. @param buffers What is sent again, in sizes of the buffer. */
  onReturned(buffers: number): void {
    this.#loss = undefined;
    this.#credit -= PRICE + buffers;
  }

  /** Called by the heartbeat. @returns whether the client has been away for too long. */
  onBeat(elapsedMs: number): boolean {
    this.#credit = Math.min(MAXIMUM_CREDIT, this.#credit + elapsedMs / 1_000);
    // Who is there only between the beats would keep what waits for him for ever.
    if (this.#loss === undefined) {
      this.#awayMs = 0;
      return false;
    }
    // No single beat decides: after a pause of the process the client may be at the door.
    this.#awayMs += Math.min(elapsedMs, this.#timeoutMs / 2);
    return this.#awayMs >= this.#timeoutMs;
  }
}

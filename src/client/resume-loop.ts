/** Brings a session back over another connection after its own broke (HUB_PROTOCOL §9, "Resume"): several attempts, within a window. */
import { abortError, AbortScope, bounded, sleep, type Abortable } from "../common/abort-scope.js";
import type { Clock } from "../common/clock.js";
import { Deferred } from "../common/deferred.js";
import { ConnectionError } from "../errors/connection-errors.js";
import { AbortError, HttpError } from "../errors/http-errors.js";
import { messageOf } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { Connection } from "../session/connection.js";
import type { MessageChannel } from "../session/message-channel.js";
import { HeldEvents } from "../transports/held-events.js";
import type { Resumption } from "./transport-selector.js";

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4_000;

/** More than the 5 s that ASP.NET Core needs to part with a connection that it still believes in (HUB_PROTOCOL §9, resume 8). */
const ATTEMPT_TIMEOUT_MS = 7_000;

/** Such a server then closes the first new connection, too, as soon as it has received something. */
const TRIAL_MS = 1_000;

/** What a loop works with. */
export interface ResumeOptions {
  readonly channel: MessageChannel;
  readonly resumption: Resumption;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds for all attempts together. */
  readonly timeoutMs: number;
  /** Called once, in the very moment from which on a break is a new one. */
  readonly onResumed: () => void;
}

/** The attempts after one break. */
export class ResumeLoop {
  readonly #options: ResumeOptions;
  readonly #all: AbortScope;
  #attempt: AbortScope | undefined;

  constructor(options: ResumeOptions) {
    this.#options = options;
    this.#all = new AbortScope(options.clock);
  }

  /**
   * Tries until it works.
   * @throws the last attempt's error when the time is over, or when the server refuses for good; AbortError after {@link stop}.
   */
  async run(): Promise<void> {
    const { channel, clock, log, timeoutMs } = this.#options;
    const { signal } = this.#all;
    const deadline = clock.now() + timeoutMs;
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)) {
      try {
        return await this.#try(Math.min(deadline - clock.now(), ATTEMPT_TIMEOUT_MS) || 1); // 0 would be for ever
      } catch (thrown) {
        if (signal.aborted) throw abortError(signal);
        channel.detach();
        if (isFinal(thrown) || clock.now() + delayMs >= deadline) throw thrown;
        log.write(LogLevel.Debug, () => `Not resumed yet: ${messageOf(thrown)}`);
      }
      await sleep(clock, delayMs, signal);
    }
  }

  /** The session lost the connection that it just got. */
  onDetached(error: Error): void {
    this.#attempt?.abort(new ConnectionError("connection-lost", error.message, { cause: error }));
  }

  /** Gives up: the session is over. */
  stop(): void {
    this.#all.abort(new AbortError());
  }

  async #try(timeoutMs: number): Promise<void> {
    const { channel, clock, resumption, onResumed } = this.#options;
    const scope = (this.#attempt = new AbortScope(clock, this.#all.signal));
    const { signal } = scope;
    try {
      const connection = await bounded((giveUp) => this.#connect(giveUp), clock, signal, timeoutMs);
      if (!resumption.isExact) await sleep(clock, TRIAL_MS, signal);
      if (signal.aborted) throw abortError(signal);
      connection.listener = channel;
      onResumed();
    } finally {
      scope.dispose();
    }
  }

  /** Makes a connection the session's, and waits until the peer shows that it goes on there. */
  async #connect(signal: Abortable): Promise<Connection> {
    const { channel, resumption } = this.#options;
    const held = new HeldEvents();
    const connection = await resumption.reopen(held, signal);
    if (signal.aborted) {
      connection.terminate?.(); // it opened in the very turn in which it was given up
      throw abortError(signal);
    }
    const answered = new Deferred<Connection>();
    channel.attach(connection, () => answered.resolve(connection));
    held.handOver(connection, {
      onData: (chunk) => channel.onData(chunk),
      // A server that wants to end the session has another word for it: this was about one connection.
      onClosed: (error) => channel.onClosed(error ?? new ConnectionError("connection-lost", "Closed at once.")),
    });
    return answered.promise;
  }
}

/** Whether asking again is pointless: the server does not know the connection any more, or does not let us in. */
function isFinal(thrown: unknown): boolean {
  return thrown instanceof HttpError && thrown.statusCode <= 404;
}

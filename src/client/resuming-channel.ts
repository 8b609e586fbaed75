/** Keeps a client's session alive when its connection breaks: brings it another one (HUB_PROTOCOL §9, "Resume"), and says when that is over. */
import { abortError, AbortScope, bounded, sleep, type Abortable } from "../common/abort-scope.js";
import { Deferred } from "../common/deferred.js";
import { ConnectionError } from "../errors/connection-errors.js";
import { AbortError, HttpError } from "../errors/http-errors.js";
import { messageOf } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import { TransferFormat } from "../protocol/messages.js";
import type { Connection } from "../session/connection.js";
import type { ChannelReceiver } from "../session/message-channel.js";
import { ResumableChannel } from "../session/resumable-channel.js";
import type { SessionOptions } from "../session/session-options.js";
import { HeldEvents } from "../transports/held-events.js";
import type { Resumption } from "./opened-connection.js";

/** What ASP.NET Core takes in one piece, in bytes, with something to spare for the frame. */
const WHOLE_SIZE = 4_000;

/** Behind the first attempt, which does not wait. */
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4_000;

/** More than the 5 s that ASP.NET Core needs to part with a connection that it still believes in (HUB_PROTOCOL §9, resume 8). */
const ATTEMPT_TIMEOUT_MS = 7_000;

/** Such a server then closes the first new connection, too, as soon as it has received something. */
const TRIAL_MS = 1_000;

/** How a session is resumed. */
export interface ResumingOptions {
  /** What may be sent and not yet acknowledged before writers have to wait. */
  readonly bufferSize: number;
  /** Milliseconds for all attempts after one break. */
  readonly timeoutMs: number;
  readonly resumption: Resumption;
  /** Called when it goes on. @param reason Why the connection broke. */
  readonly onResumed: (reason: Error) => void;
}

/** A client's channel: finds its way back after each break, by several attempts within a window, or ends the session. */
export class ResumingChannel extends ResumableChannel {
  readonly #session: SessionOptions;
  readonly #options: ResumingOptions;
  /** Fires when the session is over. */
  readonly #over = new AbortScope();
  #isResuming = false;
  #attempt: AbortScope | undefined;

  constructor(session: SessionOptions, receiver: ChannelReceiver, options: ResumingOptions) {
    super(session, receiver, options.bufferSize, options.resumption.isExact);
    this.#session = session;
    this.#options = options;
    this.proceed(); // a server is ready
  }

  /** The session is over. */
  override end(reason: () => Error): void {
    this.#over.abort(new AbortError());
    super.end(reason);
  }

  // The session has lost its connection, or the one that it just got.
  protected override onDetached(error: Error): boolean {
    if (this.#mayBeTorn()) return false;
    if (this.#isResuming) this.#attempt?.abort(lost(error.message, error));
    else void this.#resume(error);
    return true;
  }

  /** Whether a server that would not notice may have half of a message and join it to what follows (HUB_PROTOCOL §1); in text it notices. */
  #mayBeTorn(): boolean {
    if (this.#options.resumption.isExact || this.protocol.transferFormat === TransferFormat.Text) return false;
    return this.sent.size > WHOLE_SIZE;
  }

  async #resume(reason: Error): Promise<void> {
    const { clock, log } = this.#session;
    const write = (text: string, thrown: unknown) => log.write(LogLevel.Information, () => text + messageOf(thrown));
    write("The connection broke: ", reason);
    const deadline = clock.now() + this.#options.timeoutMs;
    this.#isResuming = true;
    for (let delayMs = 0; ;) {
      try {
        if (delayMs) await sleep(clock, delayMs, this.#over);
        const timeoutMs = Math.min(deadline - clock.now(), ATTEMPT_TIMEOUT_MS) || 1; // 0 would be for ever
        return await this.#try(reason, timeoutMs);
      } catch (thrown) {
        if (this.#over.aborted) return;
        this.detach();
        delayMs = Math.min(2 * delayMs || FIRST_DELAY_MS, LONGEST_DELAY_MS);
        const isOver = isFinal(thrown) || clock.now() + delayMs >= deadline;
        write(isOver ? "Not resumed: " : "Not resumed yet: ", thrown);
        if (isOver) return this.receiver.fail(reason);
      }
    }
  }

  async #try(reason: Error, timeoutMs: number): Promise<void> {
    const { clock, log } = this.#session;
    const { resumption, onResumed } = this.#options;
    const signal = (this.#attempt = new AbortScope(clock, this.#over));
    try {
      const connection = await bounded((giveUp) => this.#connect(giveUp), clock, signal, timeoutMs);
      if (!resumption.isExact) await sleep(clock, TRIAL_MS, signal);
      if (signal.aborted) throw abortError(signal);
      connection.listener = this;
      this.#isResuming = false; // from this very moment on a break is a new one
      log.write(LogLevel.Information, "The connection was resumed.");
      onResumed(reason);
    } finally {
      signal.dispose();
    }
  }

  /** Makes a connection the session's, and waits until the peer shows that it goes on there. */
  async #connect(signal: Abortable): Promise<Connection> {
    const held = new HeldEvents();
    const connection = await this.#options.resumption.reopen(held, signal);
    if (signal.aborted) {
      connection.terminate?.(); // it opened in the very turn in which it was given up
      throw abortError(signal);
    }
    const answered = new Deferred<Connection>();
    this.attach(connection, () => answered.resolve(connection));
    held.handOver(connection, {
      onData: (chunk) => this.onData(chunk),
      // A server that wants to end the session has another word for it: this was about one connection.
      onClosed: (error) => this.onClosed(error ?? lost("Closed at once.")),
    });
    return answered.promise;
  }
}

function lost(message: string, cause?: Error): ConnectionError {
  return new ConnectionError("connection-lost", message, { cause });
}

/** Whether asking again is pointless: the server does not know the connection any more, or does not let us in. */
function isFinal(thrown: unknown): boolean {
  return thrown instanceof HttpError && thrown.statusCode <= 404;
}

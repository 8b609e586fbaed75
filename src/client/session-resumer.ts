/** Keeps a client's session alive when its connection breaks: starts the attempts to resume it, and says when that is over. */
import type { Clock } from "../common/clock.js";
import { messageOf } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import { TransferFormat } from "../protocol/messages.js";
import type { MessageChannel } from "../session/message-channel.js";
import { ResumeLoop } from "./resume-loop.js";
import type { Resumption } from "./transport-selector.js";

/** What ASP.NET Core takes in one piece, in bytes, with something to spare for the frame. */
const WHOLE_SIZE = 4_000;

/** What a resumer works with. */
export interface ResumerOptions {
  readonly channel: MessageChannel;
  readonly resumption: Resumption;
  readonly transferFormat: TransferFormat;
  readonly clock: Clock;
  readonly log: Log;
  /** Called in the very moment from which on a break is a new one. @param reason Why the connection broke. */
  readonly onResumed: (reason: Error) => void;
  /** Called when the session has to end. @param reason Why the connection broke. */
  readonly onLost: (reason: Error) => void;
}

/** The breaks of one session. */
export class SessionResumer {
  readonly #options: ResumerOptions;
  readonly #timeoutMs: number;
  #loop: ResumeLoop | undefined;
  #isOver = false;

  /** @param timeoutMs Milliseconds for all attempts after one break. */
  constructor(options: ResumerOptions, timeoutMs: number) {
    this.#options = options;
    this.#timeoutMs = timeoutMs;
  }

  /** The session has lost its connection. @returns whether it will get another one. */
  onDetached(error: Error): boolean {
    if (this.#mayBeTorn()) return false;
    if (this.#loop) this.#loop.onDetached(error);
    else void this.#resume(error);
    return true;
  }

  /** The session is over. */
  stop(): void {
    this.#isOver = true;
    this.#loop?.stop();
  }

  /** Whether a server that would not notice may have half of a message and join it to what follows (HUB_PROTOCOL §1); in text it notices. */
  #mayBeTorn(): boolean {
    const { channel, resumption, transferFormat } = this.#options;
    if (resumption.isExact || transferFormat === TransferFormat.Text) return false;
    return (channel.continuity?.sent.size ?? 0) > WHOLE_SIZE;
  }

  async #resume(reason: Error): Promise<void> {
    const { log, onLost } = this.#options;
    log.write(LogLevel.Information, () => `The connection broke: ${reason.message}`);
    const onResumed = () => {
      this.#loop = undefined;
      log.write(LogLevel.Information, "The connection was resumed.");
      this.#options.onResumed(reason);
    };
    this.#loop = new ResumeLoop({ ...this.#options, timeoutMs: this.#timeoutMs, onResumed });
    try {
      await this.#loop.run();
    } catch (thrown) {
      if (this.#isOver) return;
      log.write(LogLevel.Information, () => `Not resumed: ${messageOf(thrown)}`);
      onLost(reason);
    }
  }
}

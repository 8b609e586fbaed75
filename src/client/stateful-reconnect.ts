/** Stateful reconnect as a part of a connection: an application that does not ask for it does not carry it. */
import { positive } from "./options.js";
import type { CreateChannel } from "../session/message-channel.js";
import type { Resumption } from "./opened-connection.js";
import { ResumingChannel } from "./resuming-channel.js";

/** Options of stateful reconnect; all optional. */
export interface StatefulReconnectOptions {
  /**
   * How much may be sent and not yet acknowledged by the server, in UTF-16 units or bytes, before `send()` and uploads wait.
   * Default: 100,000.
   */
  bufferSize?: number;
  /**
   * Milliseconds in which a broken connection is tried to be resumed, before it counts as lost. Default: 15,000, as long as
   * ASP.NET Core remembers it.
   */
  resumeTimeout?: number;
}

/** The part of a connection that resumes it. Made by {@link statefulReconnect}. */
export class StatefulReconnect {
  /** Whether the server is asked for it; the user's URL may ask as well. */
  readonly isWanted: boolean;
  readonly #bufferSize: number;
  readonly #timeoutMs: number;

  /** @throws InvalidArgumentError that names the option. */
  constructor(isWanted: boolean, { bufferSize = 100_000, resumeTimeout = 15_000 }: StatefulReconnectOptions = {}) {
    this.isWanted = isWanted;
    this.#bufferSize = positive("bufferSize", bufferSize);
    this.#timeoutMs = positive("resumeTimeout", resumeTimeout);
  }

  /** What makes the channel of a session that can be resumed. @param onResumed Called after each break that was; with its reason. */
  channel(resumption: Resumption, onResumed: (reason: Error) => void): CreateChannel {
    const options = { bufferSize: this.#bufferSize, timeoutMs: this.#timeoutMs, resumption, onResumed };
    return (...session) => new ResumingChannel(...session, options);
  }
}

/**
 * Makes the part that resumes a broken connection without losing anything, where the server allows it; needs WebSockets and a negotiation.
 * @throws InvalidArgumentError for a wrong option.
 */
export function statefulReconnect(options?: StatefulReconnectOptions): StatefulReconnect {
  return new StatefulReconnect(true, options ?? {});
}

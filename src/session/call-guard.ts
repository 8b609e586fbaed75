/** Gives a call up when its signal fires or its time is over; stands between the session and the call, for calls that have such limits only. */
import { abortError, onAbort } from "../common/abort-scope.js";
import type { Clock, TimerHandle } from "../common/clock.js";
import { TimeoutError } from "../errors/http-errors.js";
import type { CompletionMessage } from "../protocol/messages.js";
import type { Answerable, Receiver } from "./invocation-table.js";

/** What may end a call early. */
export interface CallLimits {
  readonly clock: Clock;
  /** Gives the call up. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the peer must have said something: the answer, or the first item of a stream. */
  readonly timeout?: number | undefined;
}

/** Passes on what the peer says, and lets go of signal and timer as soon as they mean nothing any more. */
export class CallGuard implements Answerable {
  id = "";
  readonly #call: Receiver;
  readonly #limits: CallLimits;
  #timer: TimerHandle;
  #giveUp: ((error: Error) => void) | undefined;
  #releaseSignal: (() => void) | undefined;
  #isOver = false;

  constructor(call: Receiver, limits: CallLimits) {
    this.#call = call;
    this.#limits = limits;
  }

  /** The call was sent. @param giveUp Ends it; called once at most. */
  watch(giveUp: (error: Error) => void): void {
    if (this.#isOver) return; // what it uploads has ended the connection
    const { clock, signal, timeout } = this.#limits;
    this.#giveUp = giveUp;
    if (timeout) this.#timer = clock.setTimeout(() => this.#end(callTimeout(timeout)), timeout);
    // It may have fired while the arguments were encoded.
    if (signal) this.#releaseSignal = onAbort(signal, () => this.#end(abortError(signal)));
    if (this.#isOver) this.release();
  }

  /** The call is over. */
  readonly release = (): void => {
    this.#isOver = true;
    this.#stopTimer();
    this.#releaseSignal?.();
    this.#releaseSignal = undefined;
  };

  onItem(item: unknown): void {
    this.#stopTimer();
    this.#call.onItem(item);
  }

  onCompletion(message: CompletionMessage): void {
    this.release();
    this.#call.onCompletion(message);
  }

  onFailed(error: Error): void {
    this.release();
    this.#call.onFailed(error);
  }

  #end(error: Error): void {
    if (this.#isOver) return;
    this.release();
    this.#giveUp?.(error);
  }

  #stopTimer(): void {
    this.#limits.clock.clearTimeout(this.#timer);
  }
}

/** The error of a call that took too long. */
export function callTimeout(timeout: number | undefined): TimeoutError {
  return new TimeoutError(`The call was not answered within ${timeout} ms.`, "call-timeout");
}

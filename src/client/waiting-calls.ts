/** Calls that wait for the connection instead of failing: a part of connections whose applications ask for it. */
import { abortError, AbortScope, onAbort, type Abortable } from "../common/abort-scope.js";
import type { Clock } from "../common/clock.js";
import { LimitError } from "../errors/call-errors.js";
import { AbortError, TimeoutError } from "../errors/http-errors.js";
import { toError } from "../errors/to-error.js";
import { MessageType } from "../protocol/messages.js";
import { callTimeout } from "../session/call-guard.js";
import type { HubSession } from "../session/hub-session.js";
import type { ResultStream, StreamResult } from "../session/result-stream.js";
import { lossOf } from "../session/session-end.js";
import type { Subscription } from "../session/subject.js";
import type { ResolvedCallOptions } from "./call-options.js";
import { positive } from "./options.js";
import { OutgoingCalls, type CallsPart } from "./outgoing-calls.js";
import type { CallHost } from "./plain-calls.js";
import { HubConnectionState } from "./states.js";

/** Bounds of calls that wait; all optional. */
export interface WaitingCallsOptions {
  /** How many calls may wait. One more fails at once with `LimitError`. Default: 100. */
  maximumCalls?: number;
  /** Milliseconds that a call waits before it fails with `TimeoutError` (`waiting-timeout`). Default: 30,000. */
  timeout?: number;
}

/** Makes a call as soon as there is a connection; its options have what is left of its time. */
type Make<Result> = (hub: HubSession, options: ResolvedCallOptions | undefined) => Result;

/** The calls of one connection that wait for it, in their order. */
export class WaitingCalls {
  readonly #clock: Clock;
  readonly #maximumCalls: number;
  readonly #timeoutMs: number;
  /** What makes them, by what gives them up. */
  readonly #entries = new Map<AbortScope, (hub: HubSession) => void>();
  #isOpen = false;

  constructor(host: CallHost, maximumCalls: number, timeoutMs: number) {
    this.#clock = host.options.clock;
    this.#maximumCalls = maximumCalls;
    this.#timeoutMs = timeoutMs;
    host.add("ready", (hub) => {
      const calls = [...this.#entries.values()];
      this.#entries.clear();
      for (const make of calls) make(hub);
    });
    host.add("changed", ({ current, reason }) => {
      this.#isOpen = current === HubConnectionState.Connecting || current === HubConnectionState.Reconnecting;
      if (this.#isOpen || current === HubConnectionState.Connected) return;
      for (const scope of [...this.#entries.keys()]) scope.abort(lossOf(reason));
    });
  }

  /** Whether there is a connection to wait for. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Lets a call wait.
   * @throws ConnectionError when the connection is given up; LimitError, TimeoutError, the signal's error.
   */
  wait<T>(
    make: Make<T | PromiseLike<T>>,
    options?: ResolvedCallOptions,
    signal: Abortable | undefined = options?.signal,
  ): Promise<T> {
    const clock = this.#clock;
    const ownMs = this.#timeoutMs;
    const timeoutMs = options?.timeout ?? Infinity;
    const since = clock.now();
    return new Promise((resolve, reject) => {
      if (this.#entries.size >= this.#maximumCalls) {
        throw new LimitError("maximumCalls", `${this.#maximumCalls} calls wait for the connection already.`);
      }
      const scope = new AbortScope(clock, signal, Math.min(ownMs, timeoutMs), () =>
        timeoutMs <= ownMs
          ? callTimeout(timeoutMs)
          : new TimeoutError(`Not connected within ${ownMs} ms.`, "waiting-timeout"),
      );
      this.#entries.set(scope, (hub) => {
        scope.dispose();
        const timeout = options?.timeout && Math.max(1, timeoutMs - (clock.now() - since));
        try {
          resolve(make(hub, options && { ...options, timeout }));
        } catch (thrown) {
          reject(toError(thrown));
        }
      });
      onAbort(scope, () => {
        this.#entries.delete(scope);
        scope.dispose();
        reject(abortError(scope));
      });
    });
  }

  /** The same for a call that answers with a stream. @param receive Makes what its readers get. */
  stream(
    make: Make<StreamResult<unknown>>,
    receive: (cancel: () => void) => ResultStream,
    options?: ResolvedCallOptions,
  ): ResultStream {
    const scope = new AbortScope(this.#clock, options?.signal);
    let running: Subscription | undefined;
    const result = receive(() => (running ? running.dispose() : scope.abort(new AbortError())));
    const begin: Make<void> = (...call) => {
      running = make(...call).subscribe({
        next: (item) => result.onItem(item),
        complete: () => result.onCompletion({ type: MessageType.Completion, invocationId: "" }),
        error: (error: Error) => (options?.signal?.aborted ? result.abort(error) : result.onFailed(error)),
      });
    };
    void this.wait(begin, options, scope)
      .catch((error: Error) => result.onFailed(error))
      .finally(() => scope.dispose());
    return result;
  }
}

/**
 * Makes the part that lets calls wait while the connection is Connecting or Reconnecting; they may have options and interceptors, too.
 * @throws InvalidArgumentError for a wrong option.
 */
export function waitingCalls(options?: WaitingCallsOptions): CallsPart {
  const { maximumCalls = 100, timeout = 30_000 } = options ?? {};
  positive("maximumCalls", maximumCalls);
  positive("timeout", timeout);
  return (host) => new OutgoingCalls(host, new WaitingCalls(host, maximumCalls, timeout));
}

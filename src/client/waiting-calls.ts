/** Calls that wait for the connection instead of failing: a part of connections whose applications ask for it. */
import { abortError, AbortScope, onAbort, type Abortable } from "../common/abort-scope.js";
import { LimitError } from "../errors/call-errors.js";
import { AbortError, TimeoutError } from "../errors/http-errors.js";
import { toError } from "../errors/to-error.js";
import { MessageType } from "../protocol/messages.js";
import type { HubSession } from "../session/hub-session.js";
import type { ResultStream, StreamResult } from "../session/result-stream.js";
import { lossOf } from "../session/session-end.js";
import type { Subscription } from "../session/subject.js";
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

/** Bounds of a single call. */
export interface WaitingLimits {
  readonly signal?: Abortable | undefined;
  /** Milliseconds for the whole call, and the error when they are over. */
  readonly timeoutMs?: number | undefined;
  readonly timeoutError?: () => TimeoutError;
}

/** A call that waits. */
interface Entry {
  readonly scope: AbortScope;
  readonly go: (hub: HubSession) => void;
}

/** The calls of one connection that wait for it, in their order. */
export class WaitingCalls {
  readonly #host: CallHost;
  readonly #maximumCalls: number;
  readonly #timeoutMs: number;
  readonly #entries = new Set<Entry>();
  #isOpen = false;

  constructor(host: CallHost, maximumCalls: number, timeoutMs: number) {
    this.#host = host;
    this.#maximumCalls = maximumCalls;
    this.#timeoutMs = timeoutMs;
    host.add("ready", (session) => this.#release(session));
    host.add("changed", ({ current, reason }) => {
      this.#isOpen = current === HubConnectionState.Connecting || current === HubConnectionState.Reconnecting;
      if (current === HubConnectionState.Disconnected || current === HubConnectionState.Disconnecting)
        this.#reject(reason);
    });
  }

  /** Whether there is a connection to wait for. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Makes a call as soon as there is a connection.
   * @param call Makes it; gets what is left of its time.
   * @throws ConnectionError when the connection is given up; LimitError, TimeoutError, the signal's error.
   */
  wait<T>(call: (hub: HubSession, leftMs: number) => T | PromiseLike<T>, limits: WaitingLimits = {}): Promise<T> {
    const { clock } = this.#host.options;
    const { signal, timeoutMs = Infinity, timeoutError } = limits;
    const since = clock.now();
    return new Promise((resolve, reject) => {
      if (this.#entries.size >= this.#maximumCalls) {
        throw new LimitError("maximumCalls", `${this.#maximumCalls} calls wait for the connection already.`);
      }
      const ownMs = this.#timeoutMs;
      const scope = new AbortScope(clock, signal, Math.min(ownMs, timeoutMs), () =>
        timeoutError && timeoutMs <= ownMs
          ? timeoutError()
          : new TimeoutError(`Not connected within ${ownMs} ms.`, "waiting-timeout"),
      );
      const go = (hub: HubSession): void => {
        try {
          resolve(call(hub, timeoutMs - (clock.now() - since)));
        } catch (thrown) {
          reject(toError(thrown));
        }
      };
      const entry = { scope, go };
      this.#entries.add(entry);
      onAbort(scope, () => {
        this.#entries.delete(entry);
        scope.dispose();
        reject(abortError(scope));
      });
    });
  }

  /** The same for a call that answers with a stream. @param stream Makes what its readers get. */
  stream(
    call: (hub: HubSession, leftMs: number) => StreamResult<unknown>,
    stream: (cancel: () => void) => ResultStream,
    limits?: WaitingLimits,
  ): ResultStream {
    const scope = new AbortScope(this.#host.options.clock, limits?.signal);
    let running: Subscription | undefined;
    const result = stream(() => (running ? running.dispose() : scope.abort(new AbortError())));
    const begin = (hub: HubSession, leftMs: number): void => {
      running = call(hub, leftMs).subscribe({
        next: (item) => result.onItem(item),
        complete: () => result.onCompletion({ type: MessageType.Completion, invocationId: "" }),
        error: (error: Error) => (limits?.signal?.aborted ? result.abort(error) : result.onFailed(error)),
      });
    };
    void this.wait(begin, { ...limits, signal: scope })
      .catch((thrown: unknown) => result.onFailed(toError(thrown)))
      .finally(() => scope.dispose());
    return result;
  }

  #release(hub: HubSession): void {
    const entries = [...this.#entries];
    this.#entries.clear();
    for (const { scope, go } of entries) {
      scope.dispose();
      go(hub);
    }
  }

  #reject(reason: Error | undefined): void {
    for (const { scope } of [...this.#entries]) scope.abort(lossOf(reason));
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

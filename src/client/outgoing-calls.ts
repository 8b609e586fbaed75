/** Calls with all that can be said about them: options, interceptors around them, waiting for a connection. A part of connections that use it. */
import { abortError, bounded, withAbort } from "../common/abort-scope.js";
import { requireName } from "../common/require-argument.js";
import { around, type Around } from "../common/around.js";
import type { Emitter } from "../common/emitter.js";
import { InvalidArgumentError, partIsMissing } from "../errors/call-errors.js";
import { toError } from "../errors/to-error.js";
import { callTimeout } from "../session/call-guard.js";
import type { HubSession } from "../session/hub-session.js";
import { invokeWithin, streamWithin } from "../session/limited-calls.js";
import { WRITTEN } from "../session/message-writer.js";
import type { ResultStream, StreamResult } from "../session/result-stream.js";
import type { StreamsPart } from "../session/streams.js";
import { checkHeaders, resolveCallOptions, type CallOptions, type ResolvedCallOptions } from "./call-options.js";
import type { LifecycleEvents } from "./connection-lifecycle.js";
import { Interceptors, type InterceptedCall, type InterceptedConnection } from "./interceptors.js";
import { notConnected, type Calls, type ConnectionCalls, type SessionSource } from "./plain-calls.js";
import type { WaitingCalls, WaitingLimits } from "./waiting-calls.js";

/** What calls need of their connection. */
export interface CallHost extends Pick<ResolvedCallOptions, "clock" | "log"> {
  readonly connection: InterceptedConnection;
  /** Carries streams, if the connection has any. */
  readonly streams: StreamsPart | undefined;
  /** Has the session, and tells of changes. */
  readonly lifecycle: SessionSource & { readonly events: Pick<Emitter<LifecycleEvents>, "add"> };
}

/** The part of a connection that gives its calls options and interceptors. */
export type CallsPart = (host: CallHost) => ConnectionCalls;

/** Calls that may have options and interceptors, and may wait. */
export class OutgoingCalls implements ConnectionCalls {
  #interceptors: Interceptors | undefined; // there once the application has asked for them
  readonly #host: CallHost;
  readonly #waiting: WaitingCalls | undefined;
  readonly #lifecycle: SessionSource;

  /** @param waiting Where calls wait while there is no session, if they are to. */
  constructor(host: CallHost, waiting?: WaitingCalls) {
    this.#waiting = waiting;
    this.#host = host;
    this.#lifecycle = host.lifecycle;
  }

  /** See {@link ConnectionCalls}. */
  within(given: CallOptions): Calls {
    const options = resolveCallOptions(given, this.#host.clock, this.#host.log);
    return {
      invoke: (method, args) => this.invoke(method, args, options),
      send: (method, args) => this.send(method, args, options),
      stream: (method, args) => this.stream(method, args, options),
    };
  }

  /** See {@link ConnectionCalls}. */
  intercepted(): Interceptors {
    return (this.#interceptors ??= new Interceptors(this.#host));
  }

  /** Calls a method without waiting for an answer. */
  send(method: string, args: unknown[], options?: ResolvedCallOptions): Promise<void> {
    // The way of nearly all calls, and of those that are made thousands at a time: short enough to be compiled into one piece.
    if (options === undefined && this.#interceptors === undefined) {
      try {
        const session = this.#lifecycle.session?.hub;
        if (session !== undefined && method && typeof method === "string") return session.send(method, args);
      } catch (thrown) {
        return Promise.reject(toError(thrown));
      }
    }
    const layers = this.#interceptors?.send;
    if (layers?.length) return this.#intercept(layers, (...call) => this.#send(...call), method, args, options);
    return this.#send(method, args, options);
  }

  /** Calls a method and waits for its result. */
  invoke(method: string, args: unknown[], options?: ResolvedCallOptions): Promise<unknown> {
    const layers = this.#interceptors?.invoke;
    if (layers?.length) return this.#intercept(layers, (...call) => this.#invoke(...call), method, args, options);
    return this.#invoke(method, args, options);
  }

  /** Calls a streaming method. */
  stream(method: string, args: unknown[], options?: ResolvedCallOptions): StreamResult<unknown> {
    const { log, streams = partIsMissing("streams") } = this.#host;
    const layers = this.#interceptors?.stream;
    try {
      if (!layers?.length) return this.#stream(streams, method, args, options);
      return this.#around(layers, (...call) => this.#stream(streams, ...call), method, args, options);
    } catch (thrown) {
      return streams.fail(log, thrown);
    }
  }

  #send(method: string, args: unknown[], options?: ResolvedCallOptions): Promise<void> {
    try {
      const session = this.#session(method, args, options);
      return "wait" in session
        ? session.wait((hub, leftMs) => sendOver(hub, method, args, within(options, leftMs)), limitsOf(options))
        : sendOver(session, method, args, options);
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  }

  #invoke(method: string, args: unknown[], options?: ResolvedCallOptions): Promise<unknown> {
    try {
      const session = this.#session(method, args, options);
      return "wait" in session
        ? session.wait((hub, leftMs) => invokeOver(hub, method, args, within(options, leftMs)), limitsOf(options))
        : invokeOver(session, method, args, options);
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  }

  #stream(
    streams: StreamsPart,
    method: string,
    args: unknown[],
    options: ResolvedCallOptions | undefined,
  ): StreamResult<unknown> {
    const start = (hub: HubSession, its: ResolvedCallOptions | undefined): ResultStream =>
      its === undefined ? hub.stream(method, args) : streamWithin(hub, streams, method, args, its);
    try {
      const session = this.#session(method, args, options);
      if (!("wait" in session)) return start(session, options);
      return session.stream(
        (hub, leftMs) => start(hub, within(options, leftMs)),
        (cancel) => streams.receive(this.#host.log, cancel, options),
        limitsOf(options),
      );
    } catch (thrown) {
      return streams.fail(this.#host.log, thrown);
    }
  }

  // Asynchronous, so that it never throws. Whoever gives a call up waits for no interceptor.
  async #intercept<T>(...call: InterceptedStart<Promise<T>>): Promise<T> {
    const signal = call[4]?.signal;
    const result = this.#around(...call);
    return signal ? withAbort(result, signal) : result;
  }

  #around<Result>(...[layers, start, method, args, options]: InterceptedStart<Result>): Result {
    throwIfAborted(options);
    const { connection, clock, log } = this.#host;
    const last = (call: InterceptedCall): Result => {
      const headers = Object.keys(call.headers ?? {}).length > 0 ? call.headers : undefined;
      return start(call.method, call.args, { clock, log, ...options, headers });
    };
    const { headers, signal } = options ?? {};
    return around(layers, last)({ method, args, headers: { ...headers }, connection, signal });
  }

  #session(method: string, args: unknown[], options: ResolvedCallOptions | undefined): HubSession | WaitingCalls {
    if (options !== undefined) {
      throwIfAborted(options);
      if (options.headers) checkHeaders(options.headers);
      if (!Array.isArray(args)) throw new InvalidArgumentError("The arguments of a call must be an array.");
    }
    const waiting = this.#waiting?.isOpen ? this.#waiting : undefined;
    const session = this.#lifecycle.session?.hub ?? waiting;
    if (session === undefined) throw notConnected();
    requireName(method, "methodName");
    return session;
  }
}

/** What {@link OutgoingCalls} puts interceptors around. */
type InterceptedStart<Result> = [
  layers: readonly Around<InterceptedCall, Result>[],
  start: (method: string, args: unknown[], options: ResolvedCallOptions) => Result,
  method: string,
  args: unknown[],
  options: ResolvedCallOptions | undefined,
];

function sendOver(
  session: HubSession,
  method: string,
  args: unknown[],
  options: ResolvedCallOptions | undefined,
): Promise<void> {
  if (options === undefined) return session.send(method, args);
  const { clock, signal, timeout, headers } = options;
  const sent = session.send(method, args, headers, signal);
  if (sent === WRITTEN) return sent;
  return bounded(
    () => sent,
    clock,
    signal,
    timeout,
    () => callTimeout(timeout),
  );
}

function invokeOver(
  session: HubSession,
  method: string,
  args: unknown[],
  options: ResolvedCallOptions | undefined,
): Promise<unknown> {
  return options === undefined ? session.invoke(method, args).promise : invokeWithin(session, method, args, options);
}

/** The bounds of a call that waits. */
function limitsOf(options: ResolvedCallOptions | undefined): WaitingLimits | undefined {
  const { signal, timeout } = options ?? {};
  return options && { signal, timeoutMs: timeout, timeoutError: () => callTimeout(timeout) };
}

/** What is left of the options of a call that has waited. */
function within(options: ResolvedCallOptions | undefined, leftMs: number): ResolvedCallOptions | undefined {
  return options?.timeout ? { ...options, timeout: Math.max(1, leftMs) } : options;
}

function throwIfAborted(options: ResolvedCallOptions | undefined): void {
  if (options?.signal?.aborted) throw abortError(options.signal);
}

/** Lets calls have options (`connection.with`) and interceptors (`connection.use`). */
export const configurableCalls: CallsPart = (host) => new OutgoingCalls(host);

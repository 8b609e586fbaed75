/** Calls with all that can be said about them: options, interceptors around them, waiting for a connection. A part of connections that use it. */
import { abortError, bounded, withAbort } from "../common/abort-scope.js";
import type { Around } from "../common/around.js";
import type { Disposer } from "../common/disposer.js";
import { InvalidArgumentError, partIsMissing } from "../errors/call-errors.js";
import { toError } from "../errors/to-error.js";
import type { Log } from "../logging/logger.js";
import { callTimeout } from "../session/call-guard.js";
import type { HubSession } from "../session/hub-session.js";
import { invokeWithin, streamWithin } from "../session/limited-calls.js";
import { WRITTEN } from "../session/message-writer.js";
import type { StreamResult } from "../session/result-stream.js";
import type { StreamsPart } from "../session/streams.js";
import { checkHeaders, resolveCallOptions, type CallOptions, type ResolvedCallOptions } from "./call-options.js";
import type { HubCalls } from "./hub-connection.js";
import { Interceptors, type HubInterceptor, type InterceptedCall } from "./interceptors.js";
import { PlainCalls, sessionFor, type CallHost, type ConnectionCalls } from "./plain-calls.js";
import type { WaitingCalls } from "./waiting-calls.js";

/** The part of a connection that gives its calls options and interceptors. */
export type CallsPart = (host: CallHost) => ConnectionCalls;

type Layer<Result> = Around<InterceptedCall, Result>;

/** Makes a call. */
type Make<Result> = (session: HubSession, options: ResolvedCallOptions | undefined) => Result;

/** What the three kinds of calls do not have in common. */
interface Kind<Result> {
  readonly name: "invoke" | "send" | "stream";
  /** Makes a call. */
  make(session: HubSession, method: string, args: unknown[], options?: ResolvedCallOptions): Result;
  /** Makes it as soon as there is a connection. */
  wait(waiting: WaitingCalls, make: Make<Result>, options?: ResolvedCallOptions): Result;
  /** The outcome of a call that cannot be made. */
  fail(thrown: unknown): Result;
  /** What an interceptor puts around such calls: it throws nothing at those around it, and gives them what calls give. */
  layer(its: HubInterceptor): Layer<Result> | undefined;
  /** Lets nobody wait for interceptors behind the end of the signal. */
  within(result: Result, signal: AbortSignal): Result;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- which hub it is, only the connection's type says */

/** Calls that may have options and interceptors, and may wait. Those without any of that are plain ones. */
export class OutgoingCalls extends PlainCalls {
  #interceptors: Interceptors | undefined; // there once the application has asked for them
  readonly #waiting: WaitingCalls | undefined;

  /** @param waiting Where calls wait while there is no session, if they are to. */
  constructor(host: CallHost, waiting?: WaitingCalls) {
    super(host);
    this.#waiting = waiting;
  }

  /** Calls a method without waiting for an answer. */
  override send(method: string, args: unknown[], options?: ResolvedCallOptions): Promise<void> {
    return this.#isPlain(options) ? super.send(method, args) : this.#call(SEND, method, args, options);
  }

  /** Calls a method and waits for its result. */
  override invoke(method: string, args: unknown[], options?: ResolvedCallOptions): Promise<unknown> {
    return this.#isPlain(options) ? super.invoke(method, args) : this.#call(INVOKE, method, args, options);
  }

  /** Calls a streaming method. */
  override stream(method: string, args: unknown[], options?: ResolvedCallOptions): StreamResult<unknown> {
    if (this.#isPlain(options)) return super.stream(method, args);
    const { log, streams = partIsMissing("streams") } = this.host.options;
    return this.#call(streamed(streams, log), method, args, options);
  }

  /** Gives the same calls with options. */
  override with(options: CallOptions): HubCalls<any> {
    const { clock, log } = this.host.options;
    const checked = resolveCallOptions(options, clock, log);
    return {
      invoke: (method: string, ...args: unknown[]): Promise<any> => this.invoke(method, args, checked),
      send: (method: string, ...args: unknown[]) => this.send(method, args, checked),
      stream: (method: string, ...args: unknown[]): StreamResult<any> => this.stream(method, args, checked),
    };
  }

  /** Puts functions around calls and handlers. */
  override use(interceptor: HubInterceptor): Disposer {
    this.#interceptors ??= new Interceptors(this.host.options.log);
    this.host.handlers.interceptors = this.#interceptors;
    return this.#interceptors.add(interceptor);
  }

  #isPlain(options: ResolvedCallOptions | undefined): boolean {
    return options === undefined && this.#interceptors === undefined && this.host.session !== undefined;
  }

  #call<Result>(kind: Kind<Result>, method: string, args: unknown[], options?: ResolvedCallOptions): Result {
    const interceptors = this.#interceptors;
    if (!interceptors?.has(kind.name)) return this.#start(kind, method, args, options);
    const { connection } = this.host;
    const { clock, log } = this.host.options;
    const last = (call: InterceptedCall): Result => {
      const headers = Object.keys(call.headers ?? {}).length > 0 ? call.headers : undefined;
      return this.#start(kind, call.method, call.args, { clock, log, ...options, headers });
    };
    try {
      throwIfAborted(options);
      const { headers, signal } = options ?? {};
      const around = interceptors.around((its) => kind.layer(its), last);
      const result = around({ method, args, headers: { ...headers }, connection, signal });
      return signal ? kind.within(result, signal) : result;
    } catch (thrown) {
      return kind.fail(thrown);
    }
  }

  #start<Result>(kind: Kind<Result>, method: string, args: unknown[], options?: ResolvedCallOptions): Result {
    try {
      if (options !== undefined) {
        throwIfAborted(options);
        if (options.headers) checkHeaders(options.headers);
        if (!Array.isArray(args)) throw new InvalidArgumentError("The arguments of a call must be an array.");
      }
      const waiting = this.#waiting?.isOpen ? this.#waiting : undefined;
      const taker = sessionFor(this.host.session ?? waiting, method);
      if (!("wait" in taker)) return kind.make(taker, method, args, options);
      return kind.wait(taker, (hub, its) => kind.make(hub, method, args, its), options);
    } catch (thrown) {
      return kind.fail(thrown);
    }
  }
}

function promised<T>(
  name: "invoke" | "send",
  make: Kind<Promise<T>>["make"],
  layer: Kind<Promise<T>>["layer"],
): Kind<Promise<T>> {
  return {
    name,
    make,
    wait: (waiting, later, options) => waiting.wait(later, options),
    fail: (thrown) => Promise.reject(toError(thrown)),
    layer,
    within: withAbort,
  };
}

const INVOKE = /* @__PURE__ */ promised(
  "invoke",
  invokeOver,
  (its) => its.invoke && (async (...call) => its.invoke?.(...call)),
);

const SEND = /* @__PURE__ */ promised("send", sendOver, (its) => its.send && (async (...call) => its.send?.(...call)));

function streamed(streams: StreamsPart, log: Log): Kind<StreamResult<unknown>> {
  const fail = (thrown: unknown) => streams.fail(log, thrown);
  const streamOf = (start: () => StreamResult<unknown> | undefined) => {
    try {
      const stream = start();
      if (typeof stream?.subscribe === "function") return stream;
      throw new InvalidArgumentError("An interceptor of streams must return a stream.");
    } catch (thrown) {
      return fail(thrown);
    }
  };
  return {
    name: "stream",
    make: (hub, method, args, options) =>
      options === undefined ? streams.call(hub, log, method, args) : streamWithin(hub, streams, method, args, options),
    wait: (waiting, later, options) =>
      waiting.stream(later, (cancel) => streams.receive(log, cancel, options), options),
    fail,
    layer: (its) => its.stream && ((...call) => streamOf(() => its.stream?.(...call))),
    within: (stream) => stream,
  };
}

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

function throwIfAborted(options: ResolvedCallOptions | undefined): void {
  if (options?.signal?.aborted) throw abortError(options.signal);
}

/** Lets calls have options (`connection.with`) and interceptors (`connection.use`). */
export const configurableCalls: CallsPart = (host) => new OutgoingCalls(host);

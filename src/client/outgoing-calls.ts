/** The calls that an application makes: checks them, puts interceptors around them, and hands them to the session. */
import { abortError, bounded } from "../common/abort-scope.js";
import { around, type Around } from "../common/around.js";
import { InvalidArgumentError } from "../errors/call-errors.js";
import { toError } from "../errors/to-error.js";
import { callTimeout } from "../session/call-guard.js";
import type { HubSession } from "../session/hub-session.js";
import { invokeWithin, streamWithin } from "../session/limited-calls.js";
import { WRITTEN } from "../session/message-writer.js";
import { ResultStream, type StreamResult } from "../session/result-stream.js";
import { checkHeaders, type ResolvedCallOptions } from "./call-options.js";
import type { InterceptedCall, InterceptedConnection, Interceptors } from "./interceptors.js";

/** What calls need of their connection. */
export interface CallHost extends Pick<ResolvedCallOptions, "clock" | "log"> {
  readonly connection: InterceptedConnection;
  /** The session that takes calls. @throws InvalidStateError while there is none. */
  session(): HubSession;
}

/** The three kinds of calls. None of the methods throws: what goes wrong is the outcome of the call. */
export class OutgoingCalls {
  /** There once the application has registered one. */
  interceptors: Interceptors | undefined;
  readonly #host: CallHost;

  constructor(host: CallHost) {
    this.#host = host;
  }

  /** Calls a method without waiting for an answer. */
  send(method: string, args: unknown[], options?: ResolvedCallOptions): Promise<void> {
    const layers = this.interceptors?.send;
    if (!layers?.length) return this.#send(method, args, options);
    const last = async (call: InterceptedCall): Promise<void> =>
      this.#send(call.method, call.args, this.#optionsOf(call, options));
    return this.#intercept(layers, last, method, args, options);
  }

  /** Calls a method and waits for its result. */
  invoke(method: string, args: unknown[], options?: ResolvedCallOptions): Promise<unknown> {
    const layers = this.interceptors?.invoke;
    if (!layers?.length) return this.#invoke(method, args, options);
    const last = async (call: InterceptedCall): Promise<unknown> =>
      this.#invoke(call.method, call.args, this.#optionsOf(call, options));
    return this.#intercept(layers, last, method, args, options);
  }

  /** Calls a streaming method. */
  stream(method: string, args: unknown[], options?: ResolvedCallOptions): StreamResult<unknown> {
    try {
      const layers = this.interceptors?.stream;
      if (!layers?.length) return this.#stream(method, args, options);
      const last = (call: InterceptedCall): StreamResult<unknown> =>
        this.#stream(call.method, call.args, this.#optionsOf(call, options));
      const stream = around(layers, last)(this.#call(method, args, options));
      if (typeof stream?.subscribe === "function") return stream;
      throw new InvalidArgumentError("An interceptor of streams must return a stream.");
    } catch (thrown) {
      return this.#failed(thrown);
    }
  }

  #send(method: string, args: unknown[], options: ResolvedCallOptions | undefined): Promise<void> {
    try {
      const sent = this.#session(method, options).send(method, args, options?.headers, options?.signal);
      if (options === undefined || sent === WRITTEN) return sent;
      const { clock, signal, timeout } = options;
      return bounded(
        () => sent,
        clock,
        signal,
        timeout,
        () => callTimeout(timeout),
      );
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  }

  #invoke(method: string, args: unknown[], options: ResolvedCallOptions | undefined): Promise<unknown> {
    try {
      const session = this.#session(method, options);
      return options === undefined
        ? session.invoke(method, args).promise
        : invokeWithin(session, method, args, options);
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  }

  #stream(method: string, args: unknown[], options: ResolvedCallOptions | undefined): StreamResult<unknown> {
    try {
      const session = this.#session(method, options);
      return options === undefined ? session.stream(method, args) : streamWithin(session, method, args, options);
    } catch (thrown) {
      return this.#failed(thrown);
    }
  }

  #failed(thrown: unknown): StreamResult<unknown> {
    const stream = new ResultStream(this.#host.log, () => undefined);
    stream.onFailed(toError(thrown));
    return stream;
  }

  // Asynchronous, so that it rejects with what an interceptor throws.
  async #intercept<T>(
    layers: readonly Around<InterceptedCall, Promise<T>>[],
    last: (call: InterceptedCall) => Promise<T>,
    method: string,
    args: unknown[],
    options: ResolvedCallOptions | undefined,
  ): Promise<T> {
    return around(layers, last)(this.#call(method, args, options));
  }

  #call(method: string, args: unknown[], options: ResolvedCallOptions | undefined): InterceptedCall {
    throwIfAborted(options);
    const { connection } = this.#host;
    return { method, args, headers: { ...options?.headers }, connection, signal: options?.signal };
  }

  /** How a call goes on that interceptors had in their hands. */
  #optionsOf({ args, headers }: InterceptedCall, options: ResolvedCallOptions | undefined): ResolvedCallOptions {
    if (!Array.isArray(args)) throw new InvalidArgumentError("The arguments of a call must be an array.");
    checkHeaders(headers);
    const { clock, log } = this.#host;
    return { clock, log, ...options, headers: Object.keys(headers).length > 0 ? headers : undefined };
  }

  #session(method: string, options: ResolvedCallOptions | undefined): HubSession {
    throwIfAborted(options);
    const session = this.#host.session();
    requireName(method, "methodName");
    return session;
  }
}

/** Checks the name of a method. @throws InvalidArgumentError when it is none. */
export function requireName(value: unknown, parameter: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new InvalidArgumentError(`The argument '${parameter}' must be a non-empty string.`);
}

function throwIfAborted(options: ResolvedCallOptions | undefined): void {
  if (options?.signal?.aborted) throw abortError(options.signal);
}

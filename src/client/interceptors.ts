/** Functions of the application around its calls and around its handlers: what they look like, and where they are kept. */
import { around, type Around } from "../common/around.js";
import { disposer, type Disposer } from "../common/disposer.js";
import { InvalidArgumentError } from "../errors/call-errors.js";
import { messageOf, toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import { shown } from "../logging/shown.js";
import type { InvocationMessage, MessageHeaders } from "../protocol/messages.js";
import type { StreamResult } from "../session/result-stream.js";
import { NO_RESULT, type Handled, type HandlerOutcome } from "./handler-registry.js";

/** A call on its way, in either direction. An interceptor may change it, or go on with another one. */
export interface InterceptedCall {
  /** Name of the method. */
  method: string;
  /** Its arguments. Streams among them are there for outgoing calls only. */
  args: unknown[];
  /** Headers of the message; empty when it has none. */
  headers: MessageHeaders;
  /** The connection. */
  readonly connection: InterceptedConnection;
  /** The signal that an outgoing call was made with, for interceptors that take their time: nobody waits for them once it has fired. */
  readonly signal?: AbortSignal | undefined;
}

/** What an interceptor may look at of its connection. */
export interface InterceptedConnection {
  /** URL of the hub. */
  readonly baseUrl: string;
  /** Id of the connection, if it has one. */
  readonly connectionId: string | null;
  /** Name of the transport in use. */
  readonly transport: string | null;
}

/**
 * Functions around the calls of a connection; all optional. Each goes on with `next(call)`, once, several times or not at all, and
 * its result is the result of the call.
 */
export interface HubInterceptor {
  /** Around `invoke`; what it throws rejects the call. */
  invoke?(call: InterceptedCall, next: (call: InterceptedCall) => Promise<unknown>): Promise<unknown>;
  /** Around `send`; what it throws rejects the call. */
  send?(call: InterceptedCall, next: (call: InterceptedCall) => Promise<void>): Promise<void>;
  /** Around `stream`; what it throws fails the stream. */
  stream?(call: InterceptedCall, next: (call: InterceptedCall) => StreamResult<unknown>): StreamResult<unknown>;
  /**
   * Around all handlers of a message from the hub. `next` fulfils when they are done, with the result if the hub wants one, and
   * rejects with what a handler threw. What this returns is the answer to a hub that wants one; what it throws is the error, or is
   * logged.
   */
  receive?(call: InterceptedCall, next: (call: InterceptedCall) => Promise<unknown>): unknown;
}

const KINDS = ["invoke", "send", "stream", "receive"] as const;

type Kind = (typeof KINDS)[number];

/** The interceptors of one connection, in the order of their registration. Made with the first. */
export class Interceptors {
  #all: readonly { readonly its: HubInterceptor }[] = [];
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Whether there is something around calls of a kind. */
  has(kind: Kind): boolean {
    return this.#all.some(({ its }) => its[kind] !== undefined);
  }

  /**
   * Puts what is around calls of a kind around the last function.
   * @param layerOf What one of them has for that; bound to it, and such that it does not throw.
   */
  around<Result>(
    layerOf: (its: HubInterceptor) => Around<InterceptedCall, Result> | undefined,
    last: (call: InterceptedCall) => Result,
  ): (call: InterceptedCall) => Result {
    return around(
      this.#all.flatMap(({ its }) => layerOf(its) ?? []),
      last,
    );
  }

  /** Adds one. @returns a disposer that removes it. @throws InvalidArgumentError when it is none. */
  add(interceptor: HubInterceptor): Disposer {
    const types = KINDS.map((kind) => typeof interceptor?.[kind]).filter((type) => type !== "undefined");
    if (types.length === 0 || types.some((type) => type !== "function")) {
      throw new InvalidArgumentError("An interceptor must have functions.");
    }
    const entry = { its: interceptor };
    this.#all = [...this.#all, entry];
    return disposer(() => (this.#all = this.#all.filter((other) => other !== entry)));
  }

  /**
   * Runs the handlers of a message inside of what is around them.
   * @param run Runs them.
   */
  async handle(
    { target, arguments: args, headers }: InvocationMessage,
    connection: InterceptedConnection,
    run: (target: string, args: unknown[]) => Promise<Handled>,
    wantsResult: boolean,
  ): Promise<HandlerOutcome> {
    let reported: unknown;
    const last = async (call: InterceptedCall): Promise<unknown> => {
      const { outcome, failure } = await run(call.method, call.args);
      if ("result" in outcome) return outcome.result;
      if (failure === undefined && !wantsResult) return undefined;
      throw (reported = failure ? toError(failure.thrown) : new Error(outcome.error));
    };
    try {
      const call = { method: target, args, headers: { ...headers }, connection };
      const result = await this.around((its) => its.receive && (async (...args) => its.receive?.(...args)), last)(call);
      return result === undefined ? NO_RESULT : { result };
    } catch (thrown) {
      if (thrown !== reported) {
        this.#log.write(LogLevel.Error, () => `An interceptor of ${shown(target)} threw: ${messageOf(thrown)}`);
      }
      return { error: messageOf(thrown) };
    }
  }
}

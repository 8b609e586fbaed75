/** Functions of the application around its calls and around its handlers: what they look like, and where they are kept. */
import { around, type Around } from "../common/around.js";
import { disposer, type Disposer } from "../common/disposer.js";
import { InvalidArgumentError, partIsMissing } from "../errors/call-errors.js";
import { messageOf, toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import { shown } from "../logging/shown.js";
import type { InvocationMessage, MessageHeaders } from "../protocol/messages.js";
import type { StreamResult } from "../session/result-stream.js";
import type { StreamsPart } from "../session/streams.js";
import { NO_RESULT, type HandlerOutcome, type HandlerRegistry } from "./handler-registry.js";

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

type Layers<Result> = readonly Around<InterceptedCall, Result>[];

/** The interceptors of one connection by what they are around, in the order of their registration. Made with the first. */
export class Interceptors {
  /** Around `invoke`. */
  invoke: Layers<Promise<unknown>> = [];
  /** Around `send`. */
  send: Layers<Promise<void>> = [];
  /** Around `stream`. */
  stream: Layers<StreamResult<unknown>> = [];
  /** Around the handlers of a message. */
  receive: Layers<Promise<unknown>> = [];
  #all: readonly { readonly its: HubInterceptor }[] = [];
  readonly #log: Log;
  readonly #streams: StreamsPart | undefined;

  constructor({ log, streams }: { readonly log: Log; readonly streams: StreamsPart | undefined }) {
    this.#log = log;
    this.#streams = streams;
  }

  /** Adds one. @returns a disposer that removes it. @throws InvalidArgumentError when it is none. */
  add(interceptor: HubInterceptor): Disposer {
    const types = KINDS.map((kind) => typeof interceptor?.[kind]).filter((type) => type !== "undefined");
    if (types.length === 0 || types.some((type) => type !== "function")) {
      throw new InvalidArgumentError("An interceptor must have functions.");
    }
    const entry = { its: interceptor };
    this.#use([...this.#all, entry]);
    return disposer(() => this.#use(this.#all.filter((other) => other !== entry)));
  }

  /**
   * Runs the handlers of a message inside of what is around them.
   * @param ask Runs them.
   */
  async handle(
    { target, arguments: args, headers }: InvocationMessage,
    connection: InterceptedConnection,
    ask: (target: string, args: unknown[]) => ReturnType<HandlerRegistry["ask"]>,
    wantsResult: boolean,
  ): Promise<HandlerOutcome> {
    let reported: unknown;
    const last = async (call: InterceptedCall): Promise<unknown> => {
      const { outcome, failure } = await ask(call.method, call.args);
      if ("result" in outcome) return outcome.result;
      if (failure === undefined && !wantsResult) return undefined;
      throw (reported = failure ? toError(failure.thrown) : new Error(outcome.error));
    };
    try {
      const call = { method: target, args, headers: { ...headers }, connection };
      const result = await around(this.receive, last)(call);
      return result === undefined ? NO_RESULT : { result };
    } catch (thrown) {
      if (thrown !== reported) {
        this.#log.write(LogLevel.Error, () => `An interceptor of ${shown(target)} threw: ${messageOf(thrown)}`);
      }
      return { error: messageOf(thrown) };
    }
  }

  #use(all: readonly { readonly its: HubInterceptor }[]): void {
    const pick = <Result>(layerOf: (its: HubInterceptor) => Around<InterceptedCall, Result> | undefined) =>
      all.flatMap(({ its }) => layerOf(its) ?? []);
    this.#all = all;
    // None throws at those around it, nor answers them with anything but a promise or a stream.
    this.invoke = pick((its) => its.invoke && (async (call, next) => its.invoke?.(call, next)));
    this.send = pick((its) => its.send && (async (call, next) => its.send?.(call, next)));
    this.stream = pick((its) => its.stream && ((call, next) => this.#stream(() => its.stream?.(call, next))));
    this.receive = pick((its) => its.receive && (async (call, next) => its.receive?.(call, next)));
  }

  #stream(start: () => StreamResult<unknown> | undefined): StreamResult<unknown> {
    try {
      const stream = start();
      if (typeof stream?.subscribe === "function") return stream;
      throw new InvalidArgumentError("An interceptor of streams must return a stream.");
    } catch (thrown) {
      return (this.#streams ?? partIsMissing("streams")).fail(this.#log, thrown);
    }
  }
}

/** The calls that the hub makes: runs the handlers, all at once or one message after the other, with interceptors around them. */
import { around } from "../common/around.js";
import { LimitError } from "../errors/call-errors.js";
import { messageOf, toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import { shown } from "../logging/shown.js";
import type { InvocationMessage } from "../protocol/messages.js";
import { NO_RESULT, type HandlerOutcome, type HandlerRegistry } from "./handler-registry.js";
import type { InterceptedCall, InterceptedConnection, Interceptors } from "./interceptors.js";
import type { SerialQueue } from "./serial-queue.js";

/** The way of messages to the handlers of one connection. */
export class InboundCalls {
  /** There once the application has registered one. */
  interceptors: Interceptors | undefined;
  readonly #handlers: HandlerRegistry;
  readonly #connection: InterceptedConnection;
  readonly #log: Log;
  readonly #queue: SerialQueue | undefined;

  /**
   * @param connection `this` of the handlers.
   * @param queue Lets one message wait for the handlers of the one before.
   */
  constructor(handlers: HandlerRegistry, connection: InterceptedConnection, log: Log, queue: SerialQueue | undefined) {
    this.#handlers = handlers;
    this.#connection = connection;
    this.#log = log;
    this.#queue = queue;
  }

  /** Runs the handlers of a message that wants no answer. @returns an error when too many wait for their turn. */
  notify(message: InvocationMessage): LimitError | undefined {
    const queue = this.#queue;
    if (queue !== undefined) {
      if (queue.push(() => this.#run(message, false))) return undefined;
      return new LimitError("serialHandlers", `More than ${queue.capacity} messages wait for their handlers.`);
    }
    if (this.interceptors?.receive.length) void this.#run(message, false);
    else this.#handlers.notify(message.target, message.arguments, this.#connection);
    return undefined;
  }

  /** Runs the handlers of a message that wants an answer, at once: a handler whose turn it is may be waiting for what depends on it. */
  ask(message: InvocationMessage): Promise<HandlerOutcome> {
    return this.#run(message, true);
  }

  async #run({ target, arguments: args, headers }: InvocationMessage, wantsResult: boolean): Promise<HandlerOutcome> {
    const connection = this.#connection;
    const layers = this.interceptors?.receive ?? [];
    if (layers.length === 0) return (await this.#handlers.ask(target, args, connection)).outcome;
    let reported: unknown;
    const last = async (call: InterceptedCall): Promise<unknown> => {
      const { outcome, failure } = await this.#handlers.ask(call.method, call.args, connection);
      if ("result" in outcome) return outcome.result;
      if (failure === undefined && !wantsResult) return undefined;
      throw (reported = failure ? toError(failure.thrown) : new Error(outcome.error));
    };
    try {
      const result = await around(layers, last)({ method: target, args, headers: { ...headers }, connection });
      return result === undefined ? NO_RESULT : { result };
    } catch (thrown) {
      if (thrown !== reported) {
        this.#log.write(LogLevel.Error, () => `An interceptor of ${shown(target)} threw: ${messageOf(thrown)}`);
      }
      return { error: messageOf(thrown) };
    }
  }
}

/** The calls that the hub makes: runs the handlers, all at once or one message after the other, with interceptors around them. */
import { LimitError } from "../errors/call-errors.js";
import type { InvocationMessage } from "../protocol/messages.js";
import type { HandlerOutcome, HandlerRegistry } from "./handler-registry.js";
import type { InterceptedConnection, Interceptors } from "./interceptors.js";
import type { SerialQueue } from "./serial-queue.js";

/** The way of messages to the handlers of one connection. */
export class InboundCalls {
  /** There once the application has registered one. */
  interceptors: Interceptors | undefined;
  readonly #handlers: HandlerRegistry;
  readonly #connection: InterceptedConnection;
  readonly #queue: SerialQueue | undefined;

  /**
   * @param connection `this` of the handlers.
   * @param queue Lets one message wait for the handlers of the one before.
   */
  constructor(handlers: HandlerRegistry, connection: InterceptedConnection, queue: SerialQueue | undefined) {
    this.#handlers = handlers;
    this.#connection = connection;
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

  async #run(message: InvocationMessage, wantsResult: boolean): Promise<HandlerOutcome> {
    const connection = this.#connection;
    const ask = (target: string, args: unknown[]) => this.#handlers.ask(target, args, connection);
    if (this.interceptors?.receive.length) return this.interceptors.handle(message, connection, ask, wantsResult);
    return (await ask(message.target, message.arguments)).outcome;
  }
}

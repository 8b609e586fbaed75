/** The functions that an application registered with `on`, and how the hub's calls run them: by name, with interceptors around them, by the rules of HUB_PROTOCOL §6. */
import type { Disposer } from "../common/disposer.js";
import { Emitter, type Registration } from "../common/emitter.js";
import { messageOf } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import { shown } from "../logging/shown.js";
import type { InvocationMessage } from "../protocol/messages.js";
import type { InterceptedConnection, Interceptors } from "./interceptors.js";
import type { SerialQueue } from "./serial-queue.js";

/** A function that the server may call. */
export type Handler = (...args: unknown[]) => unknown;

/** What to answer a call that wants a result. */
export type HandlerOutcome = { readonly result: unknown } | { readonly error: string };

/** The answer when no handler has one. */
export const NO_RESULT: HandlerOutcome = { error: "Client didn't provide a result." };

/** What became of a message that all its handlers were waited for. */
export interface Handled {
  readonly outcome: HandlerOutcome;
  /** What the last handler that failed threw. */
  readonly failure: { readonly thrown: unknown } | undefined;
}

/** Spellings remembered; a peer that keeps inventing new ones only loses the shortcut. */
const MAXIMUM_SPELLINGS = 1_000;

/** What handlers work with. */
export interface HandlerOptions {
  readonly log: Log;
  /** Makes the queue in which messages wait for the handlers of those before, if they are to. */
  readonly serialHandlers?: (() => SerialQueue) | undefined;
}

/** Handlers by case-insensitive name. */
export class HandlerRegistry extends Emitter<Record<string, unknown[]>> {
  /** Around the handlers; there once the application has asked for some. */
  interceptors: Interceptors | undefined;
  readonly #log: Log;
  readonly #connection: InterceptedConnection;
  readonly #queue: SerialQueue | undefined;
  #bySpelling: Map<string, readonly Registration<unknown[]>[]> | undefined;

  /** @param connection `this` of the handlers. */
  constructor({ log, serialHandlers }: HandlerOptions, connection: InterceptedConnection) {
    super(connection);
    this.#log = log;
    this.#connection = connection;
    this.#queue = serialHandlers?.();
  }

  /** Adds a handler; the same function is only added once to a name. */
  override add(name: string, handler: Handler): Disposer {
    const key = name.toLowerCase();
    const known = this.list(key).find(({ run }) => run === handler);
    // By registration, so that a disposer kept from an earlier one does not undo a later one.
    return known ? this.disposerOf(key, known) : super.add(key, handler);
  }

  /** Removes one handler of a name, or all of them. */
  remove(name: string, handler?: Handler): void {
    this.keep(name.toLowerCase(), ({ run }) => !!handler && run !== handler);
  }

  /** Forgets the messages that wait for their turn. */
  clear(): void {
    this.#queue?.clear();
  }

  /**
   * Runs the handlers of a message that wants no answer. Asynchronous ones are not waited for.
   * @returns an error when too many messages wait for their turn.
   */
  notify(message: InvocationMessage): Error | undefined {
    if (this.#queue !== undefined) return this.#enqueue(this.#queue, message);
    const { target } = message;
    if (this.interceptors?.has("receive")) void this.#run(message, false);
    else this.callAll(target, this.#find(target), message.arguments);
    return undefined;
  }

  /** Runs the handlers of a message that wants an answer, at once: a handler whose turn it is may be waiting for what depends on it. */
  ask(message: InvocationMessage): Promise<HandlerOutcome> {
    return this.#run(message, true);
  }

  protected override replace(name: string, list: readonly Registration<unknown[]>[]): void {
    super.replace(name, list);
    this.#bySpelling = undefined;
  }

  protected override onListenerError(thrown: unknown, target: string): void {
    this.#log.write(LogLevel.Error, () => `A handler of ${shown(target)} threw: ${messageOf(thrown)}`);
  }

  #enqueue(queue: SerialQueue, message: InvocationMessage): Error | undefined {
    return queue.push(() => this.#run(message, false));
  }

  async #run(message: InvocationMessage, wantsResult: boolean): Promise<HandlerOutcome> {
    const run = (target: string, args: unknown[]) => this.#runAll(target, args);
    return this.interceptors?.has("receive")
      ? this.interceptors.handle(message, this.#connection, run, wantsResult)
      : (await run(message.target, message.arguments)).outcome;
  }

  /** Calls handlers one after the other, waiting for each, and finds the one result among theirs. */
  async #runAll(target: string, args: unknown[]): Promise<Handled> {
    const results: unknown[] = [];
    let failure: Handled["failure"];
    for (const { run } of this.#find(target)) {
      try {
        const result = await run.apply(this.#connection, args);
        if (result !== undefined) results.push(result);
      } catch (thrown) {
        this.onListenerError(thrown, target);
        failure = { thrown };
      }
    }
    return { outcome: outcomeOf(results, failure), failure };
  }

  #find(target: string): readonly Registration<unknown[]>[] {
    return this.#bySpelling?.get(target) ?? this.#findNew(target);
  }

  #findNew(target: string): readonly Registration<unknown[]>[] {
    const handlers = this.list(target.toLowerCase());
    this.#bySpelling ??= new Map();
    if (handlers.length === 0) {
      this.#log.write(LogLevel.Warning, () => `No client method with the name ${shown(target)} found.`);
    } else if (this.#bySpelling.size < MAXIMUM_SPELLINGS) this.#bySpelling.set(target, handlers);
    return handlers;
  }
}

function outcomeOf(results: readonly unknown[], failure: Handled["failure"]): HandlerOutcome {
  if (results.length === 1) return { result: results[0] };
  if (results.length > 1) return { error: "Client provided multiple results." };
  return failure ? { error: messageOf(failure.thrown) } : NO_RESULT;
}

/** The functions that an application registered with `on`, and how the hub's calls run them: by name, with interceptors around them, by the rules of HUB_PROTOCOL §6. */
import { isThenable } from "../common/deferred.js";
import { disposer, type Disposer } from "../common/disposer.js";
import { LimitError } from "../errors/call-errors.js";
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

/** One registration. */
interface Entry {
  readonly run: Handler;
}

/** What handlers work with. */
export interface HandlerOptions {
  readonly log: Log;
  /** Makes the queue in which messages wait for the handlers of those before, if they are to. */
  readonly serialHandlers?: (() => SerialQueue) | undefined;
}

/** Handlers by case-insensitive name. The lists are never changed, only replaced, so a running dispatch is not disturbed. */
export class HandlerRegistry {
  /** Around the handlers; there once the application has asked for some. */
  interceptors: Interceptors | undefined;
  readonly #log: Log;
  readonly #connection: InterceptedConnection;
  readonly #queue: SerialQueue | undefined;
  #byName: Map<string, readonly Entry[]> | undefined; // connections that only call have none
  #bySpelling: Map<string, readonly Entry[]> | undefined;

  /** @param connection `this` of the handlers. */
  constructor({ log, serialHandlers }: HandlerOptions, connection: InterceptedConnection) {
    this.#log = log;
    this.#connection = connection;
    this.#queue = serialHandlers?.();
  }

  /** Adds a handler; the same function is only added once to a name. */
  add(name: string, handler: Handler): Disposer {
    const key = name.toLowerCase();
    const handlers = this.#byName?.get(key) ?? [];
    const known = handlers.find((other) => other.run === handler);
    const entry = known ?? { run: handler };
    if (!known) this.#replace(key, [...handlers, entry]);
    // By entry, so that a disposer kept from an earlier registration does not undo a later one.
    return disposer(() => this.#filter(key, (other) => other !== entry));
  }

  /** Removes one handler of a name, or all of them. */
  remove(name: string, handler?: Handler): void {
    this.#filter(name.toLowerCase(), (entry) => !!handler && entry.run !== handler);
  }

  /** Forgets the messages that wait for their turn. */
  clear(): void {
    this.#queue?.clear();
  }

  /**
   * Runs the handlers of a message that wants no answer. Asynchronous ones are not waited for.
   * @returns an error when too many messages wait for their turn.
   */
  notify(message: InvocationMessage): LimitError | undefined {
    const { target, arguments: args } = message;
    const queue = this.#queue;
    if (queue !== undefined) {
      if (queue.push(() => this.#run(message, false))) return undefined;
      return new LimitError("serialHandlers", `More than ${queue.capacity} messages wait for their handlers.`);
    }
    if (this.interceptors?.has("receive")) return void this.#run(message, false);
    for (const { run } of this.#find(target)) {
      try {
        const returned = run.apply(this.#connection, args);
        if (isThenable(returned)) returned.then(undefined, (thrown: unknown) => this.#report(target, thrown));
      } catch (thrown) {
        this.#report(target, thrown);
      }
    }
    return undefined;
  }

  /** Runs the handlers of a message that wants an answer, at once: a handler whose turn it is may be waiting for what depends on it. */
  ask(message: InvocationMessage): Promise<HandlerOutcome> {
    return this.#run(message, true);
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
        this.#report(target, thrown);
        failure = { thrown };
      }
    }
    return { outcome: outcomeOf(results, failure), failure };
  }

  #find(target: string): readonly Entry[] {
    let handlers = this.#bySpelling?.get(target);
    if (handlers !== undefined) return handlers;
    handlers = this.#byName?.get(target.toLowerCase());
    if (handlers === undefined) {
      this.#log.write(LogLevel.Warning, () => `No client method with the name ${shown(target)} found.`);
      return [];
    }
    const spellings = (this.#bySpelling ??= new Map());
    if (spellings.size < MAXIMUM_SPELLINGS) spellings.set(target, handlers);
    return handlers;
  }

  #filter(key: string, keep: (entry: Entry) => boolean): void {
    this.#replace(key, (this.#byName?.get(key) ?? []).filter(keep));
  }

  #replace(key: string, handlers: readonly Entry[]): void {
    if (handlers.length > 0) (this.#byName ??= new Map()).set(key, handlers);
    else this.#byName?.delete(key);
    this.#bySpelling = undefined;
  }

  #report(target: string, thrown: unknown): void {
    this.#log.write(LogLevel.Error, () => `A handler of ${shown(target)} threw: ${messageOf(thrown)}`);
  }
}

function outcomeOf(results: readonly unknown[], failure: Handled["failure"]): HandlerOutcome {
  if (results.length === 1) return { result: results[0] };
  if (results.length > 1) return { error: "Client provided multiple results." };
  return failure ? { error: messageOf(failure.thrown) } : NO_RESULT;
}

/** Lists of the application's functions, by name, for whoever extends it; one function's failure never reaches the next. */
import { isThenable } from "./deferred.js";
import { disposer, type Disposer } from "./disposer.js";

/** One registration of a function. */
export interface Registration<Args extends unknown[]> {
  /** The function. */
  readonly run: (...args: Args) => unknown;
}

type Lists<Events extends Record<keyof Events, unknown[]>> = {
  [Name in keyof Events]?: readonly Registration<Events[Name]>[];
};

/**
 * Calls listeners in the order of their registration. The lists are never changed, only replaced, so adding or removing during an emit
 * affects only later emits.
 *
 * @typeParam Events The arguments of each kind of event, by its name.
 */
export abstract class Emitter<Events extends Record<keyof Events, unknown[]>> {
  readonly #self: unknown;
  #lists: Lists<Events> | undefined; // most have none

  /** @param self `this` of the listeners. */
  constructor(self: unknown) {
    this.#self = self;
  }

  /** Told what a listener threw, or what the promise it returned rejected with. */
  protected abstract onListenerError(thrown: unknown, name: keyof Events): void;

  /** Adds a listener; the disposer removes just this registration. */
  add<Name extends keyof Events>(name: Name, run: (...args: Events[Name]) => unknown): Disposer {
    const own = { run };
    this.replace(name, [...this.list(name), own]);
    return this.disposerOf(name, own);
  }

  /** Calls every listener with these arguments. Never throws. */
  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    this.callAll(name, this.list(name), args);
  }

  /** The listeners of a name. */
  protected list<Name extends keyof Events>(name: Name): readonly Registration<Events[Name]>[] {
    return this.#lists?.[name] ?? [];
  }

  /** Sets the listeners of a name. */
  protected replace<Name extends keyof Events>(name: Name, list: readonly Registration<Events[Name]>[]): void {
    this.#lists ??= Object.create(null) as Lists<Events>; // no name is special
    if (list.length > 0) this.#lists[name] = list;
    else delete this.#lists[name]; // names come and go with some applications
  }

  /** Removes the others. */
  protected keep<Name extends keyof Events>(
    name: Name,
    condition: (listener: Registration<Events[Name]>) => boolean,
  ): void {
    this.replace(name, this.list(name).filter(condition));
  }

  /** Removes one of them, once. */
  protected disposerOf<Name extends keyof Events>(name: Name, listener: Registration<Events[Name]>): Disposer {
    return disposer(() => this.keep(name, (other) => other !== listener));
  }

  /** Calls them; those that are asynchronous are not waited for. */
  protected callAll<Name extends keyof Events>(
    name: Name,
    list: readonly Registration<Events[Name]>[],
    args: Events[Name],
  ): void {
    for (const { run } of list) {
      try {
        const returned = run.apply(this.#self, args);
        if (isThenable(returned)) this.#watch(name, returned);
      } catch (thrown) {
        this.onListenerError(thrown, name);
      }
    }
  }

  // Beside the loop, because a function with a closure in it costs more each time that it is called.
  #watch(name: keyof Events, returned: PromiseLike<unknown>): void {
    returned.then(undefined, (thrown: unknown) => this.onListenerError(thrown, name));
  }
}

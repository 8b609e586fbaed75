/** Lists of listeners, one for each kind of event; one listener's failure never reaches the next. */
import { isThenable } from "./deferred.js";
import { disposer, type Disposer } from "./disposer.js";

type Listener<Args extends readonly unknown[]> = (...args: Args) => unknown;

/** Whose events they are. */
export interface EmitterOwner {
  /** Told what a listener threw, or what the promise it returned rejected with. */
  onListenerError(thrown: unknown): void;
}

type ListenersOf<Events extends Readonly<Record<keyof Events, readonly unknown[]>>> = {
  [Name in keyof Events]?: readonly Listener<Events[Name]>[] | undefined;
};

/**
 * Calls listeners in the order of their registration. Adding or removing during an emit affects only later emits.
 *
 * @typeParam Events The arguments of each kind of event, by its name.
 */
export class Emitter<Events extends Readonly<Record<keyof Events, readonly unknown[]>>> {
  readonly #owner: EmitterOwner;
  #listeners: ListenersOf<Events> | undefined; // most have none

  constructor(owner: EmitterOwner) {
    this.#owner = owner;
  }

  /** Adds a listener; the disposer removes just this registration. */
  add<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): Disposer {
    const listeners: ListenersOf<Events> = (this.#listeners ??= {});
    // A wrapper of its own makes two registrations of the same function two entries.
    const entry: Listener<Events[Name]> = (...args) => listener(...args);
    listeners[name] = [...(listeners[name] ?? []), entry];
    return disposer(() => {
      listeners[name] = listeners[name]?.filter((other) => other !== entry);
    });
  }

  /** Calls every listener with these arguments. Never throws. */
  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    for (const listener of this.#listeners?.[name] ?? []) {
      try {
        const returned = listener(...args);
        if (isThenable(returned)) returned.then(undefined, (thrown: unknown) => this.#owner.onListenerError(thrown));
      } catch (thrown) {
        this.#owner.onListenerError(thrown);
      }
    }
  }
}

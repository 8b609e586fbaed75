/** Lists of listeners, one for each kind of event, for whoever extends it; one listener's failure never reaches the next. */
import { isThenable } from "./deferred.js";
import { disposer, type Disposer } from "./disposer.js";

type Listener<Args extends readonly unknown[]> = (...args: Args) => unknown;

type ListenersOf<Events extends Readonly<Record<keyof Events, readonly unknown[]>>> = {
  [Name in keyof Events]?: readonly Listener<Events[Name]>[] | undefined;
};

/**
 * Calls listeners in the order of their registration. Adding or removing during an emit affects only later emits.
 *
 * @typeParam Events The arguments of each kind of event, by its name.
 */
export abstract class Emitter<Events extends Readonly<Record<keyof Events, readonly unknown[]>>> {
  #listeners: ListenersOf<Events> | undefined; // most have none

  /** Told what a listener threw, or what the promise it returned rejected with. */
  protected abstract onListenerError(thrown: unknown): void;

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
        if (isThenable(returned)) returned.then(undefined, (thrown: unknown) => this.onListenerError(thrown));
      } catch (thrown) {
        this.onListenerError(thrown);
      }
    }
  }
}

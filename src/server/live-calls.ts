/** The calls of one client that wait or run, so that they can be found by their ids, and told when the connection ends. */
import type { HubCall } from "./hub-call.js";

/** Calls, with ids or without. A client that has none costs nothing. */
export class LiveCalls {
  #byId: Map<string, HubCall> | undefined;
  #others: Set<HubCall> | undefined;

  /** All of them. */
  get all(): HubCall[] {
    return [...(this.#byId?.values() ?? []), ...(this.#others ?? [])];
  }

  /** The call with this id. */
  find(id: string): HubCall | undefined {
    return this.#byId?.get(id);
  }

  /** Adds a call. Adding it again does nothing. */
  add(call: HubCall): void {
    const { id } = call;
    if (id === undefined) (this.#others ??= new Set()).add(call);
    else (this.#byId ??= new Map()).set(id, call);
  }

  /** Removes a call. */
  delete(call: HubCall): void {
    const { id } = call;
    if (id === undefined) this.#others?.delete(call);
    else this.#byId?.delete(id);
  }
}

/** The states of a hub connection, with the data that exists only in each, and the one place that changes them. */
import type { AbortScope } from "../common/abort-scope.js";
import type { Emitter } from "../common/emitter.js";
import type { ClientSession } from "./client-session.js";

/** The states of a hub connection. */
export enum HubConnectionState {
  /** Not connected; `start()` may be called. */
  Disconnected = "Disconnected",
  /** `start()` is at work. */
  Connecting = "Connecting",
  /** Messages can be exchanged. */
  Connected = "Connected",
  /** `stop()` is at work. */
  Disconnecting = "Disconnecting",
  /** The connection was lost and is being made again. */
  Reconnecting = "Reconnecting",
}

/** A change of state, as `onStateChange` tells it. */
export interface StateChange {
  /** The state that was left. */
  readonly previous: HubConnectionState;
  /** The state that was entered. */
  readonly current: HubConnectionState;
  /** The error behind it, when there was one. */
  readonly reason: Error | undefined;
  /**
   * `true` when the connection broke and was resumed without losing anything (stateful reconnect). Then `previous` and `current` are
   * both Connected, and `reason` is why it broke. Otherwise missing.
   */
  readonly recovered?: true;
}

/** What a state machine tells. */
export interface StateEvents {
  /** The state has changed. */
  changed: [StateChange];
}

/** A state and what belongs to it. */
export type ConnectionState =
  | { readonly name: HubConnectionState.Disconnected }
  | {
      readonly name: HubConnectionState.Connecting | HubConnectionState.Reconnecting;
      /** Gives the attempt, or the whole reconnect loop, up. */
      readonly scope: AbortScope;
      /** Fulfils when nothing of it is left. */
      readonly over: Promise<void>;
    }
  | { readonly name: HubConnectionState.Connected; readonly session: ClientSession }
  | { readonly name: HubConnectionState.Disconnecting; readonly over: Promise<void> };

const { Disconnected, Connecting, Connected, Disconnecting, Reconnecting } = HubConnectionState;

const TRANSITIONS: Readonly<Record<HubConnectionState, readonly HubConnectionState[]>> = {
  [Disconnected]: [Connecting],
  [Connecting]: [Connected, Disconnecting, Disconnected],
  [Connected]: [Reconnecting, Disconnecting, Disconnected],
  [Reconnecting]: [Connected, Disconnecting, Disconnected],
  [Disconnecting]: [Disconnected],
};

/** Holds the current state. Listeners hear of a change after it is complete. */
export class StateMachine {
  readonly #events: Pick<Emitter<StateEvents>, "emit">;
  #untold: StateChange[] | undefined;
  #current: ConnectionState = { name: Disconnected };

  /** @param events Tells every change. */
  constructor(events: Pick<Emitter<StateEvents>, "emit">) {
    this.#events = events;
  }

  /** The current state. */
  get current(): ConnectionState {
    return this.#current;
  }

  /** Enters another state; one that cannot follow the current one is a fault of hubwire. */
  enter(next: ConnectionState, reason?: Error): void {
    const previous = this.#current.name;
    if (!TRANSITIONS[previous].includes(next.name)) throw new Error(`No way from ${previous} to ${next.name}.`);
    this.#current = next;
    this.#tell({ previous, current: next.name, reason });
  }

  /** Tells that the connection broke and was resumed; the state has stayed what it is. */
  recover(reason: Error): void {
    const { name } = this.#current;
    this.#tell({ previous: name, current: name, reason, recovered: true });
  }

  #tell(news: StateChange): void {
    // A listener may change the state again; the others hear of that after they have heard of this.
    if (this.#untold) return void this.#untold.push(news);
    this.#untold = [];
    for (let change: StateChange | undefined = news; change !== undefined; change = this.#untold.shift()) {
      this.#events.emit("changed", change);
    }
    this.#untold = undefined;
  }
}

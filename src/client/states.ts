/** The states of a hub connection, with the data that exists only in each, and the one place that changes them. */
import type { AbortScope } from "../common/abort-scope.js";
import { Emitter } from "../common/emitter.js";
import type { AuthenticationRefreshEvents } from "./authentication-refresh.js";
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

/** What `onreconnected` tells about the connection. */
export interface ReconnectInfo {
  /**
   * Whether the new connection goes on where the old one broke. Always `false`: what was in flight has been rejected, and groups are
   * left. A connection that does go on (stateful reconnect) was never given up; `onStateChange` tells of it.
   */
  readonly recovered: boolean;
}

/** What a connection tells. */
export interface ConnectionEvents extends AuthenticationRefreshEvents {
  /** The state has changed. */
  changed: [StateChange];
  /** The connection was closed and stays so. */
  closed: [Error | undefined];
  /** The connection was lost; reconnecting begins. */
  reconnecting: [Error | undefined];
  /** The connection was made again; tells its new id. */
  reconnected: [string | undefined, ReconnectInfo];
  /** There is a connection, and everybody has been told. */
  ready: [ClientSession];
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
  | {
      readonly name: HubConnectionState.Disconnecting;
      readonly over: Promise<void>;
      /** Whether there was a connection. */
      readonly wasOpen: boolean;
    };

const { Disconnected, Connecting, Connected, Disconnecting, Reconnecting } = HubConnectionState;

const TRANSITIONS: Readonly<Record<HubConnectionState, readonly HubConnectionState[]>> = {
  [Disconnected]: [Connecting],
  [Connecting]: [Connected, Disconnecting, Disconnected],
  [Connected]: [Reconnecting, Disconnecting, Disconnected],
  [Reconnecting]: [Connected, Disconnecting, Disconnected],
  [Disconnecting]: [Disconnected],
};

/** Holds the current state, and tells of every change after it is complete. */
export abstract class StateMachine extends Emitter<ConnectionEvents> {
  #untold: StateChange[] | undefined;
  #current: ConnectionState = { name: Disconnected };

  /** The current state. */
  get current(): ConnectionState {
    return this.#current;
  }

  /** Enters another state; one that cannot follow the current one is a fault of hubwire. */
  protected enter(next: ConnectionState, reason?: Error): void {
    const previous = this.#current.name;
    if (!TRANSITIONS[previous].includes(next.name)) throw new Error(`No way from ${previous} to ${next.name}.`);
    this.#current = next;
    this.#tell({ previous, current: next.name, reason });
  }

  /** Tells that the connection broke and was resumed; the state has stayed what it is. */
  onResumed(reason: Error): void {
    const { name } = this.#current;
    this.#tell({ previous: name, current: name, reason, recovered: true });
  }

  #tell(news: StateChange): void {
    // A listener may change the state again; the others hear of that after they have heard of this.
    if (this.#untold) return void this.#untold.push(news);
    this.#untold = [];
    for (let change: StateChange | undefined = news; change !== undefined; change = this.#untold.shift()) {
      this.emit("changed", change);
    }
    this.#untold = undefined;
  }
}

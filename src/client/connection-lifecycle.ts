/** Starts, stops and reconnects: the only code that changes the state of a hub connection. */
import { abortError, AbortScope, bounded, isSignal, type Abortable } from "../common/abort-scope.js";
import type { Clock } from "../common/clock.js";
import { Deferred } from "../common/deferred.js";
import { Emitter, type EmitterOwner } from "../common/emitter.js";
import { InvalidArgumentError, InvalidStateError } from "../errors/call-errors.js";
import { ConnectionError } from "../errors/connection-errors.js";
import { AbortError } from "../errors/http-errors.js";
import { messageOf, toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { WakeSource } from "../platform/platform.js";
import type { SessionEnd } from "../session/session-owner.js";
import type { AuthenticationRefreshEvents } from "./authentication-refresh.js";
import type { ClientSession, ClientSessionEvents } from "./client-session.js";
import type { ReconnectLoop, RetryDelay } from "./reconnect-loop.js";
import { HubConnectionState, StateMachine, type StateEvents } from "./states.js";

/** What a lifecycle works with. */
export interface LifecycleOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Reconnects; without it a lost connection stays lost. */
  readonly reconnect: ReconnectLoop | undefined;
  readonly wakeSource?: WakeSource | undefined;
  /** Disposed whenever the state became Disconnected: gives back what no connection needs. */
  readonly http: { dispose(): void };
}

/** Makes one connection, handshake included; bounded in time, and by the signal. */
export type Connect = (signal: Abortable) => Promise<ClientSession>;

/** What `onreconnected` tells about the connection. */
export interface ReconnectInfo {
  /**
   * Whether the new connection goes on where the old one broke. Always `false`: what was in flight has been rejected, and groups are
   * left. A connection that does go on (stateful reconnect) was never given up; `onStateChange` tells of it.
   */
  readonly recovered: boolean;
}

/** Longest that `stop()` waits for a peer that does not answer. */
const STOP_TIMEOUT_MS = 5_000;

const { Disconnected, Connecting, Connected, Disconnecting, Reconnecting } = HubConnectionState;

/** What a lifecycle tells. */
export interface LifecycleEvents extends StateEvents, AuthenticationRefreshEvents {
  /** The connection was closed and stays so. */
  closed: [Error | undefined];
  /** The connection was lost; reconnecting begins. */
  reconnecting: [Error | undefined];
  /** The connection was made again; tells its new id. */
  reconnected: [string | undefined, ReconnectInfo];
  /** There is a connection, and everybody has been told. */
  ready: [ClientSession];
}

/** The life of one hub connection, over any number of connections to the server. */
export class ConnectionLifecycle implements ClientSessionEvents, EmitterOwner {
  /** Tells what happens. */
  readonly events: Emitter<LifecycleEvents>;
  /** The state. */
  readonly states: StateMachine;
  readonly #options: LifecycleOptions;
  readonly #connect: Connect;
  /** Settles when the sessions that ended by themselves have let go of their connections. */
  #parting: Promise<void> | undefined;

  constructor(options: LifecycleOptions, connect: Connect) {
    this.#options = options;
    this.#connect = connect;
    this.events = new Emitter(this);
    this.states = new StateMachine(this.events);
  }

  /** The session, while connected. */
  get session(): ClientSession | undefined {
    const { current } = this.states;
    return current.name === Connected ? current.session : undefined;
  }

  /** Connects. @throws InvalidArgumentError, InvalidStateError unless disconnected; whatever connecting fails with. */
  async start(signal: AbortSignal | undefined): Promise<void> {
    if (signal != null && !isSignal(signal)) throw new InvalidArgumentError("The signal must be an AbortSignal.");
    if (!this.#is(Disconnected)) {
      throw new InvalidStateError("Cannot start a HubConnection that is not in the 'Disconnected' state.");
    }
    const over = new Deferred<void>();
    const scope = new AbortScope(this.#options.clock, signal);
    this.states.enter({ name: Connecting, scope, over: over.promise });
    try {
      const { reconnect } = this.#options;
      const session = reconnect
        ? await reconnect.run({ ...this.#options, signal: scope.signal, connect: this.#connect })
        : await this.#connect(scope.signal);
      await this.#enterConnected(session, scope.signal);
    } catch (thrown) {
      // Unless stop() is at work: then it is stop() that ends the state.
      const error = toError(thrown);
      if (this.#is(Connecting)) this.#enterDisconnected(error);
      throw error;
    } finally {
      scope.dispose();
      over.resolve();
    }
  }

  /** Disconnects, whatever the state. Settles within 5 seconds, whatever the peer does. */
  stop(): Promise<void> {
    const { current } = this.states;
    switch (current.name) {
      case Disconnected:
        return this.#parting ?? Promise.resolve();
      case Disconnecting:
        return current.over;
      case Connected:
        return this.#disconnect(() => this.#released(current.session.stop()), true);
      case Connecting:
      case Reconnecting:
        return this.#disconnect(() => {
          current.scope.abort(new AbortError("The connection was stopped."));
          return current.over;
        }, current.name === Reconnecting);
    }
  }

  /** Called by the emitter. */
  onListenerError(thrown: unknown): void {
    this.#options.log.write(LogLevel.Error, () => `A callback of the connection threw: ${messageOf(thrown)}`);
  }

  #is(name: HubConnectionState): boolean {
    return this.states.current.name === name;
  }

  async #disconnect(shutDown: () => Promise<void>, wasConnected: boolean): Promise<void> {
    const over = new Deferred<void>();
    this.states.enter({ name: Disconnecting, over: over.promise });
    await Promise.all([shutDown(), this.#parting]);
    this.#enterDisconnected(undefined);
    over.resolve();
    // A start that never succeeded reports its own failure; closing is only told about what was open.
    if (wasConnected) this.events.emit("closed", undefined);
  }

  async #released(released: Promise<void>): Promise<void> {
    try {
      await bounded(() => released, this.#options.clock, undefined, STOP_TIMEOUT_MS);
    } catch {
      // Late or failed: the connection is given up all the same.
    }
  }

  async #enterConnected(session: ClientSession, signal: Abortable, announce = () => {}): Promise<void> {
    if (signal.aborted) {
      // It connected in the very turn in which it was given up.
      await this.#released(session.stop());
      throw abortError(signal);
    }
    this.states.enter({ name: Connected, session });
    if (this.session === session) announce(); // unless a listener called stop()
    session.begin(this);
    if (this.session === session) this.events.emit("ready", session);
  }

  #enterDisconnected(reason: Error | undefined): void {
    this.#options.http.dispose();
    this.states.enter({ name: Disconnected }, reason);
  }

  /** Called by the session. */
  onResumed(reason: Error): void {
    this.states.recover(reason);
  }

  /** Called by the session. */
  onEnded({ error, allowReconnect }: SessionEnd): void {
    const { current } = this.states;
    if (current.name !== Connected) return; // stop() ended it
    this.#parting = this.#part(this.#parting, current.session.stop());
    const { reconnect, log } = this.#options;
    const retryReason = error ?? new ConnectionError("connection-lost", "The connection was closed by the server.");
    const firstDelay = allowReconnect && reconnect ? reconnect.firstDelayMs(retryReason, log) : null;
    if (!this.#is(Connected)) return; // the policy called stop()
    if (reconnect && firstDelay !== null) void this.#reconnect(reconnect, retryReason, firstDelay, error);
    else {
      this.#enterDisconnected(error);
      this.events.emit("closed", error);
    }
  }

  async #part(before: Promise<void> | undefined, released: Promise<void>): Promise<void> {
    await this.#released(released);
    await before;
    // Its last requests may have opened network connections anew.
    if (this.#is(Disconnected)) this.#options.http.dispose();
  }

  /** @param cause Why the connection was lost, as the application is told: nothing when it was closed without a reason. */
  async #reconnect(
    loop: ReconnectLoop,
    reason: Error,
    firstDelay: RetryDelay,
    cause: Error | undefined,
  ): Promise<void> {
    const over = new Deferred<void>();
    const scope = new AbortScope(this.#options.clock);
    const { signal } = scope;
    this.states.enter({ name: Reconnecting, scope, over: over.promise }, cause);
    if (!signal.aborted) this.events.emit("reconnecting", cause);
    try {
      const attempts = { ...this.#options, signal, connect: this.#connect };
      const session = await loop.run(attempts, { reason, firstDelay });
      const { connectionId } = session.opened;
      await this.#enterConnected(session, signal, () => {
        this.events.emit("reconnected", connectionId, { recovered: false });
      });
    } catch (thrown) {
      const error = thrown === reason ? cause : toError(thrown);
      if (this.#is(Reconnecting)) {
        this.#enterDisconnected(error);
        this.events.emit("closed", error);
      }
    } finally {
      scope.dispose();
      over.resolve();
    }
  }
}

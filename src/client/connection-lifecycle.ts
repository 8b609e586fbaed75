/** Starts, stops and reconnects: the only code that changes the state of a hub connection. */
import { abortError, AbortScope, isSignal, type Abortable } from "../common/abort-scope.js";
import { Deferred, ignoreRejection } from "../common/deferred.js";
import { InvalidArgumentError, InvalidStateError } from "../errors/call-errors.js";
import { ConnectionError } from "../errors/connection-errors.js";
import { AbortError } from "../errors/http-errors.js";
import { messageOf, toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { SessionEnd } from "../session/session-options.js";
import { openSession, type ClientSession } from "./client-session.js";
import { HandlerRegistry } from "./handler-registry.js";
import { openerOf, type ConnectionOpener } from "./http-connection.js";
import type { HubConnection } from "./hub-connection.js";
import type { ConnectionOptions } from "./options.js";
import type { Loss } from "./reconnect-loop.js";
import { HubConnectionState, StateMachine, type ConnectionState } from "./states.js";

/** Longest that `stop()` waits for a peer that does not answer. */
const STOP_TIMEOUT_MS = 5_000;

const { Disconnected, Connecting, Connected, Disconnecting, Reconnecting } = HubConnectionState;

/** A loss that is going to be repaired. */
interface Repair extends Loss {
  /** Why, as the application is told: nothing when the connection was closed without a reason. */
  readonly cause: Error | undefined;
}

/** The life of one hub connection, over any number of connections to the server. */
export class ConnectionLifecycle extends StateMachine {
  /** What it was put together with. */
  readonly options: ConnectionOptions;
  /** What the application has of it. */
  readonly connection: HubConnection;
  /** Opens the connections to the server. */
  readonly http: ConnectionOpener;
  /** Settles when the sessions that ended by themselves have let go of their connections. */
  #parting: Promise<void> | undefined;
  #handlers: HandlerRegistry | undefined; // connections that only call have none

  constructor(options: ConnectionOptions, connection: HubConnection) {
    super(connection);
    this.options = options;
    this.connection = connection;
    this.http = openerOf(options);
  }

  /** Runs when the hub calls. */
  get handlers(): HandlerRegistry {
    return (this.#handlers ??= new HandlerRegistry(this.options, this.connection));
  }

  /** The session, while connected. */
  get session(): ClientSession | undefined {
    const { current } = this;
    return current.name === Connected ? current.session : undefined;
  }

  /** Connects. @throws InvalidArgumentError, InvalidStateError unless disconnected; whatever connecting fails with. */
  async start(signal: AbortSignal | undefined): Promise<void> {
    if (signal != null && !isSignal(signal)) throw new InvalidArgumentError("The signal must be an AbortSignal.");
    if (this.current.name !== Disconnected) {
      throw new InvalidStateError("Cannot start a HubConnection that is not in the 'Disconnected' state.");
    }
    await this.#connect(Connecting, signal);
  }

  /** Disconnects, whatever the state. Settles within 5 seconds, whatever the peer does. */
  stop(): Promise<void> {
    const { current } = this;
    this.#handlers?.clear();
    if (current.name === Disconnected) return this.#parting ?? Promise.resolve();
    return current.name === Disconnecting ? current.over : this.#disconnect(current);
  }

  /** Called by the session. */
  onEnded({ error, allowReconnect }: SessionEnd): void {
    const { session } = this;
    if (!session) return; // stop() ended it
    this.#parting = this.#part(this.#parting, session.stop());
    const { reconnect, log } = this.options;
    const reason = error ?? new ConnectionError("connection-lost", "The connection was closed by the server.");
    const firstDelay = (allowReconnect ? reconnect?.firstDelayMs(reason, log) : null) ?? null;
    if (this.session !== session) return; // the policy called stop()
    if (firstDelay === null) this.#enterDisconnected(error);
    // Whatever comes of it, the application is told.
    else ignoreRejection(this.#connect(Reconnecting, undefined, { reason, cause: error, firstDelay }));
  }

  protected override onListenerError(thrown: unknown): void {
    this.options.log.write(LogLevel.Error, () => `A callback of the connection threw: ${messageOf(thrown)}`);
  }

  /** Goes through Connecting, or through Reconnecting after a loss. */
  async #connect(
    name: HubConnectionState.Connecting | HubConnectionState.Reconnecting,
    given: Abortable | undefined,
    loss?: Repair,
  ): Promise<void> {
    const { clock, log, reconnect, wakeSource } = this.options;
    const over = new Deferred<void>();
    const signal = new AbortScope(clock, given);
    this.enter({ name, scope: signal, over: over.promise }, loss?.cause);
    if (loss && !signal.aborted) this.emit("reconnecting", loss.cause);
    try {
      const connect = (giveUp: Abortable) => openSession(this, giveUp);
      const attempts = { clock, log, signal, wakeSource, connect };
      const session = await (reconnect?.run(attempts, loss) ?? connect(signal));
      await this.#enterConnected(session, signal, loss);
    } catch (thrown) {
      const error = toError(thrown);
      // Unless stop() is at work: then it is stop() that ends the state.
      if (this.current.name === name) this.#enterDisconnected(error === loss?.reason ? loss.cause : error);
      throw error;
    } finally {
      signal.dispose();
      over.resolve();
    }
  }

  async #enterConnected(session: ClientSession, signal: Abortable, loss: Repair | undefined): Promise<void> {
    if (signal.aborted) {
      // It connected in the very turn in which it was given up.
      await this.#released(session.stop());
      throw abortError(signal);
    }
    this.enter({ name: Connected, session });
    const isStill = () => this.session === session; // unless a listener called stop()
    if (loss && isStill()) this.emit("reconnected", session.opened.connectionId, { recovered: false });
    session.begin();
    if (isStill()) this.emit("ready", session);
  }

  async #disconnect(left: Extract<ConnectionState, { scope: unknown } | { session: unknown }>): Promise<void> {
    const over = new Deferred<void>();
    this.enter({ name: Disconnecting, over: over.promise, wasOpen: left.name !== Connecting });
    if ("scope" in left) left.scope.abort(new AbortError("The connection was stopped."));
    await Promise.all(["scope" in left ? left.over : this.#released(left.session.stop()), this.#parting]);
    this.#enterDisconnected(undefined);
    over.resolve();
  }

  #enterDisconnected(reason: Error | undefined): void {
    const { current } = this;
    this.http.dispose(); // gives back what no connection needs
    this.enter({ name: Disconnected }, reason);
    // A start that never succeeded reports its own failure; closing is only told about what was open.
    const wasOpen = current.name === Disconnecting ? current.wasOpen : current.name !== Connecting;
    if (wasOpen) this.emit("closed", reason);
  }

  /** Late or failed: the connection is given up all the same. */
  #released(released: Promise<void>): Promise<void> {
    const { clock } = this.options;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, STOP_TIMEOUT_MS);
      const done = () => {
        clock.clearTimeout(timer);
        resolve();
      };
      released.then(done, done);
    });
  }

  async #part(before: Promise<void> | undefined, released: Promise<void>): Promise<void> {
    await this.#released(released);
    await before;
    // Its last requests may have opened network connections anew.
    if (this.current.name === Disconnected) this.http.dispose();
  }
}

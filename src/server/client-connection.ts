/** One accepted connection: the handshake first, then a client of the hub. Knows when it is over. */
import { ConnectionError } from "../errors/connection-errors.js";
import { LogLevel } from "../logging/log-level.js";
import { ConnectionAuthentication, type AuthenticatedConnection } from "./connection-authentication.js";
import type { HeartbeatMember } from "./heartbeat.js";
import { HubClient } from "./hub-client.js";
import type { ClientIdentity, HubUser } from "./hub-context.js";
import type { HubRuntime } from "./hub-runtime.js";
import { inUse } from "./refusal.js";
import type { ServerConnection } from "./server-connection.js";
import { ServerHandshake, type Agreement, type HandshakeOutcome } from "./server-handshake.js";
import { watchesExpiry } from "./visitor.js";

/** A connection, from its first byte to the end of `onDisconnected`. */
export class ClientConnection implements HandshakeOutcome, HeartbeatMember, AuthenticatedConnection {
  /** There when the authentication can be refreshed, or ends the connection. */
  readonly authentication: ConnectionAuthentication | undefined;
  readonly #runtime: HubRuntime;
  readonly #client: ServerConnection;
  readonly #onOver: () => void;
  readonly #identity: ClientIdentity;
  #handshake: ServerHandshake | undefined;
  #hub: HubClient | undefined;
  #waitedMs = 0;
  #hasEnded = false;

  /** @param onOver Called once. */
  constructor(runtime: HubRuntime, client: ServerConnection, identity: ClientIdentity, onOver: () => void) {
    this.#runtime = runtime;
    this.#client = client;
    this.#identity = identity;
    this.#onOver = onOver;
    if (watchesExpiry(runtime.options)) {
      this.authentication = new ConnectionAuthentication(this, identity, runtime.options);
    }
    this.#handshake = new ServerHandshake(client, runtime.options, this);
    client.connection.listener = this.#handshake;
    runtime.work.enter();
    runtime.heartbeat.add(this);
  }

  get connectionId(): string {
    return this.#identity.connectionId;
  }

  get isOver(): boolean {
    return this.#hasEnded || this.#hub?.session.ended === true;
  }

  onBeat(elapsedMs: number): void {
    if (this.authentication?.hasExpired && !this.isOver) {
      this.#runtime.log.write(LogLevel.Debug, () => `The authentication of ${this.connectionId} has expired.`);
      this.shutDown();
    }
    if (this.#handshake === undefined) return this.#hub?.onBeat(elapsedMs);
    const { handshakeTimeout } = this.#runtime.options;
    // No single beat decides: what arrived meanwhile may still wait behind it.
    this.#waitedMs += Math.min(elapsedMs, handshakeTimeout / 2);
    if (this.#waitedMs >= handshakeTimeout) this.#handshake.cancel();
  }

  onAgreed(agreement: Agreement): void {
    this.#handshake = undefined;
    const { authentication } = this;
    const identity = authentication ? { ...this.#identity, user: authentication.user } : this.#identity;
    this.#hub = new HubClient(this.#runtime, this.#client, identity, agreement, () => this.#end());
    this.#hub.start(agreement.rest);
  }

  onAuthenticationRefreshed(user: HubUser | undefined): void {
    this.#hub?.onAuthenticationRefreshed(user);
  }

  /** Whether the client may go on over another connection (stateful reconnect). @throws Refusal when not. */
  assertMayReturn(): void {
    if (this.#hub === undefined) throw inUse(); // the handshake is going on
    this.#hub.assertMayReturn();
  }

  /** The client goes on over another connection. */
  goOnOver(client: ServerConnection): void {
    this.#hub?.goOnOver(client);
  }

  onFailed(problem: string | undefined): void {
    const reason = problem ?? "the connection was lost";
    this.#runtime.log.write(LogLevel.Debug, () => `The handshake of ${this.#identity.connectionId} failed: ${reason}`);
    this.#handshake = undefined;
    if (problem !== undefined) void this.#client.connection.close();
    this.#end();
  }

  /** The client's newest authentication was rejected. */
  reject(): void {
    this.#handshake?.cancel();
    this.#hub?.drop(new ConnectionError("connection-lost", "The new authentication of the client was rejected."));
  }

  /** The server is closing, or the client's authentication has expired: the client may come back. */
  shutDown(): void {
    this.#handshake?.cancel();
    this.#hub?.shutDown();
  }

  /** Drops the connection at once. */
  terminate(): void {
    (this.#hub ?? this.#client).terminate();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#runtime.heartbeat.delete(this);
    this.#runtime.work.leave();
    this.#onOver();
  }
}

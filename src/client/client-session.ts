/** A hub connection while it is connected: the session, its keep-alive, and the dispatch of the server's calls to the application's handlers. */
import { Ticker } from "../common/ticker.js";
import type { Clock } from "../common/clock.js";
import { TimeoutError } from "../errors/http-errors.js";
import { messageOf } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { HubProtocol } from "../protocol/hub-protocol.js";
import { MessageType, type InvocationMessage, type StreamInvocationMessage } from "../protocol/messages.js";
import { HubSession } from "../session/hub-session.js";
import type { SessionEnd, SessionOwner } from "../session/session-owner.js";
import { tickIntervalMs, type KeepAliveIntervals } from "../session/keep-alive.js";
import type { ClientHandshake } from "./client-handshake.js";
import type { HandlerRegistry } from "./handler-registry.js";
import type { OpenedConnection } from "./http-connection.js";

/** What a client session works with, beyond its connection. */
export interface ClientSessionOptions {
  readonly protocol: HubProtocol;
  readonly clock: Clock;
  readonly log: Log;
  readonly handlers: HandlerRegistry;
  /** Read anew at every tick. */
  readonly intervals: KeepAliveIntervals;
  /** `this` of the handlers. */
  readonly self: unknown;
  /** Largest message accepted, in bytes. */
  readonly maximumMessageSize: number;
}

/** One connection to the hub, from the handshake to its end. */
export class ClientSession implements SessionOwner {
  /** Calls and streams. */
  readonly hub: HubSession;
  /** What was opened. */
  readonly opened: OpenedConnection;
  readonly #options: ClientSessionOptions;
  #handshake: ClientHandshake | undefined; // let go of as soon as the session has taken over
  #ticker: Ticker | undefined;
  #onEnded: (end: SessionEnd) => void = () => undefined;

  constructor(opened: OpenedConnection, handshake: ClientHandshake, options: ClientSessionOptions) {
    this.opened = opened;
    this.#handshake = handshake;
    this.#options = options;
    this.hub = new HubSession({ ...options, connection: opened.connection, owner: this, idPrefix: "" });
  }

  /** Lets messages through, those first that shared the handshake's frame. Called once, when the state says Connected. */
  begin(onEnded: (end: SessionEnd) => void): void {
    if (this.hub.ended) return; // a callback about the new state stopped it
    this.#onEnded = onEnded;
    const { connection } = this.opened;
    if (!connection.inherentKeepAlive) {
      const { clock, intervals } = this.#options;
      const onTick = (elapsedMs: number) => this.hub.tick(elapsedMs, intervals);
      this.#ticker = new Ticker(clock, () => tickIntervalMs(intervals), onTick);
      // The server only watches over clients that have pinged once (HUB_PROTOCOL §3).
      this.hub.ping();
    }
    this.#handshake?.handOver(connection, this.hub.channel);
    this.#handshake = undefined;
  }

  /** Ends the session because the application says so, and tells the server. */
  stop(): Promise<void> {
    return this.hub.close({ type: MessageType.Close }, { error: undefined, allowReconnect: false });
  }

  onInvocation(message: InvocationMessage | StreamInvocationMessage): void {
    const { handlers, log, self } = this.#options;
    if (message.type === MessageType.StreamInvocation) {
      log.write(LogLevel.Warning, "A server cannot ask a client for a stream; the message was ignored.");
    } else if (message.invocationId) {
      void this.#answer(message, message.invocationId);
    } else {
      handlers.notify(message.target, message.arguments, self);
    }
  }

  onCancelInvocation(): void {
    // No server tells its clients (DOTNET11 §2); the handler's late answer would be ignored.
  }

  onPing(): void {
    // That something arrived is all a ping says.
  }

  onDetached(): boolean {
    return false;
  }

  onEnded(end: SessionEnd): void {
    this.#ticker?.stop();
    this.#onEnded(end);
  }

  timeoutError(): Error {
    return new TimeoutError("Server timeout elapsed without receiving a message from the server.", "server-timeout");
  }

  closeMessageFor(): undefined {
    return undefined;
  }

  streamErrorText(thrown: unknown): string {
    return messageOf(thrown);
  }

  async #answer(message: InvocationMessage, id: string): Promise<void> {
    const { handlers, self } = this.#options;
    const outcome = await handlers.ask(message.target, message.arguments, self);
    try {
      this.hub.complete(id, outcome);
    } catch (thrown) {
      this.hub.complete(id, { error: messageOf(thrown) }); // a result that cannot be encoded
    }
  }
}

/** A hub connection while it is connected: the session, its keep-alive, and the dispatch of the server's calls to the application's handlers. */
import { Ticker, type TickListener } from "../common/ticker.js";
import type { Clock } from "../common/clock.js";
import { TimeoutError } from "../errors/http-errors.js";
import { messageOf } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { WakeSource } from "../platform/platform.js";
import type { HubProtocol } from "../protocol/hub-protocol.js";
import { MessageType, type InvocationMessage, type StreamInvocationMessage } from "../protocol/messages.js";
import { HubSession } from "../session/hub-session.js";
import type { SessionEnd, SessionOwner } from "../session/session-owner.js";
import { tickIntervalMs, type KeepAliveIntervals } from "../session/keep-alive.js";
import type { ClientHandshake } from "./client-handshake.js";
import type { OpenedConnection } from "./http-connection.js";
import type { InboundCalls } from "./inbound-calls.js";
import type { StreamsPart } from "../session/streams.js";
import type { SessionResumer } from "./session-resumer.js";
import type { StatefulReconnect } from "./stateful-reconnect.js";

/** What a client session works with, beyond its connection. */
export interface ClientSessionOptions {
  readonly protocol: HubProtocol;
  readonly clock: Clock;
  readonly log: Log;
  /** Largest message accepted, in bytes. */
  readonly maximumMessageSize: number;
  /** Carries streams. */
  readonly streams?: StreamsPart | undefined;
  readonly wakeSource?: WakeSource | undefined;
  /** What an opened connection is resumed with, where it can be. */
  readonly statefulReconnect?: StatefulReconnect | undefined;
}

/** Whose session it is. The times are read anew at every tick. */
export interface SessionHost {
  readonly serverTimeoutInMilliseconds: number;
  readonly keepAliveIntervalInMilliseconds: number;
}

/** What a client session tells its lifecycle. */
export interface ClientSessionEvents {
  /** It is over. */
  onEnded(end: SessionEnd): void;
  /** Its connection broke and was resumed; nothing was lost. */
  onResumed(reason: Error): void;
}

/** One connection to the hub, from the handshake to its end, however often it is resumed. */
export class ClientSession implements SessionOwner, TickListener {
  /** Calls and streams. */
  readonly hub: HubSession;
  /** What was opened. */
  readonly opened: OpenedConnection;
  readonly #options: ClientSessionOptions;
  readonly #inbound: InboundCalls;
  readonly #host: SessionHost;
  #handshake: ClientHandshake | undefined; // let go of as soon as the session has taken over
  #ticker: Ticker | undefined;
  #stopListening: (() => void) | undefined;
  readonly #resumer: SessionResumer | undefined;
  #events: ClientSessionEvents | undefined;

  constructor(
    opened: OpenedConnection,
    handshake: ClientHandshake,
    options: ClientSessionOptions,
    inbound: InboundCalls,
    host: SessionHost,
  ) {
    this.opened = opened;
    this.#handshake = handshake;
    this.#options = options;
    this.#inbound = inbound;
    this.#host = host;
    const { connection, resumption } = opened;
    const { protocol, statefulReconnect } = options;
    const continuity = resumption && statefulReconnect?.continuity(resumption);
    this.hub = new HubSession({ ...options, connection, continuity, owner: this, idPrefix: "" });
    this.#resumer =
      resumption &&
      statefulReconnect?.resumer({
        ...options,
        channel: this.hub.channel,
        resumption,
        transferFormat: protocol.transferFormat,
        onResumed: (reason) => this.#events?.onResumed(reason),
        onLost: (reason) => this.hub.fail(reason),
      });
  }

  /** Lets messages through, those first that shared the handshake's frame. Called once, when the state says Connected. */
  begin(events: ClientSessionEvents): void {
    if (this.hub.ended) return; // a callback about the new state stopped it
    this.#events = events;
    const { connection } = this.opened;
    if (!connection.inherentKeepAlive) {
      this.#ticker = new Ticker(this.#options.clock, this);
      // The server only watches over clients that have pinged once (HUB_PROTOCOL §3). Often a call follows at once and can take it along.
      this.hub.channel.linger();
      this.hub.ping();
    }
    // A connection that died while nobody looked says so as soon as something is sent over it.
    this.#stopListening = this.#options.wakeSource?.listen(() => this.hub.ping());
    this.#handshake?.handOver(connection, this.hub.channel);
    this.#handshake = undefined;
  }

  /** Ends the session because the application says so, and tells the server. */
  stop(): Promise<void> {
    return this.hub.close({ type: MessageType.Close }, { error: undefined, allowReconnect: false });
  }

  get tickIntervalMs(): number {
    return tickIntervalMs(this.#intervals);
  }

  onTick(elapsedMs: number): void {
    this.hub.tick(elapsedMs, this.#intervals);
  }

  onInvocation(message: InvocationMessage | StreamInvocationMessage): void {
    if (message.type === MessageType.StreamInvocation) {
      const { log } = this.#options;
      log.write(LogLevel.Warning, "A server cannot ask a client for a stream; the message was ignored.");
    } else if (message.invocationId) {
      void this.#answer(message, message.invocationId);
    } else {
      const error = this.#inbound.notify(message);
      if (error !== undefined) this.hub.fail(error);
    }
  }

  onCancelInvocation(): void {
    // No server tells its clients (DOTNET11 §2); the handler's late answer would be ignored.
  }

  onPing(): void {
    // That something arrived is all a ping says.
  }

  onDetached(error: Error): boolean {
    return this.#resumer?.onDetached(error) ?? false;
  }

  onEnded(end: SessionEnd): void {
    this.#ticker?.stop();
    this.#stopListening?.();
    this.#resumer?.stop();
    this.#events?.onEnded(end);
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

  get #intervals(): KeepAliveIntervals {
    const host = this.#host;
    return {
      keepAliveIntervalMs: host.keepAliveIntervalInMilliseconds,
      timeoutMs: host.serverTimeoutInMilliseconds,
    };
  }

  async #answer(message: InvocationMessage, id: string): Promise<void> {
    const outcome = await this.#inbound.ask(message);
    try {
      this.hub.complete(id, outcome);
    } catch (thrown) {
      this.hub.complete(id, { error: messageOf(thrown) }); // a result that cannot be encoded
    }
  }
}

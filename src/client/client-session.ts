/** A hub connection while it is connected: how it is made, the session, its keep-alive, and what becomes of the server's calls. */
import type { Abortable } from "../common/abort-scope.js";
import { Ticker, type TickListener } from "../common/ticker.js";
import { TimeoutError } from "../errors/http-errors.js";
import { messageOf } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import { MessageType, type InvocationMessage, type StreamInvocationMessage } from "../protocol/messages.js";
import { HubSession } from "../session/hub-session.js";
import type { CreateChannel } from "../session/message-channel.js";
import { tickIntervalMs, type KeepAliveIntervals } from "../session/keep-alive.js";
import type { SessionEnd } from "../session/session-options.js";
import { ClientHandshake } from "./client-handshake.js";
import type { HandlerRegistry } from "./handler-registry.js";
import type { ConnectionOpener } from "./http-connection.js";
import type { OpenedConnection } from "./opened-connection.js";
import type { ConnectionOptions } from "./options.js";

/** Whose session it is. */
export interface SessionHost {
  /** The times are read anew at every tick. */
  readonly options: Pick<
    ConnectionOptions,
    | "clock"
    | "keepAliveInterval"
    | "log"
    | "maximumMessageSize"
    | "protocol"
    | "serverTimeout"
    | "statefulReconnect"
    | "streams"
    | "wakeSource"
  >;
  /** Take the server's calls. */
  readonly handlers: HandlerRegistry;
  /** The session is over. */
  onEnded(end: SessionEnd): void;
  /** Its connection broke and was resumed; nothing was lost. */
  onResumed(reason: Error): void;
}

/** What {@link openSession} goes by. */
export interface OpeningHost extends SessionHost {
  readonly options: Pick<ConnectionOptions, "handshakeTimeout" | "url"> & SessionHost["options"];
  readonly http: Pick<ConnectionOpener, "open">;
}

/** Makes a connection, handshake included: one attempt, bounded in time, and by the signal. */
export async function openSession(host: OpeningHost, signal: Abortable): Promise<ClientSession> {
  const { clock, handshakeTimeout: timeoutMs, protocol, statefulReconnect, url } = host.options;
  const { name, transferFormat } = protocol;
  const handshake = new ClientHandshake();
  // An encoding of version 1 does not know the messages that this takes.
  const canResume = statefulReconnect !== undefined && protocol.version >= 2;
  const wantsStatefulReconnect = canResume && statefulReconnect.isWanted;
  const opened = await host.http.open({ url, transferFormat, wantsStatefulReconnect, listener: handshake, signal });
  const resumption = canResume ? opened.resumption : undefined;
  try {
    const version = resumption ? 2 : 1;
    await handshake.perform(opened.connection, { protocol: name, version }, { clock, timeoutMs, signal });
  } catch (thrown) {
    await opened.connection.close(); // so that nothing is left
    throw thrown;
  }
  const createChannel = resumption && statefulReconnect?.channel(resumption, (reason) => host.onResumed(reason));
  return new ClientSession(host, { ...opened, resumption }, handshake, createChannel);
}

/**
 * One connection to the hub, from the handshake to its end, however often it is resumed. No server tells it of cancelled calls
 * (DOTNET11 §2); a handler's late answer would be ignored.
 */
export class ClientSession extends HubSession implements TickListener {
  /** What was opened. */
  readonly opened: OpenedConnection;
  readonly #host: SessionHost;
  #handshake: ClientHandshake | undefined; // there until the session has taken over
  #handlers: HandlerRegistry | undefined; // the host's, made with the first
  #ticker: Ticker | undefined;
  #stopListening: (() => void) | undefined;

  /** @param createChannel Makes a channel that can be resumed. */
  constructor(host: SessionHost, opened: OpenedConnection, handshake: ClientHandshake, createChannel?: CreateChannel) {
    const { connection } = opened;
    const { clock, log, maximumMessageSize, protocol, streams } = host.options;
    super({ clock, connection, createChannel, idPrefix: "", log, maximumMessageSize, protocol, streams });
    this.opened = opened;
    this.#host = host;
    this.#handshake = handshake;
  }

  /** Lets messages through, those first that shared the handshake's frame. Called once, when the state says Connected. */
  begin(): void {
    if (this.ended) return; // a callback about the new state stopped it
    const { connection } = this.opened;
    const { clock, wakeSource } = this.#host.options;
    if (!connection.inherentKeepAlive) {
      this.#ticker = new Ticker(clock, this);
      // The server only watches over clients that have pinged once (HUB_PROTOCOL §3). Often a call follows at once and can take it along.
      this.channel.linger();
      this.ping();
    }
    // A connection that died while nobody looked says so as soon as something is sent over it.
    this.#stopListening = wakeSource?.listen(() => this.ping());
    const handshake = this.#handshake;
    this.#handshake = undefined;
    handshake?.handOver(connection, this.channel);
  }

  /** Ends the session because the application says so, and tells the server. */
  stop(): Promise<void> {
    return this.close({ type: MessageType.Close }, { error: undefined, allowReconnect: false });
  }

  /** How often to look after keep-alive. */
  get tickIntervalMs(): number {
    return tickIntervalMs(this.#intervals);
  }

  /** Looks after keep-alive. */
  onTick(elapsedMs: number): void {
    this.tick(elapsedMs, this.#intervals);
  }

  /** Made when nothing came for too long. */
  override timeoutError(): Error {
    return new TimeoutError("Server timeout elapsed without receiving a message from the server.", "server-timeout");
  }

  protected override onInvocation(message: InvocationMessage | StreamInvocationMessage): void {
    if (message.type === MessageType.StreamInvocation) {
      const { log } = this.#host.options;
      log.write(LogLevel.Warning, "A server cannot ask a client for a stream; the message was ignored.");
    } else if (message.invocationId) {
      void this.#answer(message, message.invocationId);
    } else {
      this.#handlers ??= this.#host.handlers;
      const error = this.#handlers.notify(message);
      if (error !== undefined) this.fail(error);
    }
  }

  protected override onEnded(end: SessionEnd): void {
    this.#ticker?.stop();
    this.#stopListening?.();
    if (this.#handshake === undefined) this.#host.onEnded(end); // whoever ends it before it began knows
  }

  get #intervals(): KeepAliveIntervals {
    const { keepAliveInterval, serverTimeout } = this.#host.options;
    return { keepAliveIntervalMs: keepAliveInterval, timeoutMs: serverTimeout };
  }

  async #answer(message: InvocationMessage, id: string): Promise<void> {
    const outcome = await this.#host.handlers.ask(message);
    try {
      this.complete(id, outcome);
    } catch (thrown) {
      this.complete(id, { error: messageOf(thrown) }); // a result that cannot be encoded
    }
  }
}

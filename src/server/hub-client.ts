/** One client of a hub after the handshake: `onConnected`, its calls, its keep-alive, `onDisconnected` (SERVER_API §2, lifecycle). */
import { isThenable } from "../common/deferred.js";
import { HubError, InvalidStateError, LimitError } from "../errors/call-errors.js";
import { TimeoutError } from "../errors/http-errors.js";
import { toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Chunk, HubProtocol } from "../protocol/hub-protocol.js";
import {
  MessageType,
  type CloseMessage,
  type InvocationMessage,
  type StreamInvocationMessage,
} from "../protocol/messages.js";
import type { CreateChannel, MessageChannel } from "../session/message-channel.js";
import { WRITTEN } from "../session/message-writer.js";
import { ServerSession, type SessionOwner } from "./server-session.js";
import type { SessionEnd } from "../session/session-options.js";
import type { Member } from "./audience.js";
import { disconnectReason } from "./disconnect-reason.js";
import { EarlyMessages } from "./early-messages.js";
import { CLOSED_WITH_ERROR, errorText, STREAM_FAILED } from "./error-text.js";
import { HeldChannel } from "./held-channel.js";
import { CallerClients, type BeforeInvoke } from "./hub-clients.js";
import { ConnectionContext, type ClientIdentity, type HubCallerContext, type HubUser } from "./hub-context.js";
import { HubDispatcher } from "./hub-dispatcher.js";
import { hubFor, type HubRuntime } from "./hub-runtime.js";
import { NO_HEADERS, type HubScope } from "./hub.js";
import { ReadGate } from "./read-gate.js";
import { RefreshedContext } from "./refreshed-context.js";
import { REFRESH_NOTICE, refreshNotice } from "./refresh-notice.js";
import { inUse, noConnection, tooOften } from "./refusal.js";
import { countsEveryMessage, Resumption } from "./resumption.js";
import { SendingWatch } from "./sending-watch.js";
import type { ServerConnection } from "./server-connection.js";
import type { Agreement } from "./server-handshake.js";

/** Of the handshake: what it takes for stateful reconnect. */
const STATEFUL_VERSION = 2;

/** A client that is connected to a hub. */
export class HubClient implements SessionOwner, Member {
  readonly protocol: HubProtocol;
  readonly session: ServerSession;
  context: HubCallerContext;
  /** Pauses the reading of its connection. */
  readonly gate: ReadGate;
  groups: Set<string> | undefined;
  readonly #runtime: HubRuntime;
  readonly #firstContext: ConnectionContext;
  /** There with stateful reconnect. */
  readonly #resumption: Resumption | undefined;
  #channel: HeldChannel | undefined; // likewise
  readonly #sending = new SendingWatch();
  #client: ServerConnection;
  #dispatcher: HubDispatcher | undefined; // there with the first call
  readonly #onOver: () => void;
  #isReady = false;
  #isRefused = false;
  #end: SessionEnd | undefined;
  #hasPinged = false;

  /** @param onOver Called once, when the connection has ended and `onDisconnected` is done. */
  constructor(
    runtime: HubRuntime,
    client: ServerConnection,
    identity: ClientIdentity,
    { protocol, version }: Agreement,
    onOver: () => void,
  ) {
    const { disconnectTimeout, maximumReceiveMessageSize } = runtime.options;
    const isStateful = identity.isStateful && version >= STATEFUL_VERSION;
    this.#runtime = runtime;
    this.#client = client;
    this.#onOver = onOver;
    this.#resumption = isStateful ? new Resumption(disconnectTimeout) : undefined;
    this.protocol = protocol;
    this.context = this.#firstContext = new ConnectionContext(identity, this);
    this.session = new ServerSession({
      owner: this,
      connection: client.connection,
      protocol,
      clock: runtime.clock,
      log: runtime.log,
      idPrefix: "s",
      maximumMessageSize: maximumReceiveMessageSize,
      createChannel: isStateful ? (...session) => this.#createChannel(session, identity) : undefined,
    });
    const held = this.#channel;
    // With stateful reconnect the connection is read whatever the hub takes, because acknowledgements come in it too.
    this.gate = new ReadGate(held ? { pause: () => held.hold(), resume: () => held.release() } : client);
  }

  get connectionId(): string {
    return this.context.connectionId;
  }

  get userIdentifier(): string | undefined {
    return this.context.userIdentifier;
  }

  get maximumGroups(): number {
    return this.#runtime.options.maximumGroupsPerConnection;
  }

  /** Lets the client in, if `onConnected` does. @param rest What came behind the handshake. */
  start(rest: Chunk | undefined): void {
    const handOver = this.#keepEarly(rest);
    this.#runtime.audience.add(this);
    try {
      const returned = hubFor(this.#runtime, this.#scope(refuseInvoke)).onConnected();
      if (!isThenable(returned)) return this.#begin(handOver);
      Promise.resolve(returned).then(
        () => this.#begin(handOver),
        (thrown: unknown) => this.#refuse(thrown),
      );
    } catch (thrown) {
      this.#refuse(thrown);
    }
  }

  /** Whether the client may go on over another connection. @throws Refusal when not. */
  assertMayReturn(): void {
    if (this.session.ended) throw noConnection();
    if (this.#resumption === undefined) throw inUse();
    if (!this.#resumption.isAffordable) throw tooOften();
  }

  /** The client goes on over another connection; the one before counts for nothing any more, whatever its state. */
  goOnOver(client: ServerConnection): void {
    const { statefulReconnectBufferSize } = this.#runtime.options;
    this.#client.terminate();
    this.#client = client;
    this.#resumption?.onReturned((this.#channel?.sent.size ?? 0) / statefulReconnectBufferSize);
    this.#channel?.attach(client.connection);
  }

  /** The server is closing. */
  shutDown(): void {
    this.#close(closeMessage({ allowReconnect: true }), this.#resumption?.loss);
  }

  /** Drops the connection at once. */
  terminate(): void {
    this.#client.terminate();
  }

  /** Ends the connection for good. */
  abort(): void {
    void this.session.close(closeMessage({}), { error: undefined, allowReconnect: false });
  }

  drop(error: Error): void {
    void this.session.close(undefined, { error, allowReconnect: true });
    this.#client.terminate();
  }

  /** Called by the heartbeat. */
  onBeat(elapsedMs: number): void {
    const { watched, unwatched } = this.#runtime.intervals;
    if (this.#resumption === undefined) {
      if (this.gate.isClosed) this.session.channel.hasReceived = true; // it may well be talking
    } else if (this.#resumption.onBeat(elapsedMs)) {
      return this.#close(undefined, this.#resumption.loss);
    }
    // Clients with stateful reconnect ping for certain, so that a first ping that does not come means something.
    const isWatched = this.#hasPinged || this.#resumption !== undefined;
    this.session.tick(elapsedMs, isWatched ? watched : unwatched);
    const { transportSendTimeout } = this.#runtime.options;
    if (!this.session.ended && this.#sending.onBeat(elapsedMs, this.session.channel, transportSendTimeout)) {
      this.drop(new TimeoutError(`The client took nothing for ${transportSendTimeout} ms.`));
    }
  }

  onInvocation(message: InvocationMessage | StreamInvocationMessage): void {
    this.#calls.onInvocation(message);
  }

  /** The client has refreshed its authentication. */
  onAuthenticationRefreshed(user: HubUser | undefined): void {
    this.context = new RefreshedContext(this.#firstContext, user);
    if (this.#isReady) this.#tellRefreshed();
  }

  onCancelInvocation(invocationId: string): void {
    this.#dispatcher?.onCancelInvocation(invocationId);
  }

  onPing(): void {
    this.#hasPinged = true;
  }

  onEnded(end: SessionEnd): void {
    this.#end = end;
    this.gate.stop();
    this.#dispatcher?.end();
    this.#firstContext.end();
    if (this.#isReady) void this.#disconnect(end);
    else if (this.#isRefused) this.#leave();
  }

  timeoutError(): Error {
    const { clientTimeoutInterval } = this.#runtime.options;
    return new TimeoutError(`The client sent nothing for ${clientTimeoutInterval} ms.`);
  }

  closeMessageFor(error: Error): CloseMessage {
    const text = errorText(CLOSED_WITH_ERROR, error, this.#runtime.options.enableDetailedErrors);
    return closeMessage({ error: text, allowReconnect: true });
  }

  streamErrorText(thrown: unknown): string {
    const level = thrown instanceof HubError ? LogLevel.Debug : LogLevel.Error;
    this.#log(level, "A stream failed", thrown);
    return errorText(STREAM_FAILED, thrown, this.#runtime.options.enableDetailedErrors);
  }

  get #calls(): HubDispatcher {
    return (this.#dispatcher ??= new HubDispatcher(this.#runtime, this));
  }

  /** Keeps what arrives before `onConnected` is done. @returns a function that hands it over. */
  #keepEarly(rest: Chunk | undefined): () => void {
    const { gate } = this;
    const { channel } = this.session;
    const { connection } = this.#client;
    if (this.#channel !== undefined) {
      gate.hold();
      connection.listener = channel;
      if (rest !== undefined) channel.onData(rest);
      return () => gate.release();
    }
    const early = new EarlyMessages(channel, gate);
    connection.listener = early;
    if (rest !== undefined) early.onData(rest);
    return () => {
      connection.listener = channel;
      early.handOver();
    };
  }

  #begin(handOver: () => void): void {
    this.#isReady = true;
    if (this.#end !== undefined) return void this.#disconnect(this.#end);
    if (this.context !== this.#firstContext) this.#tellRefreshed();
    handOver();
  }

  #tellRefreshed(): void {
    if (!this.#calls.isWaiting(REFRESH_NOTICE)) this.#calls.perform(refreshNotice(this.#calls));
  }

  #refuse(thrown: unknown): void {
    this.#log(thrown instanceof HubError ? LogLevel.Debug : LogLevel.Error, "onConnected failed", thrown);
    this.#isRefused = true;
    if (this.#end !== undefined) return this.#leave();
    const error = errorText(CLOSED_WITH_ERROR, thrown, this.#runtime.options.enableDetailedErrors);
    void this.session.close(closeMessage({ error }), { error: undefined, allowReconnect: false });
  }

  async #disconnect(end: SessionEnd): Promise<void> {
    await WRITTEN; // it may be a hub method that ended the connection: that comes first
    try {
      await hubFor(this.#runtime, this.#scope(allowInvoke)).onDisconnected(disconnectReason(end));
    } catch (thrown) {
      this.#log(LogLevel.Error, "onDisconnected failed", thrown);
    }
    this.#leave();
  }

  #leave(): void {
    this.#runtime.audience.delete(this);
    this.#onOver();
  }

  #createChannel(session: Parameters<CreateChannel>, { request }: ClientIdentity): MessageChannel {
    const { statefulReconnectBufferSize: bufferSize } = this.#runtime.options;
    return (this.#channel = new HeldChannel(...session, {
      bufferSize,
      isExact: countsEveryMessage(request),
      onDetached: (error) => {
        // Whoever sent a frame that was too large would do it again.
        if (this.#isRefused || error.cause instanceof LimitError) return false;
        this.#resumption?.onLost(error);
        return true;
      },
    }));
  }

  #close(message: CloseMessage | undefined, error: Error | undefined): void {
    void this.session.close(message, { error, allowReconnect: true });
  }

  #scope(beforeInvoke: BeforeInvoke): HubScope {
    const { context } = this;
    const { audience, groups } = this.#runtime;
    return {
      context,
      groups,
      headers: NO_HEADERS,
      clients: new CallerClients(audience, this.connectionId, beforeInvoke),
      get signal() {
        return context.connectionAborted;
      },
    };
  }

  #log(level: LogLevel, what: string, thrown: unknown): void {
    this.#runtime.log.write(level, () => `${what}: ${toError(thrown).stack ?? String(thrown)}`);
  }
}

function allowInvoke(): void {}

function refuseInvoke(): never {
  throw new InvalidStateError("Clients cannot be asked for results inside onConnected.");
}

function closeMessage(members: { error?: string; allowReconnect?: boolean }): CloseMessage {
  return { type: MessageType.Close, ...members };
}

/** One client of a hub after the handshake: `onConnected`, its calls, its keep-alive, `onDisconnected` (SERVER_API §2, lifecycle). */
import { isThenable } from "../common/deferred.js";
import { HubError, InvalidStateError } from "../errors/call-errors.js";
import { ConnectionError } from "../errors/connection-errors.js";
import { TimeoutError } from "../errors/http-errors.js";
import { HubwireError } from "../errors/hubwire-error.js";
import { toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Chunk, HubProtocol } from "../protocol/hub-protocol.js";
import {
  MessageType,
  type CloseMessage,
  type InvocationMessage,
  type StreamInvocationMessage,
} from "../protocol/messages.js";
import { WRITTEN } from "../session/message-writer.js";
import { HubSession } from "../session/hub-session.js";
import type { SessionEnd, SessionOwner } from "../session/session-owner.js";
import type { Member } from "./audience.js";
import { EarlyMessages } from "./early-messages.js";
import { CLOSED_WITH_ERROR, errorText, STREAM_FAILED } from "./error-text.js";
import { CallerClients, type BeforeInvoke } from "./hub-clients.js";
import { ConnectionContext, type ClientIdentity } from "./hub-context.js";
import { HubDispatcher } from "./hub-dispatcher.js";
import { hubFor, type HubRuntime } from "./hub-runtime.js";
import type { HubScope } from "./hub.js";
import { ReadGate } from "./read-gate.js";
import type { ServerConnection } from "./server-connection.js";

const NO_RESULTS_YET = "Clients cannot be asked for results inside onConnected.";

/** A client that is connected to a hub. */
export class HubClient implements SessionOwner, Member {
  readonly protocol: HubProtocol;
  readonly session: HubSession;
  readonly context: ConnectionContext;
  /** Pauses the reading of its connection. */
  readonly gate: ReadGate;
  groups: Set<string> | undefined;
  readonly #runtime: HubRuntime;
  readonly #client: ServerConnection;
  readonly #dispatcher: HubDispatcher;
  readonly #onOver: () => void;
  #isReady = false;
  #isRefused = false;
  #end: SessionEnd | undefined;
  #hasPinged = false;
  #blockedMs: number | undefined;

  /** @param onOver Called once, when the connection has ended and `onDisconnected` is done. */
  constructor(
    runtime: HubRuntime,
    client: ServerConnection,
    identity: ClientIdentity,
    protocol: HubProtocol,
    onOver: () => void,
  ) {
    this.#runtime = runtime;
    this.#client = client;
    this.#onOver = onOver;
    this.protocol = protocol;
    this.gate = new ReadGate(client);
    this.context = new ConnectionContext(identity, () => this.#abort());
    this.session = new HubSession({
      connection: client.connection,
      protocol,
      owner: this,
      clock: runtime.clock,
      log: runtime.log,
      idPrefix: "s",
      maximumMessageSize: runtime.options.maximumReceiveMessageSize,
    });
    this.#dispatcher = new HubDispatcher(runtime, this);
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
    const early = new EarlyMessages(this.session.channel, this.gate);
    this.#client.connection.listener = early;
    if (rest !== undefined) early.onData(rest);
    this.#runtime.audience.add(this);
    try {
      const returned = hubFor(this.#runtime, this.#scope(refuseInvoke)).onConnected();
      if (!isThenable(returned)) return this.#begin(early);
      Promise.resolve(returned).then(
        () => this.#begin(early),
        (thrown: unknown) => this.#refuse(thrown),
      );
    } catch (thrown) {
      this.#refuse(thrown);
    }
  }

  /** The server is closing. */
  shutDown(): void {
    void this.session.close(closeMessage({ allowReconnect: true }), { error: undefined, allowReconnect: true });
  }

  drop(error: Error): void {
    void this.session.close(undefined, { error, allowReconnect: true });
    this.#client.terminate();
  }

  /** Called by the heartbeat. */
  onBeat(elapsedMs: number): void {
    const { watched, unwatched } = this.#runtime.intervals;
    if (this.gate.isClosed) this.session.channel.touch(); // it may well be talking
    this.session.tick(elapsedMs, this.#hasPinged ? watched : unwatched);
    this.#watchSending(elapsedMs);
  }

  onInvocation(message: InvocationMessage | StreamInvocationMessage): void {
    this.#dispatcher.onInvocation(message);
  }

  onCancelInvocation(invocationId: string): void {
    this.#dispatcher.onCancelInvocation(invocationId);
  }

  onPing(): void {
    this.#hasPinged = true;
  }

  onDetached(): boolean {
    return false;
  }

  onEnded(end: SessionEnd): void {
    this.#end = end;
    this.gate.stop();
    this.#dispatcher.end();
    this.context.end();
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

  #begin(early: EarlyMessages): void {
    this.#isReady = true;
    if (this.#end !== undefined) return void this.#disconnect(this.#end);
    this.#client.connection.listener = this.session.channel;
    early.handOver();
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
      await hubFor(this.#runtime, this.#scope(allowInvoke)).onDisconnected(exceptionFor(end));
    } catch (thrown) {
      this.#log(LogLevel.Error, "onDisconnected failed", thrown);
    }
    this.#leave();
  }

  #leave(): void {
    this.#runtime.audience.delete(this);
    this.#onOver();
  }

  #abort(): void {
    void this.session.close(closeMessage({}), { error: undefined, allowReconnect: false });
  }

  #scope(beforeInvoke: BeforeInvoke): HubScope {
    const { context } = this;
    const { audience, groups } = this.#runtime;
    return {
      context,
      groups,
      clients: new CallerClients(audience, this.connectionId, beforeInvoke),
      get signal() {
        return context.connectionAborted;
      },
    };
  }

  // A client that takes nothing would keep whatever is sent to it in memory.
  #watchSending(elapsedMs: number): void {
    const { transportSendTimeout } = this.#runtime.options;
    if (!this.session.isBlocked) return;
    if (this.#blockedMs === undefined) {
      this.#blockedMs = 0;
      void this.session.whenUnblocked().then(() => (this.#blockedMs = undefined));
      return;
    }
    // No single beat decides: after a long pause of the process the client gets another chance.
    this.#blockedMs += Math.min(elapsedMs, transportSendTimeout / 2);
    if (this.#blockedMs >= transportSendTimeout) {
      this.drop(new TimeoutError(`The client took nothing for ${transportSendTimeout} ms.`));
    }
  }

  #log(level: LogLevel, what: string, thrown: unknown): void {
    this.#runtime.log.write(level, () => `${what}: ${toError(thrown).stack ?? String(thrown)}`);
  }
}

function allowInvoke(): void {}

function refuseInvoke(): never {
  throw new InvalidStateError(NO_RESULTS_YET);
}

function closeMessage(members: { error?: string; allowReconnect?: boolean }): CloseMessage {
  return { type: MessageType.Close, ...members };
}

// What ended a connection comes wrapped, because the session tells the client's side what the server said.
function exceptionFor({ error }: SessionEnd): Error | undefined {
  return error instanceof ConnectionError && error.cause instanceof HubwireError ? error.cause : error;
}

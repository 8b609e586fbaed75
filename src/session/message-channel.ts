/** Carries a session's messages over its connection: encoding, decoding and keep-alive. Sessions that outlive it have a `ResumableChannel`. */
import { bounded } from "../common/abort-scope.js";
import { messageOf, toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { Chunk, DecoderOptions, HubProtocol, MessageDecoder } from "../protocol/hub-protocol.js";
import { MessageType, type CloseMessage, type HubMessage } from "../protocol/messages.js";
import type { Connection, ConnectionListener } from "./connection.js";
import { KeepAlive, type KeepAliveIntervals } from "./keep-alive.js";
import { MessageWriter } from "./message-writer.js";
import type { SessionOptions } from "./session-options.js";

/** Longest that the end of a connection waits for a peer that takes nothing. */
const DRAIN_TIMEOUT_MS = 1_000;

/** Gets what a channel has to tell. Its methods must not throw. */
export interface ChannelReceiver {
  /** A message arrived. */
  onMessage(this: void, message: HubMessage): void;
  /** The peer broke the rules, or cannot be waited for any longer; the connection is still there. */
  fail(error: Error): void;
  /** Makes the error for a peer that was silent for too long. */
  timeoutError(): Error;
  /** The connection ended by itself, with an error unless the peer closed it cleanly. */
  onLost(error: Error | undefined): void;
}

/** Makes the channel of a session. */
export type CreateChannel = (session: SessionOptions, receiver: ChannelReceiver) => MessageChannel;

/** The way of messages to one peer. */
export class MessageChannel extends MessageWriter implements ConnectionListener {
  /** Whether anything arrived since the last tick; a server that is not reading sets it. */
  hasReceived!: boolean;
  protected readonly protocol: HubProtocol;
  protected readonly receiver: ChannelReceiver;
  protected decoder!: MessageDecoder;
  readonly #log: Log;
  #keepAlive!: KeepAlive;
  /** What was written last is on its way, or has had its time. */
  #drained: Promise<void> | undefined;

  constructor(session: SessionOptions, receiver: ChannelReceiver) {
    super(session.connection, session.clock);
    this.protocol = session.protocol;
    this.receiver = receiver;
    this.#log = session.log;
    this.use(session.connection, session);
  }

  /** Whether writers have to wait. */
  get isFull(): boolean {
    return this.isBlocked;
  }

  /** Fulfils when there may be room. */
  whenRoom(): Promise<void> {
    return this.whenUnblocked();
  }

  /** Writes a message. @returns what {@link MessageWriter.writeEncoded} does. @throws InvalidArgumentError when it cannot be encoded. */
  write(message: HubMessage): Promise<void> {
    return super.writeEncoded(this.protocol.encode(message)); // not what a subclass counts
  }

  /** Writes a message behind which there is no call of the application's, so that nobody could catch what an encoding of the user's throws. */
  tell(message: HubMessage): void {
    try {
      void this.write(message);
    } catch (thrown) {
      this.#log.write(LogLevel.Error, () => `A message could not be written: ${messageOf(thrown)}`);
    }
  }

  /** Looks after keep-alive. Does nothing on a transport that sees to that itself. */
  tick(elapsedMs: number, intervals: KeepAliveIntervals): void {
    if (this.connection.inherentKeepAlive) return;
    const due = this.#keepAlive.tick(elapsedMs, this.hasReceived, this.hasWritten, intervals);
    this.hasReceived = this.hasWritten = false;
    if (due === "ping") this.tell({ type: MessageType.Ping });
    else if (due === "timeout") this.onSilence(this.receiver.timeoutError());
  }

  /**
   * Closes the connection.
   * @param lastWords What the peer is told. The connection closes behind it, or after a second when the peer does not take that.
   * @returns a promise that fulfils when it is released.
   */
  close(lastWords?: CloseMessage): Promise<void> {
    const { connection } = this;
    if (lastWords !== undefined) this.tell(lastWords);
    connection.cork?.(); // what is flushed is one write with the goodbye
    this.flush();
    const closed = lastWords === undefined || this.waitingSize === 0 ? connection.close() : undefined;
    connection.uncork?.();
    if (closed) return closed;
    const drained = bounded(() => this.whenUnblocked(), this.clock, undefined, DRAIN_TIMEOUT_MS);
    this.#drained = drained.catch(() => undefined);
    return this.#drained.then(() => connection.close());
  }

  /** Nothing is written any more. @param reason Makes the error for whoever waits. */
  override end(reason: () => Error): void {
    if (this.#drained === undefined) super.end(reason);
    else void this.#drained.then(() => super.end(reason));
  }

  onData(chunk: Chunk): void {
    this.hasReceived = true;
    try {
      this.decode(chunk);
    } catch (thrown) {
      this.receiver.fail(toError(thrown));
    }
  }

  onClosed(error: Error | undefined): void {
    this.receiver.onLost(error);
  }

  /** Goes on with a connection, without looking back at another one. */
  protected use(connection: Connection, decoding: DecoderOptions): void {
    this.connection = connection;
    this.decoder = this.protocol.createDecoder(decoding);
    this.#keepAlive = new KeepAlive();
    this.hasReceived = true;
  }

  /** The peer was silent for too long. */
  protected onSilence(error: Error): void {
    this.receiver.fail(error);
  }

  /** Hands over what a chunk completes. @throws what is wrong with it. */
  protected decode(chunk: Chunk): void {
    this.decoder.decode(chunk, this.receiver.onMessage);
  }
}

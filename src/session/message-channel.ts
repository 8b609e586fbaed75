/** Carries a session's messages over its connection: encoding, decoding, keep-alive, and, with stateful reconnect, the change of connections. */
import type { Clock } from "../common/clock.js";
import type { Log } from "../logging/logger.js";
import type { Chunk, Encoded, HubProtocol, MessageDecoder } from "../protocol/hub-protocol.js";
import { isTracked, type HubMessage } from "../protocol/messages.js";
import { NOWHERE, type Connection, type ConnectionListener } from "./connection.js";
import type { Continuity } from "./continuity.js";
import { KeepAlive, KeepAliveVerdict, type KeepAliveIntervals } from "./keep-alive.js";
import { MessageWriter, WRITTEN } from "./message-writer.js";
import { bounded } from "../common/abort-scope.js";
import { toError } from "../errors/to-error.js";
import type { SessionOptions } from "./session-owner.js";

/** Longest that the end of a connection waits for a peer that takes nothing. */
const DRAIN_TIMEOUT_MS = 1_000;

/** Gets what a channel has to tell. Its methods must not throw. */
export interface ChannelReceiver {
  /** A message arrived. */
  onMessage(this: void, message: HubMessage): void;
  /** The peer broke the rules, or cannot be waited for any longer; the connection is still there. */
  onFault(error: Error): void;
  /** The peer has heard nothing for so long that a ping is due. */
  ping(): void;
  /** The peer was silent for too long. */
  onSilence(): void;
  /** The connection ended by itself, with an error unless the peer closed it cleanly. */
  onLost(error: Error | undefined): void;
}

/** The way of messages to one peer. */
export class MessageChannel implements ConnectionListener {
  /** The counts of both directions, with stateful reconnect. */
  readonly continuity: Continuity | undefined;
  readonly #protocol: HubProtocol;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #maximumMessageSize: number;
  readonly #receiver: ChannelReceiver;
  /** Takes what the peer counts: the first writer itself, unless the session can outlive it. */
  readonly #outlet: Pick<Continuity, "write" | "assertRoom">;
  #connection: Connection;
  #writer: MessageWriter;
  #decoder: MessageDecoder;
  #keepAlive = new KeepAlive();
  #received = true;
  /** What was written last is on its way, or has had its time. */
  #drained: Promise<void> | undefined;

  constructor(options: SessionOptions, receiver: ChannelReceiver) {
    const { connection, continuity, protocol, clock } = options;
    this.#protocol = protocol;
    this.#clock = clock;
    this.#log = options.log;
    this.#maximumMessageSize = options.maximumMessageSize;
    this.#receiver = receiver;
    this.#connection = connection;
    this.#writer = new MessageWriter(connection, clock);
    this.#decoder = this.#createDecoder();
    this.continuity = continuity?.(protocol, receiver.onMessage, this.#writer);
    this.#outlet = this.continuity ?? this.#writer;
  }

  /** Whether the peer takes nothing at the moment. */
  get isBlocked(): boolean {
    return this.#writer.isBlocked;
  }

  /** Fulfils when the peer takes more. */
  whenUnblocked(): Promise<void> {
    return this.#writer.whenUnblocked();
  }

  /** Whether writers have to wait: for the connection, or for the peer's acknowledgement. */
  get isFull(): boolean {
    return this.isBlocked || this.continuity?.sent.isFull === true;
  }

  /** Fulfils when there may be room. */
  whenRoom(): Promise<void> {
    if (this.isBlocked || this.continuity === undefined) return this.whenUnblocked();
    return this.continuity.sent.whenRoom().then(undefined, () => undefined);
  }

  /** @throws LimitError when so much waits already that an application has to stop and wait. */
  assertRoom(): void {
    this.#outlet.assertRoom();
  }

  /** Writes a message. @returns what {@link MessageWriter.write} does. @throws InvalidArgumentError when it cannot be encoded. */
  write(message: HubMessage): Promise<void> {
    return (isTracked(message.type) ? this.#outlet : this.#writer).write(this.#protocol.encode(message), message);
  }

  /**
   * The message that was just written is an item of a stream. One that never waits comes to rest now and then: it would go on for as long
   * as the peer keeps up, and this process would hear nothing meanwhile, no answer, no ping, no wish to end it.
   * @param written What writing it returned.
   */
  onItem(written: Promise<void>): Promise<void> {
    if (written !== WRITTEN || !this.#writer.isTurnFull) return written;
    return new Promise((resolve) => this.#clock.afterTurn(resolve));
  }

  /** See {@link MessageWriter.linger}. */
  linger(): void {
    this.#writer.linger();
  }

  /** Writes an encoded call. */
  writeEncoded(data: Encoded): Promise<void> {
    return this.#outlet.write(data);
  }

  /** Counts as a sign of life of the peer; a server calls it while it is not reading. */
  touch(): void {
    this.#received = true;
  }

  /** Looks after keep-alive and acknowledgements. Does nothing on a transport that sees to that itself. */
  tick(elapsedMs: number, intervals: KeepAliveIntervals): void {
    if (this.#connection.inherentKeepAlive) return;
    if (this.continuity !== undefined) this.#guard(this.continuity, (continuity) => continuity.tick(elapsedMs));
    const verdict = this.#keepAlive.tick(elapsedMs, this.#received, this.#writer.hasWritten, intervals);
    this.#received = false;
    this.#writer.hasWritten = false;
    if (verdict === KeepAliveVerdict.TimedOut) this.#receiver.onSilence();
    else if (verdict === KeepAliveVerdict.PingDue) this.#receiver.ping();
  }

  /** Lets go of the connection, if it is not gone already. What is counted waits for {@link attach}. */
  detach(): void {
    const connection = this.#connection;
    if (connection.terminate) connection.terminate();
    else void connection.close();
    this.continuity?.detach();
    // Whoever waits is told by the continuity, which has everything that was dropped here.
    this.#writer.end(() => new Error("detached"));
    this.#use(NOWHERE);
  }

  /**
   * Goes on over another connection to the same peer: both send again what the other has not acknowledged.
   * @param onAnswered Called when the peer goes on, too. Until then it may not have noticed the new connection.
   */
  attach(connection: Connection, onAnswered?: () => void): void {
    this.detach();
    this.#use(connection);
    this.#keepAlive = new KeepAlive();
    this.#received = true;
    this.#decoder = this.#createDecoder();
    connection.listener = this;
    if (this.continuity === undefined) return;
    this.#guard(this.continuity, (continuity) => continuity.attach(this.#writer, onAnswered));
  }

  /** Closes the connection at once. @returns a promise that fulfils when it is released. */
  close(): Promise<void> {
    this.#writer.flush();
    return this.#connection.close();
  }

  /** Closes the connection behind what was written, or after a second when the peer does not take that. */
  closeBehindWrites(): Promise<void> {
    this.#writer.flush();
    if (!this.#writer.isWaiting) return this.#connection.close();
    this.#drained = bounded(() => this.#writer.whenUnblocked(), this.#clock, undefined, DRAIN_TIMEOUT_MS).catch(
      () => undefined,
    );
    return this.#drained.then(() => this.#connection.close());
  }

  /** Nothing is written any more. @param reason Makes the error for whoever waits. */
  end(reason: () => Error): void {
    this.continuity?.end(reason);
    if (this.#drained === undefined) this.#writer.end(reason);
    else void this.#drained.then(() => this.#writer.end(reason));
  }

  onData(chunk: Chunk): void {
    this.#received = true;
    const { continuity } = this;
    try {
      this.#decoder.decode(chunk, continuity === undefined ? this.#receiver.onMessage : continuity.receive);
      continuity?.onChunk(typeof chunk === "string" ? chunk.length : chunk.byteLength);
    } catch (thrown) {
      this.#receiver.onFault(toError(thrown));
    }
  }

  onClosed(error: Error | undefined): void {
    this.#receiver.onLost(error);
  }

  // An encoding of the user's may not know the messages that this takes.
  #guard(continuity: Continuity, work: (continuity: Continuity) => void): void {
    try {
      work(continuity);
    } catch (thrown) {
      this.#receiver.onFault(toError(thrown));
    }
  }

  #createDecoder(): MessageDecoder {
    return this.#protocol.createDecoder({ maximumMessageSize: this.#maximumMessageSize, log: this.#log });
  }

  #use(connection: Connection): void {
    this.#connection = connection;
    this.#writer = new MessageWriter(connection, this.#clock);
  }
}

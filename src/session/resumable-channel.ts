/** The channel of a session that can outlive its connection: what stateful reconnect (HUB_PROTOCOL §9) adds to a plain one. */
import { toError } from "../errors/to-error.js";
import type { Chunk, DecoderOptions, Encoded } from "../protocol/hub-protocol.js";
import { isTracked, type CloseMessage, type HubMessage } from "../protocol/messages.js";
import { NOWHERE, type Connection } from "./connection.js";
import type { Continuity, CreateContinuity } from "./continuity.js";
import type { KeepAliveIntervals } from "./keep-alive.js";
import { MessageChannel, type ChannelReceiver } from "./message-channel.js";
import type { SessionOptions } from "./session-options.js";

/** How a channel goes on behind the end of a connection. */
export interface ResumableOptions<Counts> {
  /** Makes what counts the messages of both directions. */
  readonly createContinuity: (...session: Parameters<CreateContinuity>) => Counts;
  /**
   * The connection broke.
   * @returns whether the channel will get another one, by {@link ResumableChannel.attach}; if not, the session ends.
   */
  onDetached(error: Error): boolean;
}

/** A {@link MessageChannel} over any number of connections to the same peer, one after the other. */
export class ResumableChannel<Counts extends Continuity = Continuity> extends MessageChannel {
  /** The counts of both directions. */
  readonly continuity: Counts;
  readonly #options: ResumableOptions<Counts>;
  readonly #decoding: DecoderOptions;
  #isOver = false;

  constructor(session: SessionOptions, receiver: ChannelReceiver, options: ResumableOptions<Counts>) {
    super(session, receiver);
    this.#options = options;
    this.#decoding = { maximumMessageSize: session.maximumMessageSize, log: session.log };
    this.continuity = options.createContinuity(session.protocol, receiver.onMessage, this.writer);
  }

  /** Whether writers have to wait: for the connection, or for the peer's acknowledgement. */
  override get isFull(): boolean {
    return super.isFull || this.continuity.sent.isFull;
  }

  /** Fulfils when there may be room. */
  override whenRoom(): Promise<void> {
    return super.isFull ? super.whenRoom() : this.continuity.sent.whenRoom().then(undefined, () => undefined);
  }

  /** @throws LimitError when too much is not acknowledged. */
  override assertRoom(): void {
    this.continuity.assertRoom();
  }

  /** Writes a message; what is counted may be written again. @returns what {@link MessageWriter.write} does, or a promise for room for more. */
  override write(message: HubMessage): Promise<void> {
    return isTracked(message.type)
      ? this.continuity.write(this.protocol.encode(message), message)
      : super.write(message);
  }

  /** Writes an encoded call. */
  override writeEncoded(data: Encoded): Promise<void> {
    return this.continuity.write(data);
  }

  /** Looks after keep-alive and acknowledgements. */
  override tick(elapsedMs: number, intervals: KeepAliveIntervals): void {
    if (!this.connection.inherentKeepAlive) this.#guard(() => this.continuity.tick(elapsedMs));
    super.tick(elapsedMs, intervals);
  }

  /** Closes the connection, see {@link MessageChannel.close}. */
  override close(lastWords?: CloseMessage): Promise<void> {
    if (lastWords !== undefined) this.continuity.proceed();
    return super.close(lastWords);
  }

  /** Nothing is written any more, and no other connection taken. */
  override end(reason: () => Error): void {
    this.#isOver = true;
    this.continuity.end(reason);
    super.end(reason);
  }

  /** Called by the connection. */
  override onClosed(error: Error | undefined): void {
    if (this.#isOver) return;
    // A clean close is the peer's own wish.
    if (error === undefined) return super.onClosed(error);
    this.detach();
    if (!this.#options.onDetached(error)) super.onClosed(error);
  }

  /** Lets go of the connection, if it is not gone already. What is counted waits for {@link attach}. */
  detach(): void {
    const { connection } = this;
    if (connection.terminate) connection.terminate();
    else void connection.close();
    this.continuity.detach();
    // Whoever waits is told by the continuity, which has everything that was dropped here.
    this.writer.end(() => new Error("detached"));
    this.use(NOWHERE, this.#decoding);
  }

  /**
   * Goes on over another connection to the same peer: both send again what the other has not acknowledged.
   * @param onAnswered Called when the peer goes on, too. Until then it may not have noticed the new connection.
   */
  attach(connection: Connection, onAnswered?: () => void): void {
    this.detach();
    this.use(connection, this.#decoding);
    connection.listener = this;
    this.#guard(() => this.continuity.attach(this.writer, onAnswered));
  }

  // The peer may well be there over another connection.
  protected override onSilence(error: Error): void {
    this.onClosed(error);
  }

  protected override decode(chunk: Chunk): void {
    this.decoder.decode(chunk, this.continuity.receive);
    this.continuity.onChunk(typeof chunk === "string" ? chunk.length : chunk.byteLength);
  }

  // An encoding of the user's may not know the messages that this takes.
  #guard(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.receiver.fail(toError(thrown));
    }
  }
}

/** The channel of a session that outlives its connection (stateful reconnect, HUB_PROTOCOL §9): counts and remembers what is sent, and drops what comes twice. */
import { ProtocolError } from "../errors/call-errors.js";
import { TimeoutError } from "../errors/http-errors.js";
import { toError } from "../errors/to-error.js";
import type { Chunk, DecoderOptions, Encoded } from "../protocol/hub-protocol.js";
import { isTracked, MessageType, type CloseMessage, type HubMessage } from "../protocol/messages.js";
import { NOWHERE, type Connection } from "./connection.js";
import type { KeepAliveIntervals } from "./keep-alive.js";
import { MessageChannel, type ChannelReceiver } from "./message-channel.js";
import { PeerCount } from "./peer-count.js";
import { ReplayBuffer } from "./replay-buffer.js";
import type { SessionOptions } from "./session-options.js";

/** Bytes received after which an Ack does not wait for the next tick; about as much comes again when the connection breaks. */
const ACK_SIZE = 8 * 1024;

/** Longest that the peer may leave a full buffer unacknowledged, or a probe unanswered (CVE-2026-26130). */
const PATIENCE_MS = 5_000;

/** By how much each frame of what is sent again is larger than the one before, at least. */
const FRAME_GROWTH = 32;

/**
 * A {@link MessageChannel} over any number of connections to the same peer, one after the other. On each of them nothing counted is sent
 * before the peer has said something, or time has passed, or {@link proceed} is called: some clients do not count before they are ready,
 * and what the peer acknowledges with its first word is not sent again, else connections that break too soon would bring the same again
 * and again. So the first word on another connection is an Ack.
 */
export abstract class ResumableChannel extends MessageChannel {
  /** What the peer has not acknowledged. */
  readonly sent: ReplayBuffer;
  /** None when the peer counts every message. */
  protected readonly peer: PeerCount | undefined;
  readonly #decoding: DecoderOptions;
  /** What is counted goes out at once; not while there is no connection, nor until the peer may get it. */
  #isReady = false;
  #onAnswered: (() => void) | undefined;
  /** This is not the first connection. */
  #isResumed = false;
  #isOver = false;
  /** The id of the message that arrives next. */
  #next = 1;
  #newest = 0;
  #acked = 0;
  #unackedSize = 0;
  #waitedMs = 0;
  /** Whether that began anew with a connection since there was nothing to wait for. */
  #hasBegunAnew = false;

  /**
   * @param bufferSize Size of what may be sent and not yet acknowledged before writers have to wait (UTF-16 units or bytes).
   * @param isExact Whether the peer counts every message. .NET 10 leaves out items of streams that have ended (HUB_PROTOCOL §9), so
   * before such items are sent again it has to be asked how far it got.
   */
  constructor(session: SessionOptions, receiver: ChannelReceiver, bufferSize: number, isExact: boolean) {
    super(session, receiver);
    this.#decoding = { maximumMessageSize: session.maximumMessageSize, log: session.log };
    this.sent = new ReplayBuffer(bufferSize);
    this.peer = isExact ? undefined : new PeerCount(this.sent);
  }

  /** Whether writers have to wait: for the connection, or for the peer's acknowledgement. */
  override get isFull(): boolean {
    return super.isFull || this.sent.isFull;
  }

  /** Fulfils when there may be room. */
  override whenRoom(): Promise<void> {
    return super.isFull ? super.whenRoom() : this.sent.whenRoom().then(undefined, () => undefined);
  }

  /** @throws LimitError when too much is not acknowledged. */
  override assertRoom(): void {
    this.sent.assertRoom();
  }

  /** Writes a message; what is counted may be written again. @returns what {@link MessageChannel.write} does, or a promise for room for more. */
  override write(message: HubMessage): Promise<void> {
    return isTracked(message.type) ? this.writeEncoded(this.protocol.encode(message), message) : super.write(message);
  }

  /**
   * Writes what is counted, now or when the peer is back.
   * @param message What was encoded, unless it is a mere call.
   * @returns what {@link ReplayBuffer.add} does.
   */
  override writeEncoded(data: Encoded, message?: HubMessage): Promise<void> {
    const room = this.sent.add(data);
    if (message !== undefined) this.peer?.onSent(message);
    if (this.#isReady) void super.writeEncoded(data);
    return room;
  }

  /** Waits no longer for the peer to say something. */
  proceed(): void {
    if (this.#isReady || !this.#isOpen || this.peer?.isAsking) return;
    if (this.#isResumed) {
      this.#say({ type: MessageType.Sequence, sequenceId: this.sent.acknowledged + 1 });
      this.#repeatAck(); // the official client takes nothing in front of the Sequence
    }
    this.#isReady = true;
    this.#sendAgain();
  }

  /** Looks after keep-alive, and acknowledges what arrived since the last tick. */
  override tick(elapsedMs: number, intervals: KeepAliveIntervals): void {
    if (this.#isOpen) this.#guard(() => this.#onTick(elapsedMs));
    if (!this.#isOver) super.tick(elapsedMs, intervals);
  }

  /** Closes the connection, see {@link MessageChannel.close}. */
  override close(lastWords?: CloseMessage): Promise<void> {
    if (lastWords !== undefined) this.#guard(() => this.proceed());
    return super.close(lastWords);
  }

  /** Nothing is written any more, and no other connection taken. */
  override end(reason: () => Error): void {
    this.#isOver = true;
    this.#isReady = false;
    this.#onAnswered = undefined;
    this.sent.end(reason);
    super.end(reason);
  }

  /** Called by the connection. */
  override onClosed(error: Error | undefined): void {
    if (this.#isOver) return;
    // A clean close is the peer's own wish.
    if (error === undefined) return super.onClosed(error);
    this.detach();
    if (!this.onDetached(error)) super.onClosed(error);
  }

  /** Lets go of the connection, if it is not gone already. What is counted waits for {@link attach}. */
  detach(): void {
    const { connection } = this;
    if (connection.terminate) connection.terminate();
    else void connection.close();
    this.#isReady = false;
    this.#onAnswered = undefined;
    // Whoever waits is told by the buffer, which has everything that was dropped here.
    super.end(() => new Error("detached"));
    this.use(NOWHERE, this.#decoding);
  }

  /**
   * Goes on over another connection to the same peer: both send again what the other has not acknowledged.
   * @param onAnswered Called when the peer says where it goes on. Until then it may not have noticed the new connection.
   */
  attach(connection: Connection, onAnswered?: () => void): void {
    this.detach();
    this.use(connection, this.#decoding);
    connection.listener = this;
    this.#onAnswered = onAnswered;
    this.#isResumed = true;
    // Once only: a peer that comes and goes and never makes room would be waited for for ever.
    if (!this.#hasBegunAnew) this.#waitedMs = 0;
    this.#hasBegunAnew = true;
    this.#guard(() => {
      this.#say(this.peer?.question());
      // Who waits for an answer speaks first, if need be of nothing; .NET needs no first word.
      this.#repeatAck(onAnswered !== undefined && this.peer === undefined);
    });
  }

  /** The connection broke. @returns whether there will be another one, by {@link attach}; if not, the session ends. */
  protected abstract onDetached(error: Error): boolean;

  // The peer may well be there over another connection.
  protected override onSilence(error: Error): void {
    this.onClosed(error);
  }

  protected override decode(chunk: Chunk): void {
    this.decoder.decode(chunk, this.#receive);
    this.onChunk(typeof chunk === "string" ? chunk.length : chunk.byteLength);
  }

  /** A chunk was received as a whole. @param size Its length. */
  protected onChunk(size: number): void {
    this.proceed();
    this.#unackedSize += size;
    if (this.#unackedSize >= ACK_SIZE) this.#acknowledge(this.acknowledgeable);
  }

  /** Takes a message that did not come before. */
  protected take(message: HubMessage): void {
    this.receiver.onMessage(message);
  }

  /** Id of the newest message that arrived. */
  protected get newest(): number {
    return this.#newest;
  }

  /** Id of the newest message to acknowledge. */
  protected get acknowledgeable(): number {
    return this.#newest;
  }

  /** Whether there is a connection to write to. */
  get #isOpen(): boolean {
    return !this.#isOver && this.connection !== NOWHERE;
  }

  /** Whether the peer owes an Ack or an answer. */
  get #isWaiting(): boolean {
    return this.sent.isFull || this.peer?.isAsking === true;
  }

  // Bound once: the decoder calls it for every message.
  readonly #receive = (message: HubMessage): void => {
    const { type } = message;
    if (type === MessageType.Ack) return this.#onAck(message.sequenceId);
    if (type === MessageType.Sequence) return this.#onSequence(message.sequenceId);
    if (isTracked(type)) {
      const id = this.#next++;
      if (id <= this.#newest) return;
      this.#newest = id;
      if (this.peer?.isAnswer(message)) return this.#say(this.peer.onAnswer(message));
    }
    this.peer?.onArrived(message);
    this.take(message);
  };

  #onTick(elapsedMs: number): void {
    this.proceed();
    // One message at least, so that the peer does not give up while a hub method takes its time.
    this.#acknowledge(Math.max(this.acknowledgeable, Math.min(this.#acked + 1, this.#newest)));
    if (this.#onAnswered !== undefined) return; // whoever waits for the peer to go on at all has a limit for that
    // No single tick decides: after a pause of the process the Ack may still be waiting behind it.
    if (this.#isWaiting) this.#waitedMs += Math.min(elapsedMs, PATIENCE_MS / 2);
    else this.#stopWaiting();
    if (this.#waitedMs >= PATIENCE_MS) throw new TimeoutError("The peer acknowledged nothing.");
  }

  #sendAgain(): void {
    let missing = 0;
    let frameSize = 0;
    for (const data of this.sent.unacknowledged) {
      void super.writeEncoded(data);
      if ((missing -= data.length) > 0) continue;
      // If this connection breaks as soon as the last one, at least some arrive; and a thousand messages do not cost a thousand frames.
      this.flush();
      missing = frameSize += FRAME_GROWTH;
    }
  }

  #onSequence(id: number): void {
    // Not what came last: that may have been a message again, over a connection that broke before the newest one came again too.
    const expected = this.#newest + 1;
    if (id > expected) throw new ProtocolError(`Message ${expected} is missing.`);
    this.#next = id;
    if (this.#onAnswered === undefined) return;
    this.#waitedMs = 0;
    this.#onAnswered();
    this.#onAnswered = undefined;
  }

  #onAck(id: number): void {
    (this.peer ?? this.sent).acknowledge(id);
    if (!this.#isWaiting) this.#stopWaiting();
  }

  #stopWaiting(): void {
    this.#waitedMs = 0;
    this.#hasBegunAnew = false;
  }

  #acknowledge(id: number): void {
    if (id > this.#acked) this.#writeAck(id);
  }

  // The last one may have been lost on its way, and nobody but us would repeat it.
  #repeatAck(evenOfNothing = false): void {
    if (this.#newest > 0 || evenOfNothing) this.#writeAck(Math.max(this.#acked, this.acknowledgeable));
  }

  #writeAck(id: number): void {
    this.#acked = id;
    this.#unackedSize = 0;
    this.#say({ type: MessageType.Ack, sequenceId: id });
  }

  #say(message: HubMessage | undefined): void {
    if (message !== undefined && this.#isOpen) void super.writeEncoded(this.protocol.encode(message));
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

/** Makes one session out of several connections (stateful reconnect, HUB_PROTOCOL §9): counts and remembers what is sent, and drops what comes twice. */
import { ProtocolError } from "../errors/call-errors.js";
import { TimeoutError } from "../errors/http-errors.js";
import type { Encoded, HubProtocol } from "../protocol/hub-protocol.js";
import { isTracked, MessageType, type HubMessage } from "../protocol/messages.js";
import type { MessageWriter } from "./message-writer.js";
import { PeerCount } from "./peer-count.js";
import { ReplayBuffer } from "./replay-buffer.js";

/** Bytes received after which an Ack does not wait for the next tick; about as much comes again when the connection breaks. */
const ACK_SIZE = 8 * 1024;

/** Longest that the peer may leave a full buffer unacknowledged, or a probe unanswered (CVE-2026-26130). */
const PATIENCE_MS = 5_000;

/** By how much each frame of what is sent again is larger than the one before, at least. */
const FRAME_GROWTH = 32;

/** What a session needs to outlive its connection. */
export interface ContinuityOptions {
  /** Size of what may be sent and not yet acknowledged before writers have to wait (UTF-16 units or bytes). */
  readonly bufferSize: number;
  /**
   * Whether the peer counts every message. .NET 10 leaves out items of streams that have ended (HUB_PROTOCOL §9), so before such
   * items are sent again it has to be asked how far it got.
   */
  readonly isExact: boolean;
}

/** Makes a {@link Continuity}; what a session is given that shall outlive its connection. */
export type CreateContinuity = (
  protocol: Pick<HubProtocol, "encode">,
  deliver: (message: HubMessage) => void,
  writer: MessageWriter,
) => Continuity;

/** @returns what makes the continuity of one session, which begins at once. */
export function continuityWith(options: ContinuityOptions): CreateContinuity {
  return (...session) => {
    const continuity = new Continuity(options, ...session);
    continuity.proceed();
    return continuity;
  };
}

/**
 * The counts of both directions. On every connection but a client's first one nothing counted is sent before the peer has said something,
 * or time has passed: some clients do not count before they are ready, and what the peer acknowledges with its first word is not sent
 * again, else connections that break too soon would bring the same again and again. So the first word on a new connection is an Ack.
 */
export class Continuity {
  /** What the peer has not acknowledged. */
  readonly sent: ReplayBuffer;
  readonly #protocol: Pick<HubProtocol, "encode">;
  readonly #deliver: (message: HubMessage) => void;
  /** None when the peer counts every message. */
  readonly #peer: PeerCount | undefined;
  /** Takes messages at once; none while there is no connection, and while the peer is asked how far it got. */
  #outlet: MessageWriter | undefined;
  /** Takes what is not counted; none while there is no connection. */
  #writer: MessageWriter | undefined;
  #onAnswered: (() => void) | undefined;
  /** This is not the first connection. */
  #isResumed = false;
  /** The id of the message that arrives next. */
  #next = 1;
  #newest = 0;
  #acked = 0;
  #unackedSize = 0;
  #waitedMs = 0;
  /** Whether that began anew with a connection since there was nothing to wait for. */
  #hasBegunAnew = false;

  /** @param deliver Takes a message that is neither a duplicate nor about counting. */
  constructor(
    { bufferSize, isExact }: ContinuityOptions,
    ...[protocol, deliver, writer]: Parameters<CreateContinuity>
  ) {
    this.#protocol = protocol;
    this.#deliver = deliver;
    this.sent = new ReplayBuffer(bufferSize);
    this.#peer = isExact ? undefined : new PeerCount(this.sent);
    this.#writer = writer;
  }

  /**
   * Sends a counted message, now or when the peer is back.
   * @param message What was encoded, unless it is a mere call.
   * @returns what {@link ReplayBuffer.add} does.
   */
  write(data: Encoded, message?: HubMessage): Promise<void> {
    const room = this.sent.add(data);
    if (message !== undefined) this.#peer?.onSent(message);
    void this.#outlet?.write(data);
    return room;
  }

  /** @throws LimitError, see {@link ReplayBuffer.assertRoom}. */
  assertRoom(): void {
    this.sent.assertRoom();
  }

  /** Waits no longer for the peer to say something. */
  proceed(): void {
    const writer = this.#writer;
    if (this.#outlet !== undefined || writer === undefined || this.#peer?.isAsking) return;
    if (this.#isResumed) {
      this.#say({ type: MessageType.Sequence, sequenceId: this.sent.acknowledged + 1 });
      this.#repeatAck(); // the official client takes nothing in front of the Sequence
    }
    this.#outlet = writer;
    this.#sendAgain(writer);
  }

  /** A message arrived. @throws ProtocolError when the counts cannot be brought together. */
  readonly receive = (message: HubMessage): void => {
    const { type } = message;
    if (type === MessageType.Ack) return this.#onAck(message.sequenceId);
    if (type === MessageType.Sequence) return this.#onSequence(message.sequenceId);
    if (isTracked(type)) {
      const id = this.#next++;
      if (id <= this.#newest) return;
      this.#newest = id;
      if (this.#peer?.isAnswer(message)) return this.#say(this.#peer.onAnswer(message));
    }
    this.take(message);
  };

  /** A chunk was received as a whole. @param size Its length. */
  onChunk(size: number): void {
    this.proceed();
    this.#unackedSize += size;
    if (this.#unackedSize >= ACK_SIZE) this.#acknowledge(this.acknowledgeable);
  }

  /** The connection is gone. */
  detach(): void {
    this.#outlet = this.#writer = this.#onAnswered = undefined;
  }

  /**
   * There is a new connection: what the peer may not have received is sent again when it has said its first word, or at the next tick.
   * @param onAnswered Called when the peer says where it goes on.
   */
  attach(writer: MessageWriter, onAnswered?: () => void): void {
    this.#writer = writer;
    this.#onAnswered = onAnswered;
    this.#isResumed = true;
    // Once only: a peer that comes and goes and never makes room would be waited for for ever.
    if (!this.#hasBegunAnew) this.#waitedMs = 0;
    this.#hasBegunAnew = true;
    this.#say(this.#peer?.question());
    // Who waits for an answer speaks first, if need be of nothing; .NET needs no first word.
    this.#repeatAck(onAnswered !== undefined && this.#peer === undefined);
  }

  /** Acknowledges what arrived since the last tick. @throws TimeoutError when the peer itself acknowledged nothing for too long. */
  tick(elapsedMs: number): void {
    if (this.#writer === undefined) return;
    this.proceed();
    // One message at least, so that the peer does not give up while a hub method takes its time.
    this.#acknowledge(Math.max(this.acknowledgeable, Math.min(this.#acked + 1, this.#newest)));
    if (this.#onAnswered !== undefined) return; // whoever waits for the peer to go on at all has a limit for that
    // No single tick decides: after a pause of the process the Ack may still be waiting behind it.
    if (this.#isWaiting) this.#waitedMs += Math.min(elapsedMs, PATIENCE_MS / 2);
    else this.#stopWaiting();
    if (this.#waitedMs >= PATIENCE_MS) throw new TimeoutError("The peer acknowledged nothing.");
  }

  /** The session is over. @param reason Makes the error for whoever waits. */
  end(reason: () => Error): void {
    this.detach();
    this.sent.end(reason);
  }

  /** Takes a message that did not come before. */
  protected take(message: HubMessage): void {
    this.#peer?.onReceived(message);
    this.#deliver(message);
  }

  /** Id of the newest message that arrived. */
  protected get newest(): number {
    return this.#newest;
  }

  /** Id of the newest message to acknowledge. */
  protected get acknowledgeable(): number {
    return this.#newest;
  }

  /** Whether the peer owes an Ack or an answer. */
  get #isWaiting(): boolean {
    return this.sent.isFull || this.#peer?.isAsking === true;
  }

  #sendAgain(writer: MessageWriter): void {
    let missing = 0;
    let frameSize = 0;
    for (const data of this.sent.unacknowledged) {
      void writer.write(data);
      if ((missing -= data.length) > 0) continue;
      // If this connection breaks as soon as the last one, at least some arrive; and a thousand messages do not cost a thousand frames.
      writer.flush();
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
    (this.#peer ?? this.sent).acknowledge(id);
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
    if (message !== undefined) void this.#writer?.write(this.#protocol.encode(message));
  }
}

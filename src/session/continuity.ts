/** Makes one session out of several connections (stateful reconnect, HUB_PROTOCOL §9): counts and remembers what is sent, and sorts out what comes twice. */
import { ProtocolError } from "../errors/call-errors.js";
import { TimeoutError } from "../errors/http-errors.js";
import type { Encoded, HubProtocol } from "../protocol/hub-protocol.js";
import { isTracked, MessageType, type CompletionMessage, type HubMessage } from "../protocol/messages.js";
import { CountDoubts } from "./count-doubts.js";
import { InboundSequence } from "./inbound-sequence.js";
import type { MessageWriter } from "./message-writer.js";
import { PeerProbe } from "./peer-probe.js";
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
  /**
   * A server sends nothing counted before its client has said something over a new connection. Some clients do not count before they
   * are ready; and after a resume the client's Ack spares both what has arrived already, else connections that break too soon would
   * bring the same again and again.
   */
  readonly speaksSecond?: boolean;
}

/** Makes a {@link Continuity}; what a session is given that shall outlive its connection. */
export type CreateContinuity = (
  protocol: Pick<HubProtocol, "encode">,
  deliver: (message: HubMessage) => void,
  writer: MessageWriter,
) => Continuity;

/** @returns what makes the continuity of one session. */
export function continuityWith(options: ContinuityOptions): CreateContinuity {
  return (protocol, deliver, writer) => new Continuity(options, protocol, deliver, writer);
}

/** The counts of both directions. */
export class Continuity {
  readonly #protocol: Pick<HubProtocol, "encode">;
  /** None when the peer counts every message. */
  readonly #doubts: CountDoubts | undefined;
  readonly #speaksSecond: boolean | undefined;
  readonly #sent: ReplayBuffer;
  readonly #received: InboundSequence;
  /** Takes messages at once; none while there is no connection, and while a probe is out. */
  #outlet: MessageWriter | undefined;
  /** Takes what is not counted; none while there is no connection. */
  #writer: MessageWriter | undefined;
  #probe: PeerProbe | undefined;
  #onAnswered: (() => void) | undefined;
  /** The id that the peer was told to come next on this connection. */
  #announced: number | undefined;
  /** This is not the first connection. */
  #isResumed = false;
  #acked = 0;
  #unackedSize = 0;
  #waitedMs = 0;

  /** @param deliver Takes a message that is neither a duplicate nor about counting. */
  constructor(
    options: ContinuityOptions,
    protocol: Pick<HubProtocol, "encode">,
    deliver: (message: HubMessage) => void,
    writer: MessageWriter,
  ) {
    this.#protocol = protocol;
    this.#doubts = options.isExact ? undefined : new CountDoubts();
    this.#speaksSecond = options.speaksSecond;
    this.#sent = new ReplayBuffer(options.bufferSize);
    this.#received = new InboundSequence(deliver);
    this.#writer = writer;
    if (!this.#speaksSecond) this.#outlet = writer;
  }

  /** Sends a counted message, now or when the peer is back. @returns what {@link ReplayBuffer.add} does. */
  write(data: Encoded): Promise<void> {
    const room = this.#sent.add(data);
    void this.#outlet?.write(data);
    return room;
  }

  /** @throws LimitError, see {@link ReplayBuffer.assertRoom}. */
  assertRoom(): void {
    this.#sent.assertRoom();
  }

  /** What would have to be sent again if the connection broke now, in UTF-16 units or bytes. */
  get unacknowledgedSize(): number {
    return this.#sent.size;
  }

  /** Whether writers have to wait for acknowledgement. */
  get isFull(): boolean {
    return this.#sent.isFull;
  }

  /** @returns what {@link ReplayBuffer.whenRoom} does. */
  whenRoom(): Promise<void> {
    return this.#sent.whenRoom();
  }

  /** Waits no longer for the peer to say something. */
  proceed(): void {
    if (this.#outlet !== undefined || this.#probe !== undefined || this.#writer === undefined) return;
    if (this.#isResumed) {
      this.#announce(this.#writer);
      if (this.#speaksSecond) this.#repeatAck(this.#writer); // the JavaScript client takes nothing in front of the Sequence
    }
    this.#open(this.#writer);
  }

  /** The message that was just written is an item of a stream. */
  noteItem(): void {
    this.#doubts?.onItem(this.#sent.newest);
  }

  /** The call that was just written has uploads. @param callId `undefined` when nobody will tell when it is over. */
  noteUploads(callId: string | undefined): void {
    this.#doubts?.onUploads(callId);
  }

  /** The peer has ended a call. */
  noteAnswer(callId: string): void {
    this.#doubts?.onAnswer(callId, this.#sent.acknowledged);
  }

  /** The peer has ended a stream of ours. */
  noteEndedStream(): void {
    this.#doubts?.onEndedStream(this.#sent.acknowledged);
  }

  /** A message arrived. @throws ProtocolError when the counts cannot be brought together. */
  readonly receive = (message: HubMessage): void => {
    const { type } = message;
    if (type === MessageType.Ack) return this.#onAck(message.sequenceId);
    if (type === MessageType.Sequence) return this.#onSequence(message.sequenceId);
    // Who leaves acknowledges nothing more; what is kept in front of the Close must not wait for that.
    if (type === MessageType.Close) this.#sent.waive();
    if (type === MessageType.Completion && this.#probe !== undefined && this.#isOfProbe(this.#probe, message)) return;
    this.#received.take(message, isTracked(type));
  };

  /** A chunk was received as a whole. @param size Its length. */
  onChunk(size: number): void {
    this.proceed();
    this.#received.noteSize(size);
    this.#unackedSize += size;
    if (this.#unackedSize >= ACK_SIZE) this.#acknowledge();
  }

  /** Keeps what arrives from now on; what is about counting is read all the same. */
  hold(): void {
    this.#received.hold();
  }

  /** Hands over what was kept. */
  release(): void {
    this.#received.release();
  }

  /** The connection is gone. */
  detach(): void {
    this.#outlet = this.#writer = this.#onAnswered = this.#announced = undefined;
  }

  /**
   * There is a new connection: what the peer may not have received is sent again when it has said its first word, or at the next tick.
   * @param onAnswered Called when the peer says where it goes on.
   */
  attach(writer: MessageWriter, onAnswered?: () => void): void {
    this.#writer = writer;
    this.#onAnswered = onAnswered;
    this.#isResumed = true;
    if (this.#doubts?.needAnswer(this.#sent.acknowledged)) this.#probe ??= new PeerProbe();
    if (this.#probe !== undefined) this.#ask(this.#probe);
    // .NET takes no second Sequence that is ahead of the first.
    else if (this.#doubts === undefined && !this.#speaksSecond) this.#announce(writer);
    this.#repeatAck(writer);
  }

  /** Acknowledges what arrived since the last tick. @throws TimeoutError when the peer itself acknowledged nothing for too long. */
  tick(elapsedMs: number): void {
    if (this.#writer === undefined) return;
    this.proceed();
    // One message at least, so that the peer does not give up while a hub method takes its time.
    this.#acknowledge(Math.min(this.#acked + 1, this.#received.newest));
    if (this.#onAnswered !== undefined) return; // whoever waits for the peer to go on at all has a limit for that
    if (!this.#sent.isFull && this.#probe === undefined) this.#waitedMs = 0;
    // No single tick decides: after a pause of the process the Ack may still be waiting behind it.
    else this.#waitedMs += Math.min(elapsedMs, PATIENCE_MS / 2);
    if (this.#waitedMs < PATIENCE_MS) return;
    throw new TimeoutError("The peer acknowledged nothing.");
  }

  /** The session is over. @param reason Makes the error for whoever waits. */
  end(reason: () => Error): void {
    this.detach();
    this.#sent.end(reason);
    this.#received.end();
  }

  #ask(probe: PeerProbe): void {
    void this.#writer?.write(this.#protocol.encode(probe.ask()));
  }

  #isOfProbe(probe: PeerProbe, message: CompletionMessage): boolean {
    if (!probe.isAnswer(message)) return false;
    if (this.#received.count() && probe.onAnswer(message)) this.#ask(probe);
    return true;
  }

  // What comes next, as far as is known: an Ack that arrives meanwhile spares both what the peer has already.
  #announce(writer: MessageWriter): void {
    const sequenceId = this.#sent.acknowledged + 1;
    if (sequenceId === this.#announced) return;
    this.#announced = sequenceId;
    void writer.write(this.#protocol.encode({ type: MessageType.Sequence, sequenceId }));
  }

  #open(writer: MessageWriter): void {
    this.#outlet = writer;
    let missing = 0;
    let frameSize = 0;
    for (const data of this.#sent.unacknowledged) {
      void writer.write(data);
      if ((missing -= data.length) > 0) continue;
      // If this connection breaks as soon as the last one, at least some arrive; and a thousand messages do not cost a thousand frames.
      writer.flush();
      missing = frameSize += FRAME_GROWTH;
    }
  }

  #onSequence(id: number): void {
    this.#received.continueWith(id);
    if (this.#onAnswered === undefined) return;
    this.#waitedMs = 0;
    this.#onAnswered();
    this.#onAnswered = undefined;
  }

  #onAck(id: number): void {
    const probe = this.#probe;
    // What a question that may not be counted yet does to the number says nothing.
    if (probe !== undefined && !probe.acceptsAck()) return;
    if (probe === undefined) this.#sent.acknowledge(id);
    else this.#onProbed(id, probe.counted);
    if (id === this.#sent.newest) this.#doubts?.settle();
    if (!this.#sent.isFull) this.#waitedMs = 0;
  }

  // What the peer got of ours, the probes not counted, is known now.
  #onProbed(id: number, probes: number): void {
    const received = id - probes;
    this.#probe = undefined;
    const { acknowledged, newest } = this.#sent;
    if (received < acknowledged || received > newest || (received < newest && !this.#doubts?.allowReplay)) {
      throw new ProtocolError("What the peer has received is unknown.");
    }
    this.#sent.acknowledge(received);
    this.#sent.skip(probes);
    this.#doubts?.skip(probes);
    this.proceed();
  }

  #acknowledge(atLeast = 0): void {
    const id = Math.max(this.#received.acknowledgeable, atLeast);
    if (this.#writer !== undefined && id > this.#acked) this.#writeAck(this.#writer, id);
  }

  // The last one may have been lost on its way, and nobody but us would repeat it.
  #repeatAck(writer: MessageWriter): void {
    if (this.#received.newest > 0) this.#writeAck(writer, Math.max(this.#acked, this.#received.acknowledgeable));
  }

  #writeAck(writer: MessageWriter, id: number): void {
    this.#acked = id;
    this.#unackedSize = 0;
    void writer.write(this.#protocol.encode({ type: MessageType.Ack, sequenceId: this.#acked }));
  }
}

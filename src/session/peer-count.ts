/**
 * Knows how far a peer has counted whose count cannot be taken at its word: .NET 10 leaves out items of streams that have ended
 * (HUB_PROTOCOL §9, "Counting"). Sessions with peers that count everything have none of this.
 */
import { ProtocolError } from "../errors/call-errors.js";
import { MessageType, type CompletionMessage, type HubMessage, type InvocationMessage } from "../protocol/messages.js";
import type { ReplayBuffer } from "./replay-buffer.js";

/** No hub and no client has a method of this name; both answer with an error. */
const TARGET = "hubwire-probe";

/**
 * What is known, and what has to be asked before anything is sent again: a call of a method that nobody has is counted, answered and
 * acknowledged like any other. An Ack behind the answer therefore counts the question, whatever else the peer failed to count.
 */
export class PeerCount {
  /** Ends of streams that have arrived and wait for their turn: until then items are sent that the peer may not count any more. */
  waitingEnds = 0;
  readonly #sent: ReplayBuffer;
  #newestItem = 0;
  #uploads: Set<string> | undefined;
  /** Items may be missing in the peer's count. */
  #isInDoubt = false;
  /** There were uploads whose end the peer does not tell: any item may be too late for its stream. */
  #isBlind = false;
  /** Questions since the count was last known: one for each new connection, and when an Ack may not count the one before. */
  #asked = 0;
  #answers = 0;
  #isAnswered = false;
  #sawEarlyAck = false;

  constructor(sent: ReplayBuffer) {
    this.#sent = sent;
  }

  /** Whether a question is out. */
  get isAsking(): boolean {
    return this.#asked > 0;
  }

  /** This was just sent, under the newest number. */
  onSent(message: HubMessage): void {
    if (message.type === MessageType.StreamItem) {
      this.#newestItem = this.#sent.newest;
      if (this.waitingEnds > 0 || this.#isBlind) this.#isInDoubt = true;
    } else if ("streamIds" in message && message.streamIds) {
      if (message.invocationId === undefined) this.#isBlind = true;
      else (this.#uploads ??= new Set()).add(message.invocationId);
    }
  }

  /** This arrived. Items that the peer gets too late for their stream may be missing in its count from then on. */
  onArrived(message: HubMessage): void {
    const endsStream =
      message.type === MessageType.CancelInvocation ||
      (message.type === MessageType.Completion && this.#uploads?.delete(message.invocationId));
    if (endsStream && this.#hasItems) this.#isInDoubt = true;
  }

  /** The question for a new connection, if there is one. */
  question(): InvocationMessage | undefined {
    return this.isAsking || this.#isInDoubt || this.#hasItems ? this.#ask() : undefined;
  }

  /** Whether a message answers a question. */
  isAnswer(message: HubMessage): message is CompletionMessage {
    return this.isAsking && message.type === MessageType.Completion && message.invocationId.startsWith(TARGET);
  }

  /** An answer is there, for the first time. @returns the next question, if that has to be asked again. */
  onAnswer({ invocationId }: CompletionMessage): InvocationMessage | undefined {
    this.#answers++;
    // Otherwise it is one of an earlier connection, which was counted after all.
    if (invocationId === TARGET + this.#asked) this.#isAnswered = true;
    // There will be no other Ack if the one that came too early did count the question.
    return this.#isAnswered && this.#sawEarlyAck ? this.#ask() : undefined;
  }

  /** The peer has counted so many. @throws ProtocolError when nobody can know which messages these are. */
  acknowledge(id: number): void {
    const { acknowledged, newest } = this.#sent;
    if (!this.isAsking) {
      this.#sent.acknowledge(id);
      if (id === newest) this.#isInDoubt = false;
    } else if (this.#isAnswered) {
      const received = id - this.#answers;
      const isAll = received === newest;
      if (received < acknowledged || received > newest || (!isAll && this.#isInDoubt)) {
        throw new ProtocolError("What the peer has received is unknown.");
      }
      this.#sent.acknowledge(received);
      // What is left has higher numbers now: the questions were counted in front of it.
      this.#sent.skip(this.#answers);
      this.#newestItem += this.#answers;
      this.#asked = this.#answers = 0;
      this.#isInDoubt = false;
    } else {
      this.#sawEarlyAck = true; // what a question that may not be counted yet does to the number says nothing
    }
  }

  get #hasItems(): boolean {
    return this.#newestItem > this.#sent.acknowledged;
  }

  #ask(): InvocationMessage {
    this.#asked++;
    this.#isAnswered = this.#sawEarlyAck = false;
    return { type: MessageType.Invocation, invocationId: TARGET + this.#asked, target: TARGET, arguments: [] };
  }
}

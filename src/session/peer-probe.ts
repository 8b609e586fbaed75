/**
 * Finds out how far a peer has counted before anything is sent again: a call of a method that nobody has is counted, answered and
 * acknowledged like any other. An Ack behind the answer therefore counts the probe, whatever else the peer failed to count.
 */
import { MessageType, type CompletionMessage, type InvocationMessage } from "../protocol/messages.js";

/** No hub and no client has a method of this name; both answer with an error. */
const TARGET = "hubwire-probe";

const PREFIX = `${TARGET}-`;

/** One question to the peer, asked again on every new connection, and when an Ack may have been sent before the question was counted. */
export class PeerProbe {
  #asked = 0;
  #counted = 0;
  #isAnswered = false;
  #sawEarlyAck = false;

  /** Calls that the peer has counted when {@link acceptsAck} says yes. */
  get counted(): number {
    return this.#counted;
  }

  /** The next call. */
  ask(): InvocationMessage {
    this.#asked++;
    this.#isAnswered = this.#sawEarlyAck = false;
    return { type: MessageType.Invocation, invocationId: PREFIX + this.#asked, target: TARGET, arguments: [] };
  }

  /** Whether a message answers the probe. */
  isAnswer({ invocationId }: CompletionMessage): boolean {
    return invocationId.startsWith(PREFIX);
  }

  /** An answer is there, for the first time. @returns whether to ask again. */
  onAnswer({ invocationId }: CompletionMessage): boolean {
    this.#counted++;
    // Otherwise it is one of an earlier connection, which was counted after all.
    if (invocationId === PREFIX + this.#asked) this.#isAnswered = true;
    // There will be no other Ack if the one that came too early did count the probe.
    return this.#isAnswered && this.#sawEarlyAck;
  }

  /** @returns whether an Ack that arrives now counts the probe for certain. */
  acceptsAck(): boolean {
    this.#sawEarlyAck = !this.#isAnswered;
    return this.#isAnswered;
  }
}

/** The streams that a session sends: uploads found among a call's arguments, and the results of streaming calls. */
import { onAbort } from "../common/abort-scope.js";
import { InvalidArgumentError } from "../errors/call-errors.js";
import { messageOf } from "../errors/to-error.js";
import { StreamSender, type StreamTarget } from "./stream-sender.js";
import { isStreamSource, type StreamSource } from "./stream-source.js";

/** A call's arguments with the streams taken out. */
export interface ExtractedCall {
  /** What is left: travels in the invocation itself. */
  readonly args: unknown[];
  /** Ids of the streams, in the order of the arguments. */
  readonly streamIds: string[];
  readonly sources: readonly StreamSource<unknown>[];
}

/** What the streams need of their session. */
export type OutboundTarget = Omit<StreamTarget, "forget">;

/**
 * Separates streams from values.
 * @param ids Gives ids that are used for nothing else on this connection.
 * @returns `undefined` when there are none, which costs nothing but looking.
 * @throws InvalidArgumentError when looking at one throws, as a getter or a proxy may.
 */
export function extractStreams(args: unknown[], ids: { allotId(): string }): ExtractedCall | undefined {
  // Most calls have nothing else, and are made thousands at a time.
  return hasOnlyPrimitives(args) ? undefined : extractFromAny(args, ids);
}

function hasOnlyPrimitives(args: unknown[]): boolean {
  for (const arg of args) {
    if (typeof arg === "function" || (typeof arg === "object" && arg !== null)) return false;
  }
  return true;
}

function extractFromAny(args: unknown[], ids: { allotId(): string }): ExtractedCall | undefined {
  try {
    return args.some(isStreamSource) ? extract(args, ids) : undefined;
  } catch (thrown) {
    throw new InvalidArgumentError(`An argument cannot be read: ${messageOf(thrown)}`, "not-serializable", thrown);
  }
}

/** Starts, stops and forgets {@link StreamSender}s, grouped by the call that they belong to. */
export class OutboundStreams {
  readonly #target: OutboundTarget;
  readonly #byCall = new Map<string, Set<StreamSender>>();

  constructor(target: OutboundTarget) {
    this.#target = target;
  }

  /** Starts the uploads of a call that was just written. @param signal Cancels them. */
  start(call: ExtractedCall, callId: string | undefined, signal?: AbortSignal): void {
    call.streamIds.forEach((id, index) => {
      const source = call.sources[index];
      if (source === undefined) return;
      let release = (): void => {};
      const sender = this.#open(id, callId ?? id, () => release());
      if (signal?.aborted) return sender.cancel(); // while the arguments were encoded
      if (signal) release = onAbort(signal, () => sender.cancel());
      sender.start(source);
    });
  }

  /** Sends one stream under the id of the call that it answers. @returns a function that stops it. */
  send(id: string, source: StreamSource<unknown>, onOver?: () => void): () => void {
    const sender = this.#open(id, id, onOver);
    sender.start(source);
    return () => sender.stop();
  }

  /** The call was answered: what it still uploads is of no use. */
  stopUploadsOf(callId: string): void {
    if (this.#byCall.size === 0) return; // the streams that there were are over
    for (const sender of this.#byCall.get(callId) ?? []) sender.stop();
  }

  /** The call was given up: whoever reads what it uploads is told. */
  cancelUploadsOf(callId: string): void {
    for (const sender of [...(this.#byCall.get(callId) ?? [])]) sender.cancel();
  }

  /** The session is over. */
  stopAll(): void {
    for (const senders of [...this.#byCall.values()]) for (const sender of [...senders]) sender.stop();
  }

  #open(id: string, callId: string, onOver?: () => void): StreamSender {
    const senders = this.#byCall.get(callId) ?? new Set();
    this.#byCall.set(callId, senders);
    const sender = new StreamSender(id, {
      sendItem: this.#target.sendItem,
      sendEnd: this.#target.sendEnd,
      forget: () => {
        senders.delete(sender);
        if (senders.size === 0) this.#byCall.delete(callId);
        onOver?.();
      },
    });
    senders.add(sender);
    return sender;
  }
}

function extract(args: unknown[], ids: { allotId(): string }): ExtractedCall {
  const sources = args.filter(isStreamSource);
  return {
    args: args.filter((arg) => !isStreamSource(arg)),
    streamIds: sources.map(() => ids.allotId()),
    sources,
  };
}

/** The streams among the arguments of a session's calls: takes them out, sends them, and ends them with their call. */
import { onAbort } from "../common/abort-scope.js";
import { StreamSender, type StreamTarget } from "./stream-sender.js";
import { isStreamSource, type StreamSource } from "./stream-source.js";

/** What uploads need of their session. */
export interface UploadTarget extends StreamTarget {
  /** An id that is used for nothing else on this connection. */
  allotId(): string;
}

/** A call's arguments with the streams taken out. */
export interface UploadingCall {
  /** What is left: travels in the invocation itself. */
  readonly args: unknown[];
  /** Ids of the streams, in the order of the arguments. */
  readonly streamIds: string[];
  /** The streams by their ids. */
  readonly sources: ReadonlyMap<string, StreamSource<unknown>>;
}

/** The uploads of one session by the call that they belong to. */
export class Uploads {
  readonly #session: UploadTarget;
  readonly #byCall = new Map<string, Set<StreamSender>>();

  constructor(session: UploadTarget) {
    this.#session = session;
  }

  /** Separates streams from values. */
  take(args: readonly unknown[]): UploadingCall {
    const values: unknown[] = [];
    const sources = new Map<string, StreamSource<unknown>>();
    for (const arg of args) {
      if (isStreamSource(arg)) sources.set(this.#session.allotId(), arg);
      else values.push(arg);
    }
    return { args: values, streamIds: [...sources.keys()], sources };
  }

  /** Starts the uploads of a call that was just written. @param signal Cancels them. */
  start(call: UploadingCall, callId: string | undefined, signal?: AbortSignal): void {
    for (const [id, source] of call.sources) {
      const sender = this.#open(id, callId ?? id, signal);
      if (signal?.aborted)
        sender.cancel(); // while the arguments were encoded
      else sender.start(source);
    }
  }

  /** The call was answered: what it still uploads is of no use. */
  stopThoseOf(callId: string): void {
    for (const sender of this.#byCall.get(callId) ?? []) sender.stop();
  }

  /** The call was given up: whoever reads what it uploads is told. */
  cancelThoseOf(callId: string): void {
    for (const sender of [...(this.#byCall.get(callId) ?? [])]) sender.cancel();
  }

  /** The session is over. */
  stopAll(): void {
    for (const callId of [...this.#byCall.keys()]) this.stopThoseOf(callId);
  }

  #open(id: string, callId: string, signal: AbortSignal | undefined): StreamSender {
    const senders = this.#byCall.get(callId) ?? new Set();
    this.#byCall.set(callId, senders);
    const sender = new StreamSender(id, this.#session, () => {
      release?.();
      senders.delete(sender);
      if (senders.size === 0) this.#byCall.delete(callId);
    });
    senders.add(sender);
    const release = signal?.aborted === false ? onAbort(signal, () => sender.cancel()) : undefined;
    return sender;
  }
}

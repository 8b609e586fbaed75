/** One live hub peer, after the handshake: sends calls and finds their answers. Both ends extend it by what becomes of the peer's calls. */
import { partIsMissing } from "../errors/call-errors.js";
import { ConnectionError } from "../errors/connection-errors.js";
import { messageOf, toError } from "../errors/to-error.js";
import {
  MessageType,
  type CloseMessage,
  type HubMessage,
  type InvocationMessage,
  type MessageHeaders,
  type StreamInvocationMessage,
} from "../protocol/messages.js";
import { InvocationTable, type Answerable, type Receiver } from "./invocation-table.js";
import type { KeepAliveIntervals } from "./keep-alive.js";
import { MessageChannel, type ChannelReceiver } from "./message-channel.js";
import { WRITTEN } from "./message-writer.js";
import { PendingCall } from "./pending-call.js";
import { endOf, lossOf } from "./session-end.js";
import type { SessionEnd, SessionOptions } from "./session-options.js";
import { includesStream } from "./stream-source.js";
import type { StreamsPart } from "./streams.js";
import type { Uploads, UploadingCall } from "./uploads.js";

/** Calls and streams over one connection. Whatever cannot be encoded throws `InvalidArgumentError` at the call. */
export abstract class HubSession implements ChannelReceiver {
  /** Carries the messages. Whoever owns the session makes it the connection's listener, and changes connections there. */
  readonly channel: MessageChannel;
  /** What waits for the peer. */
  readonly calls: InvocationTable;
  /** What its calls upload; most connections have none. */
  uploads: Uploads | undefined;
  readonly #streams: StreamsPart | undefined;
  #ended = false;
  #released: Promise<void> = WRITTEN;

  /** @param calls Where what waits for the peer is kept. */
  constructor(options: SessionOptions, calls = new InvocationTable(options.idPrefix)) {
    this.#streams = options.streams;
    this.channel = options.createChannel?.(options, this) ?? new MessageChannel(options, this);
    this.calls = calls;
  }

  /** Whether the session is over. */
  get ended(): boolean {
    return this.#ended;
  }

  /** @throws ConnectionError when the session is over; LimitError when so much waits already that an application has to stop and wait. */
  assertRoom(): void {
    if (this.#ended) throw new ConnectionError("connection-lost", "The connection is closed.");
    this.channel.assertRoom();
  }

  /** Calls a method without wanting an answer; the signal ends uploads. @returns a promise that settles when the connection has taken it. */
  send(target: string, args: unknown[], headers?: MessageHeaders, signal?: AbortSignal): Promise<void> {
    const uploads = this.#takeUploads(args);
    this.assertRoom();
    // All its members, as in `call`: objects of one shape are the cheapest to encode.
    const written = this.channel.write({
      type: MessageType.Invocation,
      headers,
      invocationId: undefined,
      target,
      arguments: uploads ? uploads.args : args,
      streamIds: uploads?.streamIds,
    });
    if (uploads !== undefined) this.uploads?.start(uploads, undefined, signal);
    return written;
  }

  /** Calls a method and waits for its answer. */
  invoke(target: string, args: unknown[], headers?: MessageHeaders): PendingCall {
    const pending = new PendingCall();
    this.call(MessageType.Invocation, pending, target, args, headers);
    return pending;
  }

  /** Calls a method and hands its answer to whoever waits for it, who gets the id of the call. */
  call(
    type: MessageType.Invocation | MessageType.StreamInvocation,
    answerable: Answerable,
    target: string,
    args: unknown[],
    headers?: MessageHeaders,
  ): void {
    const uploads = this.#takeUploads(args);
    this.assertRoom();
    const invocationId = this.calls.add(answerable);
    try {
      const written = this.channel.write({
        type,
        headers,
        invocationId,
        target,
        arguments: uploads ? uploads.args : args,
        streamIds: uploads?.streamIds,
      });
      if (written !== WRITTEN) written.then(undefined, (error: Error) => this.takeCall(invocationId)?.onFailed(error));
    } catch (thrown) {
      this.calls.take(invocationId);
      throw thrown;
    }
    if (uploads !== undefined) this.uploads?.start(uploads, invocationId);
  }

  /** Removes and returns the call that waits under this id. Whatever becomes of it, nobody wants its uploads any more. */
  takeCall(id: string): Receiver | undefined {
    const call = this.calls.take(id);
    if (call !== undefined) this.uploads?.stopThoseOf(id);
    return call;
  }

  /** Answers a call of the peer. */
  complete(invocationId: string, outcome: { readonly error: string } | { readonly result: unknown } | undefined): void {
    if (this.#ended) return;
    try {
      this.channel.assertRoom();
    } catch (thrown) {
      return this.fail(toError(thrown)); // answers cannot wait for a peer that takes none, and must not be lost silently
    }
    const message = { type: MessageType.Completion, invocationId, ...outcome } as const;
    // A result that cannot be encoded is the caller's to answer with an error; behind that there is nobody.
    if (outcome !== undefined && "result" in outcome) void this.channel.write(message);
    else this.channel.tell(message);
  }

  /** Shows the peer that we are there. */
  ping(): void {
    if (!this.#ended) this.channel.tell({ type: MessageType.Ping });
  }

  /** Looks after keep-alive; whoever owns the session calls it regularly. */
  tick(elapsedMs: number, intervals: KeepAliveIntervals): void {
    if (!this.#ended) this.channel.tick(elapsedMs, intervals);
  }

  /** Ends the session because of an error; the peer may be told. */
  fail(error: Error, lastWords?: CloseMessage): void {
    if (!this.#ended) void this.close(lastWords, { error, allowReconnect: true });
  }

  /** Ends the session. @returns a promise that fulfils when the connection is released. */
  close(message: CloseMessage | undefined, end: SessionEnd): Promise<void> {
    if (this.#ended) return this.#released;
    this.#ended = true;
    this.#released = this.channel.close(message);
    this.#end(end);
    return this.#released;
  }

  onLost(error: Error | undefined): void {
    if (!this.#ended) this.#end({ error, allowReconnect: true });
  }

  // Bound once: the decoder calls it for every message.
  readonly onMessage = (message: HubMessage): void => {
    if (this.#ended) return; // a Close in front of it in the same chunk
    switch (message.type) {
      case MessageType.Invocation:
      case MessageType.StreamInvocation:
        return this.onInvocation(message);
      case MessageType.StreamItem:
        return this.calls.get(message.invocationId)?.onItem(message.item);
      case MessageType.Completion:
        return this.takeCall(message.invocationId)?.onCompletion(message);
      case MessageType.Close:
        return void this.close(undefined, endOf(message));
      default:
        return this.onSign(message);
    }
  };

  /** The error that ends the session when the peer was silent for too long. */
  abstract timeoutError(): Error;

  /** The peer calls a method. Like all these methods it must not throw. */
  protected abstract onInvocation(message: InvocationMessage | StreamInvocationMessage): void;

  /** The session is over; called once. Everything that waited has been failed before. */
  protected abstract onEnded(end: SessionEnd): void;

  /** What a client has nothing to do about: a ping, a call given up, the counts of a stateful reconnect that is not in use. */
  protected onSign(_message: HubMessage): void {}

  /** The text for the peer of an error that ended a stream sent to it. */
  streamErrorText(thrown: unknown): string {
    return messageOf(thrown);
  }

  /** Stops reading what is being sent: the session is over. */
  protected stopStreams(): void {
    this.uploads?.stopAll();
  }

  #takeUploads(args: unknown[]): UploadingCall | undefined {
    if (!includesStream(args)) return undefined;
    this.uploads ??= (this.#streams ?? partIsMissing("streams")).uploadsOf(this);
    return this.uploads.take(args);
  }

  #end(end: SessionEnd): void {
    this.#ended = true;
    const waiting = this.calls.takeAll();
    this.stopStreams();
    const reason = (): Error => lossOf(end.error);
    this.channel.end(reason);
    for (const answerable of waiting) answerable.onFailed(reason());
    this.onEnded(end);
  }
}

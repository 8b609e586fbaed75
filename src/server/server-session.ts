/** A server's end of a session: messages that many clients share, the streams that answer calls, and those that clients upload. */
import type { Encoded } from "../protocol/hub-protocol.js";
import {
  MessageType,
  type CloseMessage,
  type HubMessage,
  type InvocationMessage,
  type StreamInvocationMessage,
} from "../protocol/messages.js";
import { HubSession } from "../session/hub-session.js";
import { InvocationTable, type Receiver } from "../session/invocation-table.js";
import { WRITTEN } from "../session/message-writer.js";
import type { PendingCall } from "../session/pending-call.js";
import type { SessionEnd, SessionOptions } from "../session/session-options.js";
import { StreamSender } from "../session/stream-sender.js";
import { StreamWriter } from "../session/stream-writer.js";
import type { StreamSource } from "../session/stream-source.js";

/** What the owner of a session, a client of the hub, does. Its methods must not throw; see those of {@link HubSession}. */
export interface SessionOwner {
  /** The peer calls a method. */
  onInvocation(message: InvocationMessage | StreamInvocationMessage): void;
  /** The peer gives up a call that it made. */
  onCancelInvocation(invocationId: string): void;
  /** The peer sent a ping. */
  onPing(): void;
  /** The session is over; called once. Everything that waited has been failed before. */
  onEnded(end: SessionEnd): void;
  /** The error that ends the session when the peer was silent for too long. */
  timeoutError(): Error;
  /** What to tell the peer before the connection is closed because of this error, if anything. */
  closeMessageFor(error: Error): CloseMessage | undefined;
  /** The text for the peer of an error that ended a stream sent to it. */
  streamErrorText(thrown: unknown): string;
}

/** What a server's session is made of. */
export interface ServerSessionOptions extends SessionOptions {
  readonly owner: SessionOwner;
}

/** A {@link HubSession} with what only servers do. */
export class ServerSession extends HubSession {
  readonly #owner: SessionOwner;
  readonly #waiting: Receivers;
  #answers: Set<StreamSender> | undefined; // there with the first

  constructor(options: ServerSessionOptions) {
    const waiting = new Receivers(options.idPrefix);
    super(options, waiting);
    this.#owner = options.owner;
    this.#waiting = waiting;
  }

  /** Whether the peer takes nothing at the moment; its calls are not taken then. */
  get isBlocked(): boolean {
    return !this.ended && this.channel.isFull;
  }

  /** Fulfils when the peer may take more. */
  whenUnblocked(): Promise<void> {
    return this.channel.whenRoom();
  }

  /**
   * Sends an invocation that was encoded once for many sessions of the same protocol.
   * @throws LimitError when too much waits for this peer already.
   */
  sendEncoded(data: Encoded): Promise<void> {
    if (this.ended) return WRITTEN;
    this.channel.assertRoom();
    return this.channel.writeEncoded(data);
  }

  /** Gives up a call without telling the peer: clients know no cancellation of calls (DOTNET11 §2). */
  abandon(call: PendingCall, error: Error): void {
    this.#waiting.take(call.id);
    call.onFailed(error);
  }

  /**
   * Answers a streaming call of the peer with the items of a source.
   * @param onOver Called once when nothing more will be read, whatever the reason.
   * @returns a function that stops reading it.
   */
  sendStream(invocationId: string, source: StreamSource<unknown>, onOver?: () => void): () => void {
    const answers = (this.#answers ??= new Set());
    const sender = new StreamSender(invocationId, new StreamWriter(this), () => {
      answers.delete(sender);
      onOver?.();
    });
    answers.add(sender);
    sender.start(source);
    return () => sender.stop();
  }

  /** Takes what the peer uploads under this id. @returns whether the id was free. */
  openStream(id: string, receiver: Receiver): boolean {
    return this.#waiting.open(id, receiver);
  }

  /** Ignores what the peer still uploads under this id. */
  closeStream(id: string): void {
    this.#waiting.close(id);
  }

  /** Ends the session because of an error; the owner knows what the peer is told. */
  override fail(error: Error): void {
    if (!this.ended) super.fail(error, this.#owner.closeMessageFor(error));
  }

  /** Asks the owner. */
  override timeoutError(): Error {
    return this.#owner.timeoutError();
  }

  protected override onInvocation(message: InvocationMessage | StreamInvocationMessage): void {
    this.#owner.onInvocation(message);
  }

  protected override onSign(message: HubMessage): void {
    if (message.type === MessageType.Ping) this.#owner.onPing();
    else if (message.type === MessageType.CancelInvocation) this.#owner.onCancelInvocation(message.invocationId);
  }

  protected override onEnded(end: SessionEnd): void {
    this.#owner.onEnded(end);
  }

  /** See {@link HubSession.streamErrorText}. */
  override streamErrorText(thrown: unknown): string {
    return this.#owner.streamErrorText(thrown);
  }

  /** Stops the answers. */
  protected override stopStreams(): void {
    super.stopStreams();
    for (const sender of [...(this.#answers ?? [])]) sender.stop();
  }
}

/** What the peer answers, and the streams that it uploads. */
class Receivers extends InvocationTable {
  #uploads: Map<string, Receiver> | undefined; // most clients upload nothing

  open(id: string, receiver: Receiver): boolean {
    this.#uploads ??= new Map();
    if (this.#uploads.has(id)) return false;
    this.#uploads.set(id, receiver);
    return true;
  }

  close(id: string): void {
    this.#uploads?.delete(id);
  }

  override get(id: string): Receiver | undefined {
    return super.get(id) ?? this.#uploads?.get(id);
  }

  override take(id: string): Receiver | undefined {
    const call = super.take(id);
    if (call !== undefined) return call;
    const upload = this.#uploads?.get(id);
    this.close(id);
    return upload;
  }

  override takeAll(): Receiver[] {
    const all = [...super.takeAll(), ...(this.#uploads?.values() ?? [])];
    this.#uploads = undefined;
    return all;
  }
}

/** One live hub peer, after the handshake: sends calls and finds their answers, and hands the peer's calls to its owner. Both ends use it. */
import type { Clock } from "../common/clock.js";
import { ConnectionError } from "../errors/connection-errors.js";
import { toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { Chunk, Encoded, HubProtocol, MessageDecoder } from "../protocol/hub-protocol.js";
import {
  MessageType,
  type CloseMessage,
  type CompletionMessage,
  type HubMessage,
  type InvocationMessage,
  type MessageHeaders,
  type StreamInvocationMessage,
} from "../protocol/messages.js";
import type { Connection, ConnectionListener } from "./connection.js";
import { InvocationTable, type Answerable } from "./invocation-table.js";
import { KeepAlive, KeepAliveVerdict, type KeepAliveIntervals } from "./keep-alive.js";
import { MessageWriter, WRITTEN } from "./message-writer.js";
import { OutboundStreams, type ExtractedCall } from "./outbound-streams.js";
import { PendingCall } from "./pending-call.js";
import { ResultStream } from "./result-stream.js";
import type { StreamSource } from "./stream-source.js";

/** How a session ended. */
export interface SessionEnd {
  /** Why, unless it was a clean end. */
  readonly error: Error | undefined;
  /** Whether a client may come back: always, unless the peer's Close message or the application says no. */
  readonly allowReconnect: boolean;
}

/** What the owner of a session does: a client dispatches to its handlers, a server to its hub. Its methods must not throw. */
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

/** What a session is made of. */
export interface SessionOptions {
  readonly connection: Connection;
  readonly protocol: HubProtocol;
  readonly owner: SessionOwner;
  readonly clock: Clock;
  readonly log: Log;
  /** Starts the ids of our calls; keeps a server's apart from its client's. */
  readonly idPrefix: string;
  /** Largest message accepted, in bytes. */
  readonly maximumMessageSize: number;
}

/** Calls and streams over one connection. Whatever cannot be encoded throws `InvalidArgumentError` at the call. */
export class HubSession implements ConnectionListener {
  readonly #connection: Connection;
  readonly #protocol: HubProtocol;
  readonly #owner: SessionOwner;
  readonly #log: Log;
  readonly #writer: MessageWriter;
  readonly #decoder: MessageDecoder;
  readonly #calls: InvocationTable;
  readonly #inbound = new Map<string, Answerable>();
  readonly #outbound: OutboundStreams;
  readonly #keepAlive = new KeepAlive();
  #received = true;
  #ended = false;

  constructor(options: SessionOptions) {
    this.#connection = options.connection;
    this.#protocol = options.protocol;
    this.#owner = options.owner;
    this.#log = options.log;
    this.#writer = new MessageWriter(options.connection, options.clock);
    this.#decoder = options.protocol.createDecoder(options);
    this.#calls = new InvocationTable(options.idPrefix);
    this.#outbound = new OutboundStreams({
      allotId: () => this.#calls.allotId(),
      sendItem: (id, item) => this.#sendItem(id, item),
      sendEnd: (id, error) => this.#endStream(id, error),
    });
  }

  /** Whether the session is over. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether the peer takes nothing at the moment; a server stops reading its calls then. */
  get isBlocked(): boolean {
    return !this.#ended && this.#writer.isBlocked;
  }

  /** Fulfils when the peer takes more. */
  whenUnblocked(): Promise<void> {
    return this.#writer.whenUnblocked();
  }

  /** Calls a method without wanting an answer. @returns a promise that settles when the connection has taken the message. */
  send(target: string, args: unknown[], headers?: MessageHeaders): Promise<void> {
    this.#writer.assertRoom();
    const call = this.#outbound.extract(args);
    const written = this.#write({ ...called(call, target, headers), type: MessageType.Invocation });
    this.#outbound.start(call, call.streamIds?.[0]);
    return written;
  }

  /** Sends an invocation that was encoded once for many sessions of the same protocol. */
  sendEncoded(data: Encoded): Promise<void> {
    return this.#ended ? WRITTEN : this.#writer.write(data);
  }

  /** Calls a method and waits for its answer. */
  invoke(target: string, args: unknown[], headers?: MessageHeaders): PendingCall {
    const pending = new PendingCall();
    pending.id = this.#call(MessageType.Invocation, pending, target, args, headers);
    return pending;
  }

  /** Calls a method that answers with a stream. */
  stream(target: string, args: unknown[], headers?: MessageHeaders): ResultStream {
    const stream = new ResultStream(this.#log, () => this.#cancel(id));
    const id = this.#call(MessageType.StreamInvocation, stream, target, args, headers);
    return stream;
  }

  /** Gives up a call: it rejects with this error at once, and the peer is told. */
  cancel(call: PendingCall, error: Error): void {
    this.#cancel(call.id);
    call.onFailed(error);
  }

  /** Answers a call of the peer. */
  complete(invocationId: string, outcome: { readonly error: string } | { readonly result: unknown } | undefined): void {
    if (this.#ended) return;
    void this.#write({ type: MessageType.Completion, invocationId, ...outcome });
  }

  /** Answers a streaming call of the peer with the items of a source. @returns a function that stops reading it. */
  sendStream(invocationId: string, source: StreamSource<unknown>): () => void {
    return this.#outbound.send(invocationId, source);
  }

  /** Takes what the peer uploads under this id. @returns whether the id was free. */
  openStream(id: string, receiver: Answerable): boolean {
    if (this.#inbound.has(id)) return false;
    this.#inbound.set(id, receiver);
    return true;
  }

  /** Ignores what the peer still uploads under this id. */
  closeStream(id: string): void {
    this.#inbound.delete(id);
  }

  /** Shows the peer that we are there. */
  ping(): void {
    if (!this.#ended) void this.#write({ type: MessageType.Ping });
  }

  /** Counts as a sign of life of the peer; a server calls it while it is not reading. */
  touch(): void {
    this.#received = true;
  }

  /** Looks after keep-alive; whoever owns the session calls it regularly. Does nothing on a transport that sees to that itself. */
  tick(elapsedMs: number, intervals: KeepAliveIntervals): void {
    if (this.#ended || this.#connection.inherentKeepAlive) return;
    const verdict = this.#keepAlive.tick(elapsedMs, this.#received, this.#writer.hasWritten, intervals);
    this.#received = false;
    this.#writer.hasWritten = false;
    if (verdict === KeepAliveVerdict.TimedOut) this.fail(this.#owner.timeoutError());
    else if (verdict === KeepAliveVerdict.PingDue) this.ping();
  }

  /** Ends the session because of an error; the peer is told as the owner says. */
  fail(error: Error): void {
    void this.close(this.#owner.closeMessageFor(error), { error, allowReconnect: true });
  }

  /** Ends the session. @returns a promise that fulfils when the connection is released. */
  close(message: CloseMessage | undefined, end: SessionEnd): Promise<void> {
    if (this.#ended) return WRITTEN;
    if (message !== undefined) {
      void this.#write(message);
      this.#writer.flush();
    }
    const released = this.#connection.close(end.error);
    this.#end(end);
    return released;
  }

  onData(chunk: Chunk): void {
    if (this.#ended) return;
    this.#received = true;
    try {
      this.#decoder.decode(chunk, this.#deliver);
    } catch (thrown) {
      this.fail(toError(thrown));
    }
  }

  onClosed(error: Error | undefined): void {
    if (!this.#ended) this.#end({ error, allowReconnect: true });
  }

  // Bound once: the decoder calls it for every message.
  readonly #deliver = (message: HubMessage): void => {
    if (this.#ended) return; // a Close in front of it in the same chunk
    switch (message.type) {
      case MessageType.Invocation:
      case MessageType.StreamInvocation:
        return this.#owner.onInvocation(message);
      case MessageType.StreamItem:
        return (this.#calls.get(message.invocationId) ?? this.#inbound.get(message.invocationId))?.onItem(message.item);
      case MessageType.Completion:
        return this.#deliverCompletion(message);
      case MessageType.CancelInvocation:
        return this.#owner.onCancelInvocation(message.invocationId);
      case MessageType.Ping:
        return this.#owner.onPing();
      case MessageType.Close:
        return void this.close(undefined, endOf(message));
      case MessageType.Ack:
      case MessageType.Sequence:
        return this.#log.write(LogLevel.Debug, "Ignored a message of stateful reconnect, which is not in use.");
    }
  };

  #deliverCompletion(message: CompletionMessage): void {
    const id = message.invocationId;
    let answerable = this.#calls.take(id);
    if (answerable === undefined) {
      answerable = this.#inbound.get(id);
      this.#inbound.delete(id);
    } else {
      this.#outbound.stopUploadsOf(id);
    }
    answerable?.onCompletion(message);
  }

  #call(
    type: MessageType.Invocation | MessageType.StreamInvocation,
    answerable: Answerable,
    target: string,
    args: unknown[],
    headers: MessageHeaders | undefined,
  ): string {
    this.#writer.assertRoom();
    const call = this.#outbound.extract(args);
    const invocationId = this.#calls.add(answerable);
    try {
      const written = this.#write({ ...called(call, target, headers), type, invocationId });
      if (written !== WRITTEN)
        written.then(undefined, (error: Error) => this.#calls.take(invocationId)?.onFailed(error));
    } catch (thrown) {
      this.#calls.take(invocationId);
      throw thrown;
    }
    this.#outbound.start(call, invocationId);
    return invocationId;
  }

  #cancel(id: string): void {
    if (this.#calls.take(id) === undefined || this.#ended) return;
    this.#outbound.stopUploadsOf(id);
    void this.#write({ type: MessageType.CancelInvocation, invocationId: id });
  }

  #sendItem(id: string, item: unknown): Promise<void> {
    this.#writer.assertRoom();
    return this.#write({ type: MessageType.StreamItem, invocationId: id, item: item ?? null });
  }

  #endStream(id: string, error: { readonly thrown: unknown } | undefined): void {
    this.complete(id, error && { error: this.#owner.streamErrorText(error.thrown) });
  }

  #write(message: HubMessage): Promise<void> {
    if (this.#ended) throw new ConnectionError("connection-lost", "The connection is closed.");
    return this.#writer.write(this.#protocol.encode(message));
  }

  #end(end: SessionEnd): void {
    this.#ended = true;
    const error =
      end.error ??
      new ConnectionError("connection-lost", "Invocation canceled due to the underlying connection being closed.");
    const waiting = [...this.#calls.takeAll(), ...this.#inbound.values()];
    this.#inbound.clear();
    this.#outbound.stopAll();
    for (const answerable of waiting) answerable.onFailed(error);
    this.#owner.onEnded(end);
  }
}

function called(call: ExtractedCall, target: string, headers: MessageHeaders | undefined) {
  return { target, arguments: call.args, streamIds: call.streamIds, headers };
}

function endOf(message: CloseMessage): SessionEnd {
  const text = message.error == null ? undefined : `Server returned an error on close: ${message.error}`;
  return {
    error: text === undefined ? undefined : new ConnectionError("server-closed", text),
    allowReconnect: message.allowReconnect === true,
  };
}

/** The messages of the hub protocol as values: what both ends exchange once the handshake is done (HUB_PROTOCOL §4). */

/** The kinds of hub messages, with their numbers on the wire. */
export enum MessageType {
  /** A call of a method; with an id it wants an answer. */
  Invocation = 1,
  /** One item of a stream, in either direction. */
  StreamItem = 2,
  /** The end of a call or stream: a result, an error, or neither. */
  Completion = 3,
  /** A call that is answered with a stream. */
  StreamInvocation = 4,
  /** The caller wants no more of a call or stream. */
  CancelInvocation = 5,
  /** Shows that the sender is alive. */
  Ping = 6,
  /** The sender is about to end the connection. */
  Close = 7,
  /** Stateful reconnect: everything up to an id was received. */
  Ack = 8,
  /** Stateful reconnect: the id of the next message after a resume. */
  Sequence = 9,
}

/** How the bytes of a protocol travel. The values are bit flags. */
export enum TransferFormat {
  /** Strings; every transport can carry them. */
  Text = 1,
  /** Bytes; WebSockets and Long Polling only. */
  Binary = 2,
}

/** Headers of one message: not HTTP headers; they travel inside it. */
export interface MessageHeaders {
  [name: string]: string;
}

/** What messages that may carry headers have in common. */
interface WithHeaders {
  /** Headers of this message. */
  readonly headers?: MessageHeaders | undefined;
}

/** A method call that is answered with at most one result. */
export interface InvocationMessage extends WithHeaders {
  /** The kind of message. */
  readonly type: MessageType.Invocation;
  /** The caller's id for this call; without it nothing may be answered. */
  readonly invocationId?: string | undefined;
  /** Name of the method. */
  readonly target: string;
  /** Its arguments, without those that are streams. */
  readonly arguments: unknown[];
  /** Ids of the streams that the caller uploads, in the order of the method's stream parameters. */
  readonly streamIds?: string[] | undefined;
}

/** A method call that is answered with a stream. */
export interface StreamInvocationMessage extends WithHeaders {
  /** The kind of message. */
  readonly type: MessageType.StreamInvocation;
  /** The caller's id for this call. */
  readonly invocationId: string;
  /** Name of the method. */
  readonly target: string;
  /** Its arguments, without those that are streams. */
  readonly arguments: unknown[];
  /** Ids of the streams that the caller uploads. */
  readonly streamIds?: string[] | undefined;
}

/** One item of a stream. */
export interface StreamItemMessage extends WithHeaders {
  /** The kind of message. */
  readonly type: MessageType.StreamItem;
  /** Id of the call (downwards) or of the uploaded stream (upwards). */
  readonly invocationId: string;
  /** The item. */
  readonly item?: unknown;
}

/** The end of a call or of a stream. Never has both a result and an error. */
export interface CompletionMessage extends WithHeaders {
  /** The kind of message. */
  readonly type: MessageType.Completion;
  /** Id of the call or of the uploaded stream. */
  readonly invocationId: string;
  /** The error's text, if it failed. */
  readonly error?: string | undefined;
  /** The result, if there is one. */
  readonly result?: unknown;
}

/** The caller wants no more of a call or stream. */
export interface CancelInvocationMessage extends WithHeaders {
  /** The kind of message. */
  readonly type: MessageType.CancelInvocation;
  /** Id of the call. */
  readonly invocationId: string;
}

/** Shows that the sender is alive. */
export interface PingMessage {
  /** The kind of message. */
  readonly type: MessageType.Ping;
}

/** The sender is about to end the connection (HUB_PROTOCOL §8). */
export interface CloseMessage {
  /** The kind of message. */
  readonly type: MessageType.Close;
  /** Why, if because of an error. */
  readonly error?: string | undefined;
  /** Whether a client with automatic reconnect may come back. */
  readonly allowReconnect?: boolean | undefined;
}

/** Stateful reconnect: everything up to this id was received (HUB_PROTOCOL §9). */
export interface AckMessage {
  /** The kind of message. */
  readonly type: MessageType.Ack;
  /** Id of the last message received. */
  readonly sequenceId: number;
}

/** Stateful reconnect: what follows starts with this id (HUB_PROTOCOL §9). */
export interface SequenceMessage {
  /** The kind of message. */
  readonly type: MessageType.Sequence;
  /** Id of the first message that is sent again. */
  readonly sequenceId: number;
}

/** Any hub message. */
export type HubMessage =
  | InvocationMessage
  | StreamItemMessage
  | CompletionMessage
  | StreamInvocationMessage
  | CancelInvocationMessage
  | PingMessage
  | CloseMessage
  | AckMessage
  | SequenceMessage;

/** A message that may carry headers. */
export type HubMessageBase = WithHeaders & { readonly type: MessageType };

/** A message that belongs to a call. */
export type HubInvocationMessage = HubMessageBase & { readonly invocationId?: string | undefined };

/** Whether stateful reconnect counts messages of this type, remembers them and sends them again (HUB_PROTOCOL §9). */
export function isTracked(type: MessageType): boolean {
  return type <= MessageType.CancelInvocation;
}

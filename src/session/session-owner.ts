/** What a session is given, and what it asks of the end that owns it: the seam between the shared session and client or server. */
import type { Clock } from "../common/clock.js";
import type { Log } from "../logging/logger.js";
import type { HubProtocol } from "../protocol/hub-protocol.js";
import type { CloseMessage, InvocationMessage, StreamInvocationMessage } from "../protocol/messages.js";
import type { Connection } from "./connection.js";
import type { CreateChannel } from "./message-channel.js";
import type { StreamsPart } from "./streams.js";

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
  /** Carries streams; without it a stream among the arguments of a call is refused. */
  readonly streams?: StreamsPart | undefined;
  /** Makes a channel that outlives its connection, with stateful reconnect. Default: a plain one. */
  readonly createChannel?: CreateChannel | undefined;
}

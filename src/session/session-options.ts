/** What a session is given, and how it ends. */
import type { Clock } from "../common/clock.js";
import type { Log } from "../logging/logger.js";
import type { HubProtocol } from "../protocol/hub-protocol.js";
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

/** What a session is made of. */
export interface SessionOptions {
  readonly connection: Connection;
  readonly protocol: HubProtocol;
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

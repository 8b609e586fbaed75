/** What a hub connection is given: everything that it works with, chosen and checked. */
import type { Clock } from "../common/clock.js";
import type { Log } from "../logging/logger.js";
import type { Platform, WakeSource } from "../platform/platform.js";
import type { HubProtocol } from "../protocol/hub-protocol.js";
import type { AuthenticationRefresh } from "./authentication-refresh.js";
import type { HttpConnectionFactory } from "./http-connection.js";
import type { CallsPart } from "./outgoing-calls.js";
import type { ReconnectLoop } from "./reconnect-loop.js";
import type { SerialQueue } from "./serial-queue.js";
import type { StreamsPart } from "../session/streams.js";
import type { StatefulReconnect } from "./stateful-reconnect.js";

/** What a builder puts together. */
export interface HubConnectionParts {
  readonly url: string;
  readonly http: HttpConnectionFactory;
  /** Makes URLs absolute. */
  readonly platform: Pick<Platform, "resolveUrl">;
  readonly protocol: HubProtocol;
  readonly clock: Clock;
  readonly log: Log;
  readonly wakeSource: WakeSource | undefined;
  readonly reconnect: ReconnectLoop | undefined;
  readonly statefulReconnect: StatefulReconnect | undefined;
  readonly authenticationRefresh: AuthenticationRefresh | undefined;
  /** Makes calls that may have options and interceptors, and may wait. */
  readonly calls: CallsPart | undefined;
  /** Carries streams. */
  readonly streams: StreamsPart | undefined;
  readonly serverTimeoutMs: number;
  readonly keepAliveIntervalMs: number;
  readonly handshakeTimeoutMs: number;
  readonly maximumMessageSize: number;
  /** Where messages wait for the handlers of those before, if they are to. */
  readonly createHandlerQueue: (() => SerialQueue) | undefined;
}

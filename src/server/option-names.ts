/** Tells of options that nobody knows, which most often are misspelt ones. Used when a server is made and when a hub is mapped. */
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import { shown } from "../logging/shown.js";
import type { HubServerOptions, LongPollingOptions, MapHubOptions, WebSocketOptions } from "./options.js";

type Names<T> = Readonly<Record<keyof T, true>>;

const WEB_SOCKETS: Names<WebSocketOptions> = { closeTimeout: true, maximumFrameSize: true };
const LONG_POLLING: Names<LongPollingOptions> = { pollTimeout: true };

const ALL: Names<HubServerOptions & MapHubOptions> = {
  allowedOrigins: true,
  allowStatefulReconnects: true,
  applicationMaxBufferSize: true,
  authenticate: true,
  clientTimeoutInterval: true,
  closeOnAuthenticationExpiration: true,
  createHub: true,
  disconnectTimeout: true,
  enableAuthenticationRefresh: true,
  enableDetailedErrors: true,
  filters: true,
  handshakeTimeout: true,
  keepAliveInterval: true,
  logger: true,
  longPolling: true,
  maximumAuthenticationExpiration: true,
  maximumConnections: true,
  maximumGroupsPerConnection: true,
  maximumParallelInvocationsPerClient: true,
  maximumReceiveMessageSize: true,
  maximumStreamingInvocationsPerClient: true,
  onAuthenticationRefresh: true,
  protocols: true,
  shutdownTimeout: true,
  statefulReconnectBufferSize: true,
  streamBufferCapacity: true,
  transports: true,
  transportMaxBufferSize: true,
  transportSendTimeout: true,
  webSockets: true,
};

/** Warns of each option that means nothing. */
export function warnOfUnknownOptions(options: HubServerOptions & MapHubOptions, log: Log): void {
  warn(options, ALL, log);
  warn(options.webSockets, WEB_SOCKETS, log, "webSockets.");
  warn(options.longPolling, LONG_POLLING, log, "longPolling.");
}

function warn(options: object | null | undefined, known: object, log: Log, prefix = ""): void {
  for (const [name, value] of Object.entries(options ?? {}) as [string, unknown][]) {
    if (value !== undefined && !(name in known)) log.write(LogLevel.Warning, `Unknown option ${shown(prefix + name)}.`);
  }
}

/** The hub server for Node: `hubwire/server`. */
import { HubServer } from "./hub-server.js";
import type { HubServerOptions } from "./options.js";

/**
 * Makes a hub server. Map hubs to paths, then attach it to an HTTP server.
 * @param options Hold for all hubs that do not override them.
 * @throws InvalidArgumentError that names a wrong option.
 */
export function createHubServer(options: HubServerOptions = {}): HubServer {
  return new HubServer(options);
}

export {
  ClientResultError,
  HubError,
  InvalidArgumentError,
  InvalidStateError,
  LimitError,
  ProtocolError,
} from "../errors/call-errors.js";
export { ConnectionError, HandshakeError } from "../errors/connection-errors.js";
export { AbortError, TimeoutError } from "../errors/http-errors.js";
export { HubwireError, type ErrorCode } from "../errors/hubwire-error.js";
export { ConsoleLogger } from "../logging/console-logger.js";
export { LogLevel } from "../logging/log-level.js";
export { NullLogger, type Logger } from "../logging/logger.js";
export type { CustomHubProtocol as IHubProtocol, HubProtocol } from "../protocol/hub-protocol.js";
export type { MessageHeaders } from "../protocol/messages.js";
export { JsonHubProtocol } from "../protocol/json-hub-protocol.js";
export type { MethodName, MethodParameters, MethodResult } from "../session/hub-methods.js";
export { Subject } from "../session/subject.js";
export type { TransportName } from "../transports/transport.js";
export { accessTokenOf } from "./access-token.js";
export type { AuthenticationRefreshContext } from "./connection-authentication.js";
export type { ClientProxy, GroupManager, HubCallerClients, HubClients, SingleClientProxy } from "./hub-clients.js";
export type { HubCallerContext, HubUser } from "./hub-context.js";
export type { HubFilter, HubInvocation } from "./hub-filters.js";
export type { HubContext, HubServer } from "./hub-server.js";
export { Hub, type HubClass, type HubLike } from "./hub.js";
export type { HubOptions, HubServerOptions, LongPollingOptions, MapHubOptions, WebSocketOptions } from "./options.js";
export type { AllowedOrigins } from "./origin-policy.js";

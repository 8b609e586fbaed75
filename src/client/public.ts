/** What every entry of the client exports beside the builder and the HTTP client, which depend on the platform. */

export {
  ClientResultError,
  HubError,
  InvalidArgumentError,
  InvalidStateError,
  LimitError,
  ProtocolError,
} from "../errors/call-errors.js";
export {
  ConnectFailedError,
  ConnectionError,
  HandshakeError,
  NegotiationError,
  ProxyError,
  TransportError,
} from "../errors/connection-errors.js";
export { AbortError, HttpError, TimeoutError } from "../errors/http-errors.js";
export { HubwireError, type ErrorCode } from "../errors/hubwire-error.js";
export type { AccessTokenContext, AccessTokenReason } from "../http/access-token.js";
export { HttpClient, HttpResponse, type HttpRequest } from "../http/http-client.js";
export type {
  CookieJarLike,
  HttpAgentLike,
  NodeOptions,
  NodeWebSocketOptions,
  TlsData,
  TlsOptions,
} from "../http/node-options.js";
export type { MinimalAbortSignal as AbortSignal } from "../http/http-client.js";
export { ConsoleLogger } from "../logging/console-logger.js";
export { LogLevel } from "../logging/log-level.js";
export { NullLogger, type Logger, type Logger as ILogger } from "../logging/logger.js";
export { JsonHubProtocol } from "../protocol/json-hub-protocol.js";
export type { CustomHubProtocol as IHubProtocol, HubProtocol } from "../protocol/hub-protocol.js";
export { MessageType, TransferFormat } from "../protocol/messages.js";
export type {
  CompletionMessage,
  HubMessage,
  InvocationMessage,
  StreamInvocationMessage,
  StreamItemMessage,
} from "../protocol/loose-messages.js";
export type {
  AckMessage,
  CancelInvocationMessage,
  CloseMessage,
  HubInvocationMessage,
  HubMessageBase,
  MessageHeaders,
  PingMessage,
  SequenceMessage,
} from "../protocol/messages.js";
export type { MethodArguments, MethodHandler, MethodName, MethodResult, StreamItem } from "../session/hub-methods.js";
export type { StreamOverflow, StreamResult, SubscribableStream as IStreamResult } from "../session/result-stream.js";
export type {
  StreamSource,
  StreamSubscriber,
  StreamSubscriber as IStreamSubscriber,
  Subscribable,
} from "../session/stream-source.js";
export { streams, type StreamsPart } from "../session/streams.js";
export { Subject, type ISubscription, type Subscription } from "../session/subject.js";
export { longPolling } from "../transports/long-polling.js";
export {
  HttpTransportType,
  type CustomTransport as ITransport,
  type Transport as TransportPart,
} from "../transports/transport.js";
export { webSockets } from "../transports/websocket.js";
export type { Disposer } from "../common/disposer.js";
export type { CallOptions } from "./call-options.js";
export type { HubInterceptor, InterceptedCall, InterceptedConnection } from "./interceptors.js";
export { HubConnection, type HubCalls, type StartOptions } from "./hub-connection.js";
export type { HttpConnectionOptions, HttpConnectionOptions as IHttpConnectionOptions } from "./options.js";
export {
  authenticationRefresh,
  type AuthenticationRefresh,
  type AuthenticationRefreshedContext,
  type AuthenticationRefreshFailedContext,
  type AuthenticationRefreshOptions,
  type AuthenticationRefreshOptions as IAuthenticationRefreshOptions,
} from "./authentication-refresh.js";
export { automaticReconnect, type AutomaticReconnectOptions } from "./automatic-reconnect.js";
export type { HubConnectionOptions } from "./create-connection.js";
export type { ReconnectLoop } from "./reconnect-loop.js";
export {
  statefulReconnect,
  type StatefulReconnect,
  type StatefulReconnectOptions,
  type StatefulReconnectOptions as IStatefulReconnectOptions,
} from "./stateful-reconnect.js";
export { serialHandlers, type HandlerQueueFactory, type SerialHandlersOptions } from "./serial-handlers.js";
export type { NegotiationPart } from "./negotiation.js";
export type { AsyncRetryPolicy, RetryContext, RetryPolicy, RetryPolicy as IRetryPolicy } from "./retry-policy.js";
export { HubConnectionState, type ReconnectInfo, type StateChange } from "./states.js";
export { waitingCalls, type WaitingCallsOptions } from "./waiting-calls.js";
export { configurableCalls, type CallsPart } from "./outgoing-calls.js";

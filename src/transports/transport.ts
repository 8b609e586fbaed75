/** What a client transport is, and the official names and numbers of transports. */
import type { Abortable } from "../common/abort-scope.js";
import type { TransferFormat } from "../protocol/messages.js";
import type { Connection, ConnectionListener } from "../session/connection.js";
import type { SocketContext, TransportContext } from "./transport-context.js";

/** The transports of SignalR. The values are bit flags: combine them to allow several. */
export enum HttpTransportType {
  /** No preference: the same as all of them. */
  None = 0,
  /** WebSockets. */
  WebSockets = 1,
  /** Server-Sent Events down, POST requests up. Text only. */
  ServerSentEvents = 2,
  /** Waiting GET requests down, POST requests up. */
  LongPolling = 4,
}

/** Name of a transport, as negotiated. */
export type TransportName = "WebSockets" | "ServerSentEvents" | "LongPolling";

/** Everything a transport needs to connect. */
export interface ConnectRequest {
  /** The hub's URL with the user's query and, after a negotiation, the connection token as `id`. Never logged as a whole. */
  readonly url: string;
  /** How the chosen encoding travels. */
  readonly transferFormat: TransferFormat;
  /** Gets what arrives from the first moment on. Hears nothing if connecting fails. */
  readonly listener: ConnectionListener;
  /** Gives up connecting. */
  readonly signal: Abortable;
}

/** One way for messages to travel: a part that connections are put together from. */
interface TransportOf<Name extends TransportName, Context> {
  /** Its name in negotiate answers, errors and `connection.transport`. */
  readonly name: Name;
  /** Formats that it can carry, as bit flags. */
  readonly transferFormats: TransferFormat;
  /** Whether the runtime can carry it; missing where every runtime can. */
  isAvailable?(context: Context): boolean;
  /**
   * Connects.
   * @throws an error that says why not: TransportError (`transport-skipped`) where the runtime cannot carry it at all; `AbortError` when the
   * signal fired.
   */
  connect(context: Context, request: ConnectRequest): Promise<Connection>;
}

/** The transport that can do without requests, and so without a negotiation. */
export type SocketTransport = TransportOf<"WebSockets", SocketContext>;

/** A transport that sends by requests. */
export type HttpTransport = TransportOf<"ServerSentEvents" | "LongPolling", TransportContext>;

/**
 * A transport that a connection may use: `webSockets`, `serverSentEvents` or `longPolling`. Which one it uses is for the server to say,
 * in its own order.
 */
export type Transport = SocketTransport | HttpTransport;

/** The official shape of a transport, for users who bring their own through the `transport` option. */
export interface CustomTransport {
  /** Connects to the URL. */
  connect(url: string, transferFormat: TransferFormat): Promise<void>;
  /** Sends one chunk. */
  send(data: string | ArrayBuffer): Promise<void>;
  /** Ends the connection. */
  stop(): Promise<void>;
  /** Set by hubwire: call it with every chunk that arrives. */
  onreceive: ((data: string | ArrayBuffer) => void) | null;
  /** Set by hubwire: call it once when the connection ended. */
  onclose: ((error?: Error) => void) | null;
}

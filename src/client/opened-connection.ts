/** What opening a connection brings: the connection itself, and what the server said about it. */
import type { Abortable } from "../common/abort-scope.js";
import type { AccessToken } from "../http/access-token.js";
import type { Connection, ConnectionListener } from "../session/connection.js";
import type { NegotiatingFactory } from "./negotiation.js";

/** A transport that is connected; the hub handshake comes next. */
export interface OpenedConnection {
  /** The way to the server. */
  readonly connection: Connection;
  /** Name of the transport in use. */
  readonly transport: string;
  /** The public id that the server gave; none without a negotiation. */
  readonly connectionId?: string | undefined;
  /** How to speak to the server beside the transport; not without a negotiation. */
  readonly access?: ConnectionAccess | undefined;
  /** How to resume, where the server allows it. */
  readonly resumption?: Resumption | undefined;
}

/** What it takes to speak to the server about an open connection. */
export interface ConnectionAccess {
  /** The hub's URL, before any redirect. */
  readonly url: string;
  readonly token: AccessToken;
  /** See {@link Negotiation}. */
  readonly connectionToken: string;
  /** See {@link Negotiation}. */
  readonly tokenLifetimeSeconds: number | undefined;
  /** Made the connection. */
  readonly factory: NegotiatingFactory;
}

/** The way back to a peer whose connection broke (stateful reconnect). */
export interface Resumption {
  /** See {@link ResumableChannel}. */
  readonly isExact: boolean;
  /** Opens another connection to the same peer: neither negotiation nor handshake, but a fresh token. */
  readonly reopen: (listener: ConnectionListener, signal: Abortable) => Promise<Connection>;
}

/** What a hub knows about the connection that calls it: `this.context`. */
import type { IncomingMessage } from "node:http";
import { AbortError } from "../errors/http-errors.js";
import { createAbortController } from "./abort-controller.js";
import type { TransportName } from "../transports/transport.js";
import type { Visitor } from "./visitor.js";

/**
 * Who makes a request, as `authenticate` tells it: any object. Its `id`, if it has one, is the name for `clients.user(id)` and
 * `context.userIdentifier`; its `expiresAt`, if it has one, is when the authentication ends: a `Date`, or milliseconds since 1970.
 */
export type HubUser = object & {
  readonly id?: string | undefined;
  readonly expiresAt?: Date | number | null | undefined;
};

/** One connection, as hubs see it; the same object for every call of the connection, until its authentication is refreshed. */
export interface HubCallerContext {
  /** Id of the connection: public, and for `clients.client(id)`. A client that reconnects gets a new one, unless it does so statefully. */
  readonly connectionId: string;
  /** What `authenticate` returned when the connection was made, or last refreshed before this call began. */
  readonly user: HubUser | undefined;
  /** The user's `id`; `undefined` when there is none. It never changes. */
  readonly userIdentifier: string | undefined;
  /** A place for whatever the hub wants to remember until the connection ends. */
  readonly items: Map<unknown, unknown>;
  /** The HTTP request that opened the connection; with stateful reconnect it stays that of the first WebSocket. */
  readonly request: IncomingMessage;
  /** The transport in use. */
  readonly transport: TransportName;
  /** Fires when the connection ends, for whatever reason; not while the client may still come back by stateful reconnect. */
  readonly connectionAborted: AbortSignal;
  /** Ends the connection for good: clients do not reconnect by themselves (HUB_PROTOCOL §8). */
  abort(): void;
}

/** Who connected, and how. */
export interface ClientIdentity extends Visitor {
  readonly connectionId: string;
  readonly request: IncomingMessage;
  readonly transport: TransportName;
  /** Whether stateful reconnect was negotiated. */
  readonly isStateful: boolean;
}

/** {@link HubCallerContext} of one connection. */
export class ConnectionContext implements HubCallerContext {
  readonly connectionId: string;
  readonly user: HubUser | undefined;
  readonly userIdentifier: string | undefined;
  readonly request: IncomingMessage;
  readonly transport: TransportName;
  readonly #owner: { abort(): void };
  #items: Map<unknown, unknown> | undefined;
  #controller: AbortController | undefined;
  #ended = false;

  /** @param owner Ends the connection. */
  constructor(identity: ClientIdentity, owner: { abort(): void }) {
    this.connectionId = identity.connectionId;
    this.user = identity.user;
    this.userIdentifier = identity.userIdentifier;
    this.request = identity.request;
    this.transport = identity.transport;
    this.#owner = owner;
  }

  get items(): Map<unknown, unknown> {
    return (this.#items ??= new Map());
  }

  // Most hubs never look at it.
  get connectionAborted(): AbortSignal {
    this.#controller ??= createAbortController();
    if (this.#ended) this.#controller.abort(connectionEnded());
    return this.#controller.signal;
  }

  abort(): void {
    this.#owner.abort();
  }

  /** The connection has ended. */
  end(): void {
    this.#ended = true;
    this.#controller?.abort(connectionEnded());
  }
}

function connectionEnded(): AbortError {
  return new AbortError("The connection has ended.");
}

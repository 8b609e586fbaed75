/** The base class of hubs. What a subclass declares is what clients can call (SERVER_API §2). */
import { InvalidStateError } from "../errors/call-errors.js";
import type { MessageHeaders } from "../protocol/messages.js";
import type { HubCallerContext } from "./hub-context.js";
import type { GroupManager, HubCallerClients } from "./hub-clients.js";

/** What a hub object is told about the call that it was made for. */
export interface HubScope {
  readonly context: HubCallerContext;
  readonly clients: HubCallerClients<unknown>;
  readonly groups: GroupManager;
  readonly signal: AbortSignal;
  readonly headers: Readonly<MessageHeaders>;
}

/** The headers of messages that have none, and of `onConnected` and `onDisconnected`. */
export const NO_HEADERS: Readonly<MessageHeaders> = Object.freeze({});

/** What the server needs of a hub object, whatever its clients are like. */
export interface HubLike {
  /** See {@link Hub}. */
  readonly context: HubCallerContext;
  /** See {@link Hub}. */
  onConnected(): unknown;
  /** See {@link Hub}. */
  onDisconnected(error?: Error): unknown;
  /** See {@link Hub}. */
  onAuthenticationRefreshed(): unknown;
}

/** A class of hubs. */
export type HubClass<THub extends HubLike = HubLike> = abstract new (...args: never[]) => THub;

/** Tells a hub object about its call. @throws TypeError when the object is no hub. */
export let bindHub: (hub: HubLike, scope: HubScope) => void;

/**
 * Base class of hubs. A new object is made for each call.
 *
 * Clients can call the methods that the class, and its bases below this one, declare; names match in any case. They cannot call
 * `onConnected` and the other methods of this class, accessors, functions in fields, and names that start with `_` or `#`. What TypeScript calls
 * `private` or `protected` can be called all the same: use `#`.
 *
 * A method that returns an async iterable, a `ReadableStream` or a `Subject` is a stream. Streams that the client uploads arrive as
 * async iterables behind the plain arguments, or where `static streamParameters = { method: [positions] }` says.
 * An error that a method throws is hidden from the client, unless it is a `HubError`.
 * @typeParam TClient Interface of what can be called on clients; without it any name and arguments go.
 */
export abstract class Hub<TClient = unknown> implements HubLike {
  #scope: HubScope | undefined;

  static {
    bindHub = (hub, scope) => {
      (hub as Hub).#scope = scope;
    };
  }

  /** The connected clients of this hub. */
  get clients(): HubCallerClients<TClient> {
    return this.#bound.clients;
  }

  /** The connection that made this call. */
  get context(): HubCallerContext {
    return this.#bound.context;
  }

  /** Puts connections into groups. */
  get groups(): GroupManager {
    return this.#bound.groups;
  }

  /** Headers of the message that made this call, which are no HTTP headers; empty when it has none. */
  get headers(): Readonly<MessageHeaders> {
    return this.#bound.headers;
  }

  /** Fires when the client cancels this call, or when its connection ends. */
  get signal(): AbortSignal {
    return this.#bound.signal;
  }

  /**
   * Called when a client has connected, before any of its calls. What it throws refuses the client: it gets a Close message with the
   * error and does not reconnect.
   */
  onConnected(): void | Promise<void> {}

  /**
   * Called when a connection has ended, unless `onConnected` threw.
   * @param error Why, if it was lost or broken; `undefined` when the client or the server ended it in order.
   */
  onDisconnected(error?: Error): void | Promise<void>;
  onDisconnected(): void {}

  /**
   * Called when the client has refreshed its authentication: `context.user` is new. It counts as a plain call of the client, and cannot
   * ask clients for results; what it throws is only logged.
   */
  onAuthenticationRefreshed(): void | Promise<void> {}

  get #bound(): HubScope {
    if (this.#scope === undefined)
      throw new InvalidStateError("A hub has no connection while it is being constructed.");
    return this.#scope;
  }
}

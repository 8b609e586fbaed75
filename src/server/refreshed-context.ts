/** `this.context` of calls that begin after the client has refreshed its authentication; earlier ones keep what they have (DOTNET11 §1.5). */
import type { IncomingMessage } from "node:http";
import type { TransportName } from "../transports/transport.js";
import type { HubCallerContext, HubUser } from "./hub-context.js";

/** A context that differs from the connection's first one in its user only. */
export class RefreshedContext implements HubCallerContext {
  readonly user: HubUser | undefined;
  readonly #first: HubCallerContext;

  constructor(first: HubCallerContext, user: HubUser | undefined) {
    this.#first = first;
    this.user = user;
  }

  get connectionId(): string {
    return this.#first.connectionId;
  }

  get userIdentifier(): string | undefined {
    return this.#first.userIdentifier;
  }

  get items(): Map<unknown, unknown> {
    return this.#first.items;
  }

  get request(): IncomingMessage {
    return this.#first.request;
  }

  get transport(): TransportName {
    return this.#first.transport;
  }

  get connectionAborted(): AbortSignal {
    return this.#first.connectionAborted;
  }

  abort(): void {
    this.#first.abort();
  }
}

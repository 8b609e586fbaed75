// What the hub of this example offers and what it calls, for the types of the page; the hub itself is in start.mjs.
import type { HubConnection } from "hubwire";

/** A price, and what it was before. */
export interface Quote {
  readonly price: number;
  readonly recent: readonly number[];
}

/** Something that somebody bought. */
export interface Trade {
  readonly id: number;
  readonly currency: string;
  readonly price: number;
}

/** What the page may call. */
export interface PriceServer {
  prices(currency: string): AsyncIterable<Quote>;
  buy(currency: string): void;
  drop(): void;
}

/** What the hub calls. */
export interface PriceClient {
  Traded(trade: Trade): void;
}

/** The connection to that hub. */
export type PriceConnection = HubConnection<PriceServer, PriceClient>;

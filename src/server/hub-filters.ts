/** Functions of the application around the methods of hubs: what they look like, and the list of those that a hub has. */
import type { Around } from "../common/around.js";
import type { MessageHeaders } from "../protocol/messages.js";
import type { HubCallerContext } from "./hub-context.js";
import type { HubLike } from "./hub.js";

/** One call of a hub method, on its way through the filters. */
export interface HubInvocation {
  /** The hub object that was made for this call. */
  readonly hub: HubLike;
  /** Name of the method as the class declares it. */
  readonly method: string;
  /** What the method gets, uploads included. A filter may change it, or go on with another invocation. */
  args: unknown[];
  /** Headers of the client's message; empty when it has none. */
  readonly headers: Readonly<MessageHeaders>;
  /** The connection that calls. */
  readonly context: HubCallerContext;
}

/** A function around the work of hubs. */
export interface HubFilter {
  /**
   * Around every hub method. `next` gives what the method gives: a result, or a stream. What this returns is the result of the call,
   * what it throws is its failure.
   */
  invokeMethod(invocation: HubInvocation, next: (invocation: HubInvocation) => Promise<unknown>): unknown;
}

/** What `runMethod` puts around methods. */
export type FilterLayer = Around<HubInvocation, Promise<unknown>>;

/** The parts of filters that are around methods. The first is the outermost. */
export function filterLayers(filters: readonly HubFilter[]): FilterLayer[] {
  return filters.map((filter) => async (invocation, next) => filter.invokeMethod(invocation, next));
}

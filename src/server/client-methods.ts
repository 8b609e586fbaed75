/** Types only: what an interface of a hub's clients says about calls to them, and what remains loose when there is none. */
import type { MethodName, MethodResult, ParametersOf } from "../session/hub-methods.js";

/** Names of the methods that clients have; any name when there is no interface. */
export type ClientMethodName<TClient> = unknown extends TClient ? string : MethodName<TClient>;

/** Arguments of a client's method. */
export type ClientMethodArguments<TClient, K> = unknown extends TClient
  ? unknown[]
  : K extends keyof TClient
    ? ParametersOf<TClient[K]>
    : never;

/** What a client's method answers. Without an interface it is whatever the caller says. */
export type ClientMethodResult<TClient, K> = unknown extends TClient
  ? unknown
  : K extends keyof TClient
    ? MethodResult<TClient, K>
    : never;

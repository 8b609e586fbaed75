/**
 * Types only: what an interface of methods says about calls, and what remains loose when there is none. Both ends use them.
 *
 * Whatever calls has one signature, not one for typed and one for untyped connections: of several the compiler cannot say which argument
 * is wrong. `IfLoose` is decided as soon as the interface is known, so that editors show what became of it.
 */
import type { StreamSource } from "./stream-source.js";

/** The first type where there is no interface (`any`, `unknown`) and everything goes, the second where there is one. */
export type IfLoose<T, Loose, Typed> = unknown extends T ? Loose : Typed;

type IsAny<T> = 0 extends 1 & T ? true : false;

/** What a hub class has from its base: when the class itself is the interface, that is no method of it. */
interface HubMembers {
  readonly clients: object;
  readonly context: object;
  readonly groups: object;
  readonly signal: object;
  onConnected(): unknown;
  onDisconnected(): unknown;
  onAuthenticationRefreshed(): unknown;
}

type Key<T> = string & ([T] extends [HubMembers] ? Exclude<keyof T, keyof HubMembers | `_${string}`> : keyof T);

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- calls without an interface are untyped, as in the official client
type LooseMethod = (...args: any[]) => any;

/** A method, also an optional one; of several names the union of their methods. */
type MethodOf<T, K> = K extends keyof T ? (IsAny<T[K]> extends true ? LooseMethod : NonNullable<T[K]>) : never;

/** How a method answers; what is `any` may be either. */
type Kind<Result> =
  IsAny<Result> extends true
    ? "once" | "stream"
    : [Extract<Result, StreamSource<unknown>>] extends [never]
      ? "once"
      : "stream";

/** Names of the methods of an interface, or of those that answer once or with a stream; any string when there is none. */
export type MethodName<T, Wanted = "once" | "stream"> = IfLoose<
  T,
  string,
  {
    [K in Key<T>]: MethodOf<T, K> extends LooseMethod
      ? [Wanted & Kind<MethodResult<T, K>>] extends [never]
        ? never
        : K
      : never;
  }[Key<T>]
>;

// Both infer the parameters from the method itself: as a mapped type of one another they are no arrays in generic functions.
/** Parameters of a method as its interface has them. */
export type MethodParameters<T, K> = IfLoose<T, Parameters<LooseMethod>, ParametersOf<MethodOf<T, K>>>;
type ParametersOf<F> = F extends (...args: infer P) => unknown ? P : never;

/** Arguments of a call of a method. */
export type MethodArguments<T, K> = IfLoose<T, Parameters<LooseMethod>, ArgumentsOf<MethodOf<T, K>>>;
type ArgumentsOf<F> = F extends (...args: infer P) => unknown ? { [I in keyof P]: Argument<P[I]> } : never;

/** What may be passed for a parameter: a stream can come from any kind of source. */
type Argument<P> = P extends StreamSource<infer Item> ? StreamSource<Item> : P;

/** Result of a call of a method. */
export type MethodResult<T, K> = ResultOf<MethodOf<T, K>>;
type ResultOf<F> = F extends LooseMethod ? Awaited<ReturnType<F>> : never;

/** Items of a streaming method. */
export type StreamItem<T, K> = MethodResult<T, K> extends StreamSource<infer Item> ? Item : never;

/** A function that handles a method of the client's interface; one that handles a method without a result may return anything. */
export type MethodHandler<T, K> = IfLoose<
  T,
  LooseMethod,
  (...args: MethodParameters<T, K>) => HandlerResult<MethodResult<T, K>>
>;
type HandlerResult<R> = [R] extends [void] ? unknown : R | PromiseLike<R>;

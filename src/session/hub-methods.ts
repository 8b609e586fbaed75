/** Types only: what an interface of methods says about calls, and what remains loose when there is none. Both ends use them. */
import type { StreamSource } from "./stream-source.js";

type IsAny<T> = 0 extends 1 & T ? true : false;

/** Names of the methods of an interface; none when it is `any`. */
export type MethodName<T> =
  IsAny<T> extends true
    ? never
    : string & { [K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never }[keyof T];

/** Names of the methods that answer with a stream. */
export type StreamMethodName<T> = {
  [K in MethodName<T>]: ResultOf<T[K]> extends AsyncIterable<unknown> ? K : never;
}[MethodName<T>];

/** Any string when there is no interface, nothing when there is one. */
export type LooseName<T> = IsAny<T> extends true ? string : never;

type ParametersOf<F> = F extends (...args: infer P) => unknown ? P : never;
type ResultOf<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never;

/** What may be passed for a parameter: a stream can come from any kind of source. */
type Argument<P> = P extends AsyncIterable<infer Item> ? StreamSource<Item> : P;

/** Arguments of a call of a method. */
export type MethodArguments<T, K extends keyof T> = {
  [I in keyof ParametersOf<T[K]>]: Argument<ParametersOf<T[K]>[I]>;
};

/** Result of a call of a method. */
export type MethodResult<T, K extends keyof T> = ResultOf<T[K]>;

/** Items of a streaming method. */
export type StreamItem<T, K extends keyof T> = ResultOf<T[K]> extends AsyncIterable<infer Item> ? Item : never;

/** A function that handles a method of the client's interface. */
export type MethodHandler<T, K extends keyof T> = (
  ...args: ParametersOf<T[K]>
) => ResultOf<T[K]> | PromiseLike<ResultOf<T[K]>>;

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

/** Parameters of a method. */
export type ParametersOf<F> = F extends (...args: infer P) => unknown ? P : never;
type ResultOf<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never;

/** What may be passed for a parameter: a stream can come from any kind of source. */
type Argument<P> = P extends AsyncIterable<infer Item> ? StreamSource<Item> : P;

// Of a type parameter, so that a tuple stays a tuple.
type Arguments<P extends readonly unknown[]> = { [I in keyof P]: Argument<P[I]> };

/** Arguments of a call of a method. */
export type MethodArguments<T, K extends keyof T> = Arguments<ParametersOf<T[K]>>;

/** Result of a call of a method. */
export type MethodResult<T, K extends keyof T> = ResultOf<T[K]>;

/** Items of a streaming method. */
export type StreamItem<T, K extends keyof T> = ResultOf<T[K]> extends AsyncIterable<infer Item> ? Item : never;

/** A function that handles a method of the client's interface. */
export type MethodHandler<T, K extends keyof T> = (...args: ParametersOf<T[K]>) => HandlerResult<ResultOf<T[K]>>;

// A method without a result may be handled by any function, as TypeScript has it everywhere else.
type HandlerResult<R> = [R] extends [void] ? unknown : R | PromiseLike<R>;

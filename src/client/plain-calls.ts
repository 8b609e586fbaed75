/** The calls that an application makes, as most are: no options, nothing around them. What a connection has that was given no other part. */
import { requireName } from "../common/require-argument.js";
import { InvalidStateError, partIsMissing } from "../errors/call-errors.js";
import { toError } from "../errors/to-error.js";
import type { Log } from "../logging/logger.js";
import type { HubSession } from "../session/hub-session.js";
import type { StreamResult } from "../session/result-stream.js";
import type { StreamsPart } from "../session/streams.js";
import type { CallOptions } from "./call-options.js";
import type { Interceptors } from "./interceptors.js";

/** The three kinds of calls. What goes wrong is the outcome of the call. */
export interface Calls {
  /** Calls a method without waiting for an answer. */
  send(method: string, args: unknown[]): Promise<void>;
  /** Calls a method and waits for its result. */
  invoke(method: string, args: unknown[]): Promise<unknown>;
  /** Calls a streaming method. @throws InvalidStateError where the part for streams is missing. */
  stream(method: string, args: unknown[]): StreamResult<unknown>;
}

/** The calls of a connection. */
export interface ConnectionCalls extends Calls {
  /** The same with options. @throws InvalidArgumentError for a wrong option; InvalidStateError where the part for them is missing. */
  within(options: CallOptions): Calls;
  /** Where functions are put around them. @throws InvalidStateError where the part for them is missing. */
  intercepted(): Interceptors;
}

/** Has the session that takes calls, while there is one. */
export interface SessionSource {
  readonly session: { readonly hub: HubSession } | undefined;
}

/** What calls need of their connection. */
export interface PlainCallsOptions {
  readonly lifecycle: SessionSource;
  readonly log: Log;
  /** Carries streams, if the connection has any. */
  readonly streams: StreamsPart | undefined;
}

/** Calls that go straight to the session. */
export class PlainCalls implements ConnectionCalls {
  readonly #lifecycle: SessionSource;
  readonly #log: Log;
  readonly #streams: StreamsPart | undefined;

  constructor({ lifecycle, log, streams }: PlainCallsOptions) {
    this.#lifecycle = lifecycle;
    this.#log = log;
    this.#streams = streams;
  }

  send(method: string, args: unknown[]): Promise<void> {
    try {
      return sessionFor(this.#lifecycle, method).send(method, args);
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  }

  invoke(method: string, args: unknown[]): Promise<unknown> {
    try {
      return sessionFor(this.#lifecycle, method).invoke(method, args).promise;
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  }

  stream(method: string, args: unknown[]): StreamResult<unknown> {
    const streams = this.#streams ?? partIsMissing("streams");
    try {
      return sessionFor(this.#lifecycle, method).stream(method, args);
    } catch (thrown) {
      return streams.fail(this.#log, thrown);
    }
  }

  within(): never {
    return partIsMissing("calls");
  }

  intercepted(): never {
    return partIsMissing("calls");
  }
}

function sessionFor({ session }: SessionSource, method: string): HubSession {
  if (session === undefined) throw notConnected();
  requireName(method, "methodName");
  return session.hub;
}

/** The error of calls that nobody takes. */
export function notConnected(): InvalidStateError {
  return new InvalidStateError("Cannot send data if the connection is not in the 'Connected' State.");
}

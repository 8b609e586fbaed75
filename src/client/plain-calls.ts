/** The calls that an application makes, as most are: no options, nothing around them. What a connection has that was given no other part. */
import { requireName } from "../common/require-argument.js";
import { InvalidStateError, partIsMissing } from "../errors/call-errors.js";
import { toError } from "../errors/to-error.js";
import type { HubSession } from "../session/hub-session.js";
import type { StreamResult } from "../session/result-stream.js";
import type { CallOptions, ResolvedCallOptions } from "./call-options.js";
import type { ConnectionLifecycle } from "./connection-lifecycle.js";
import type { InterceptedConnection, Interceptors } from "./interceptors.js";
import type { ConnectionOptions } from "./options.js";

/** The calls of a connection; each may have options. */
export interface ConnectionCalls {
  /** Calls a method without waiting for an answer. */
  send(method: string, args: unknown[], options?: ResolvedCallOptions): Promise<void>;
  /** Calls a method and waits for its result. */
  invoke(method: string, args: unknown[], options?: ResolvedCallOptions): Promise<unknown>;
  /** Calls a streaming method. @throws InvalidStateError where the part for streams is missing. */
  stream(method: string, args: unknown[], options?: ResolvedCallOptions): StreamResult<unknown>;
  /** Checks options. @throws InvalidArgumentError for a wrong one; InvalidStateError where the part for them is missing. */
  resolve(options: CallOptions): ResolvedCallOptions;
  /** Where functions are put around the calls. @throws InvalidStateError where the part for them is missing. */
  intercepted(): Interceptors;
}

/** Whose calls they are. */
export interface CallHost {
  readonly options: Pick<ConnectionOptions, "clock" | "log" | "streams">;
  readonly connection: InterceptedConnection;
  /** Takes calls, while there is one. */
  readonly session: { readonly hub: HubSession } | undefined;
  /** See {@link ConnectionLifecycle}. */
  add: ConnectionLifecycle["add"];
}

/** Calls that go straight to the session. What goes wrong is the outcome of the call. */
export class PlainCalls implements ConnectionCalls {
  /** Whose they are. */
  protected readonly host: CallHost;

  constructor(host: CallHost) {
    this.host = host;
  }

  send(method: string, args: unknown[]): Promise<void> {
    try {
      return sessionFor(this.host.session?.hub, method).send(method, args);
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  }

  invoke(method: string, args: unknown[]): Promise<unknown> {
    try {
      return sessionFor(this.host.session?.hub, method).invoke(method, args).promise;
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  }

  stream(method: string, args: unknown[]): StreamResult<unknown> {
    const { log, streams = partIsMissing("streams") } = this.host.options;
    try {
      return sessionFor(this.host.session?.hub, method).stream(method, args);
    } catch (thrown) {
      return streams.fail(log, thrown);
    }
  }

  resolve(_options: CallOptions): ResolvedCallOptions {
    return partIsMissing("calls");
  }

  intercepted(): Interceptors {
    return partIsMissing("calls");
  }
}

/** @returns what takes a call. @throws InvalidStateError when nobody does; InvalidArgumentError for a wrong name. */
export function sessionFor<Taker>(taker: Taker | undefined, method: string): Taker {
  if (taker === undefined) {
    throw new InvalidStateError("Cannot send data if the connection is not in the 'Connected' State.");
  }
  requireName(method, "methodName");
  return taker;
}

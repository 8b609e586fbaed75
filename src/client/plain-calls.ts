/** The calls that an application makes, as most are: no options, nothing around them. What a connection has that was given no other part. */
import type { Disposer } from "../common/disposer.js";
import { requireName } from "../common/require-argument.js";
import { InvalidStateError, partIsMissing } from "../errors/call-errors.js";
import { toError } from "../errors/to-error.js";
import type { HubSession } from "../session/hub-session.js";
import type { StreamResult } from "../session/result-stream.js";
import type { CallOptions } from "./call-options.js";
import type { ConnectionLifecycle } from "./connection-lifecycle.js";
import type { HandlerRegistry } from "./handler-registry.js";
import type { HubCalls } from "./hub-connection.js";
import type { HubInterceptor, InterceptedConnection } from "./interceptors.js";
import type { ConnectionOptions } from "./options.js";

/* eslint-disable @typescript-eslint/no-explicit-any -- which hub it is, only the connection's type says */

/** The calls of a connection. */
export interface ConnectionCalls {
  /** Calls a method without waiting for an answer. */
  send(method: string, args: unknown[]): Promise<void>;
  /** Calls a method and waits for its result. */
  invoke(method: string, args: unknown[]): Promise<unknown>;
  /** Calls a streaming method. @throws InvalidStateError where the part for streams is missing. */
  stream(method: string, args: unknown[]): StreamResult<unknown>;
  /** Gives the same calls with options. @throws InvalidArgumentError for a wrong one; InvalidStateError where the part for them is missing. */
  with(options: CallOptions): HubCalls<any>;
  /** Puts functions around calls and handlers. @throws InvalidArgumentError for what is none; InvalidStateError as above. */
  use(interceptor: HubInterceptor): Disposer;
}

/** Whose calls they are. */
export interface CallHost {
  readonly options: Pick<ConnectionOptions, "clock" | "log" | "streams">;
  readonly connection: InterceptedConnection;
  readonly handlers: Pick<HandlerRegistry, "interceptors">;
  /** Takes calls, while there is one. */
  readonly session: HubSession | undefined;
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
      return sessionFor(this.host.session, method).send(method, args);
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  }

  invoke(method: string, args: unknown[]): Promise<unknown> {
    try {
      return sessionFor(this.host.session, method).invoke(method, args).promise;
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  }

  stream(method: string, args: unknown[]): StreamResult<unknown> {
    const { log, streams = partIsMissing("streams") } = this.host.options;
    try {
      return streams.call(sessionFor(this.host.session, method), log, method, args);
    } catch (thrown) {
      return streams.fail(log, thrown);
    }
  }

  with(_options: CallOptions): HubCalls<any> {
    return partIsMissing("calls");
  }

  use(_interceptor: HubInterceptor): Disposer {
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

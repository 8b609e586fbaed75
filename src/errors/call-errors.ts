/** Errors about one call, one message or one argument; the connection usually lives on. */
import { HubwireError, type ErrorCode } from "./hubwire-error.js";

/**
 * The peer's own error: a hub method failed (client side), or a client result did (server side). The message is exactly the peer's text.
 * Thrown by a hub method, its message reaches the client even without detailed errors (HUB_PROTOCOL §6).
 */
export class HubError extends HubwireError {
  constructor(message: string) {
    super("HubError", "hub-error", message);
  }
}

/** A client result could not be had: the connection is unknown or gone, or it did not answer in time. */
export class ClientResultError extends HubwireError {
  constructor(message: string, cause?: unknown) {
    super("ClientResultError", "client-result-failed", message, cause);
  }
}

/** The peer sent something that the hub protocol does not allow. Ends the connection. */
export class ProtocolError extends HubwireError {
  constructor(message: string, cause?: unknown) {
    super("ProtocolError", "protocol-error", message, cause);
  }
}

/** A limit was reached; {@link limit} names it. */
export class LimitError extends HubwireError {
  /** Name of the limit: that of the option, where an option sets it. */
  readonly limit: string;

  constructor(limit: string, message: string) {
    super("LimitError", "limit-exceeded", message);
    this.limit = limit;
  }
}

/** The call makes no sense in the state that the object is in. */
export class InvalidStateError extends HubwireError {
  constructor(message: string) {
    super("InvalidStateError", "invalid-state", message);
  }
}

/** An argument is of the wrong kind, or cannot be encoded (`not-serializable`). */
export class InvalidArgumentError extends HubwireError {
  constructor(message: string, code: ErrorCode = "invalid-argument", cause?: unknown) {
    super("InvalidArgumentError", code, message, cause);
  }
}

/** @throws InvalidStateError that names the part which a connection was made without. */
export function partIsMissing(name: string): never {
  throw new InvalidStateError(`The connection was made without the part '${name}'.`);
}

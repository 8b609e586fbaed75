/** Errors about the connection as a whole: why it could not be made, and why it ended. */
import { HubwireError, type ErrorCode } from "./hubwire-error.js";

/** The connection was lost, or the server ended it. Everything that was in flight rejects with this error. */
export class ConnectionError extends HubwireError {
  /** The WebSocket close code, when the connection ended with one. */
  readonly closeCode: number | undefined;

  /** @param code `connection-lost` (the network or the peer's process) or `server-closed` (the server said so). */
  constructor(code: ErrorCode, message: string, options: { cause?: unknown; closeCode?: number } = {}) {
    super("ConnectionError", code, message, options.cause);
    this.closeCode = options.closeCode;
  }
}

/** The negotiate request failed, or its answer cannot be used (TRANSPORTS §1). */
export class NegotiationError extends HubwireError {
  constructor(message: string, cause?: unknown) {
    super("NegotiationError", "negotiate-failed", message, cause);
  }
}

/** The hub handshake was refused or was not understood (HUB_PROTOCOL §3). */
export class HandshakeError extends HubwireError {
  constructor(message: string, cause?: unknown) {
    super("HandshakeError", "handshake-failed", message, cause);
  }
}

/** One transport could not be used (`transport-skipped`) or failed to connect (`transport-failed`). */
export class TransportError extends HubwireError {
  /** Name of the transport, e.g. `WebSockets`. */
  readonly transport: string;

  constructor(code: "transport-skipped" | "transport-failed", transport: string, message: string, cause?: unknown) {
    super("TransportError", code, message, cause);
    this.transport = transport;
  }
}

/** No transport could be connected. {@link attempts} tells what became of each. */
export class ConnectFailedError extends HubwireError {
  /** One error for each transport that was skipped or tried, in that order. */
  readonly attempts: readonly TransportError[];

  constructor(message: string, attempts: readonly TransportError[] = []) {
    super("ConnectFailedError", "connect-failed", [message, ...attempts.map((attempt) => attempt.message)].join(" "));
    this.attempts = attempts;
  }
}

/** A forward proxy could not be reached, or refused to pass something on. Only the client for Node knows proxies. */
export class ProxyError extends HubwireError {
  /** The status that the proxy answered with, if it did; 407: it wants other credentials. */
  readonly statusCode: number | undefined;

  constructor(message: string, options: { cause?: unknown; statusCode?: number } = {}) {
    super("ProxyError", "proxy-failed", message, options.cause);
    this.statusCode = options.statusCode;
  }
}

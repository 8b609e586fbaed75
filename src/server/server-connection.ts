/** The port between a transport's endpoint and a hub: a connection that was accepted, with what only a server does to one. */
import { ConnectionError } from "../errors/connection-errors.js";
import type { TransferFormat } from "../protocol/messages.js";
import type { Connection } from "../session/connection.js";
import type { TransportName } from "../transports/transport.js";
import type { PostIntake } from "./post-intake.js";
import type { Pausable } from "./read-gate.js";

/** An open connection from a client. */
export interface ServerConnection extends Pausable {
  /** Carries the chunks. */
  readonly connection: Connection;
  readonly transport: TransportName;
  /** Formats that the transport can carry, as bit flags. */
  readonly transferFormats: TransferFormat;
  /** Takes the client's POST requests, on the transports where these carry what the client says. */
  readonly posts?: PostIntake;
  /** Drops the connection at once; its listener hears nothing more. */
  terminate(): void;
}

/** How long a client without a WebSocket has to take the last messages of a connection that was closed. */
export const CLOSE_TIMEOUT_MS = 5_000;

/** A request of the client broke off in the middle: a part of what it says is missing. */
export function tornRequest(): Error {
  return new ConnectionError("connection-lost", "A request of the client broke off behind a part that was taken.");
}

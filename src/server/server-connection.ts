/** The port between a transport's endpoint and a hub: a connection that was accepted, with what only a server does to one. */
import type { TransferFormat } from "../protocol/messages.js";
import type { Connection } from "../session/connection.js";
import type { TransportName } from "../transports/transport.js";
import type { Pausable } from "./read-gate.js";

/** An open connection from a client. */
export interface ServerConnection extends Pausable {
  /** Carries the chunks. */
  readonly connection: Connection;
  readonly transport: TransportName;
  /** Formats that the transport can carry, as bit flags. */
  readonly transferFormats: TransferFormat;
  /** Drops the connection at once; its listener hears nothing more. */
  terminate(): void;
}

/** The listener of connections that have nothing more to say. */
import type { ConnectionListener } from "../session/connection.js";

/** Ignores everything. */
export const silentListener: ConnectionListener = { onData: () => undefined, onClosed: () => undefined };

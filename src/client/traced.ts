/** Logs everything that a client's connection carries, those that it is resumed with as well. */
import type { Log } from "../logging/logger.js";
import type { Connection } from "../session/connection.js";
import { TracedConnection } from "../transports/traced-connection.js";
import type { OpenedConnection } from "./opened-connection.js";

/** @param logContent Whether messages are shown, or only their sizes. */
export function traced(opened: OpenedConnection, log: Log, logContent: boolean): OpenedConnection {
  const { connection, resumption } = opened;
  const trace = (inner: Connection) => new TracedConnection(inner, log, logContent);
  return {
    ...opened,
    connection: trace(connection),
    resumption: resumption && {
      ...resumption,
      reopen: async (listener, signal) => trace(await resumption.reopen(listener, signal)),
    },
  };
}

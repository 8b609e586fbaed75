/** Logs everything that a client's connection carries, those that it is resumed with as well. */
import type { Log } from "../logging/logger.js";
import { tracedConnection } from "../transports/traced-connection.js";
import type { OpenedConnection } from "./opened-connection.js";

/** @param logContent Whether messages are shown, or only their sizes. */
export function traced(
  { connection, resumption, ...opened }: OpenedConnection,
  ...how: [Log, boolean]
): OpenedConnection {
  return {
    ...opened,
    connection: tracedConnection(connection, ...how),
    resumption: resumption && {
      ...resumption,
      reopen: async (...to) => tracedConnection(await resumption.reopen(...to), ...how),
    },
  };
}

/** Logs what a connection carries. Put around one only when `Trace` is on, so that nobody else pays for it. */
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { Chunk } from "../protocol/hub-protocol.js";
import { toBytes } from "../protocol/bytes.js";
import type { Connection } from "../session/connection.js";

/**
 * Makes a connection that passes everything on and logs it.
 * @param logContent Whether messages are shown, or only their sizes.
 */
export function tracedConnection(inner: Connection, log: Log, logContent: boolean): Connection {
  const trace = (verb: string, data: Chunk): void => {
    log.write(LogLevel.Trace, () => {
      const [content, unit] = typeof data === "string" ? [data, "characters"] : [toBytes(data), "bytes"];
      return `${verb} ${content.length} ${unit}${logContent ? `: ${String(content)}` : ""}`;
    });
  };
  const { listener, inherentKeepAlive, confirmsSends } = inner;
  const outer: Connection = {
    listener,
    inherentKeepAlive,
    confirmsSends,
    close: () => inner.close(),
    terminate: inner.terminate?.bind(inner),
    send: (data) => {
      trace("Sending", data);
      return inner.send(data);
    },
  };
  inner.listener = {
    onData: (chunk) => {
      trace("Received", chunk);
      outer.listener.onData(chunk);
    },
    onClosed: (error) => outer.listener.onClosed(error),
  };
  return outer;
}

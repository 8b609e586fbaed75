/** Logs what a connection carries. Put around one only when `Trace` is on, so that nobody else pays for it. */
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { Chunk, Encoded } from "../protocol/hub-protocol.js";
import { toBytes } from "../protocol/bytes.js";
import type { Connection, ConnectionListener } from "../session/connection.js";

/** Passes everything on and logs it. */
export class TracedConnection implements Connection {
  /** Who gets what arrives. */
  listener: ConnectionListener;
  /** See {@link Connection}. */
  readonly inherentKeepAlive: boolean;
  /** See {@link Connection}. */
  readonly confirmsSends: boolean;
  /** See {@link Connection}. */
  readonly close: Connection["close"];
  /** See {@link Connection}. */
  readonly terminate: Connection["terminate"];
  readonly #inner: Connection;
  readonly #trace: (verb: string, data: Chunk) => void;

  /** @param logContent Whether messages are shown, or only their sizes. */
  constructor(inner: Connection, log: Log, logContent: boolean) {
    this.listener = inner.listener;
    this.inherentKeepAlive = inner.inherentKeepAlive;
    this.confirmsSends = inner.confirmsSends;
    this.close = () => inner.close();
    this.terminate = inner.terminate?.bind(inner);
    this.#inner = inner;
    this.#trace = (verb, data) => log.write(LogLevel.Trace, () => `${verb} ${describe(data, logContent)}`);
    inner.listener = {
      onData: (chunk) => {
        this.#trace("Received", chunk);
        this.listener.onData(chunk);
      },
      onClosed: (error) => this.listener.onClosed(error),
    };
  }

  /** Logs and sends. */
  send(data: Encoded): Promise<void> | undefined {
    this.#trace("Sending", data);
    return this.#inner.send(data);
  }
}

function describe(data: Chunk, logContent: boolean): string {
  const [content, unit] = typeof data === "string" ? [data, "characters"] : [toBytes(data), "bytes"];
  return `${content.length} ${unit}${logContent ? `: ${String(content)}` : ""}`;
}

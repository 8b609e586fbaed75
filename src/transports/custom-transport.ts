/** Makes a connection of a transport object that the user brought (the official `ITransport` shape). */
import { bounded } from "../common/abort-scope.js";
import type { Clock } from "../common/clock.js";
import { toError } from "../errors/to-error.js";
import type { Encoded } from "../protocol/hub-protocol.js";
import type { Connection, ConnectionListener } from "../session/connection.js";
import { silentListener } from "./silent-listener.js";
import type { ConnectRequest, CustomTransport } from "./transport.js";

const STOP_TIMEOUT_MS = 4_000;

/** Whether the `transport` option holds an object of the user's. */
export function isCustomTransport(value: unknown): value is CustomTransport {
  return typeof value === "object" && value !== null && "connect" in value;
}

/** Connects a user's transport. @throws what its `connect` throws. */
export async function connectCustomTransport(
  transport: CustomTransport,
  { url, transferFormat, listener, signal }: ConnectRequest,
  clock: Clock,
): Promise<Connection> {
  const connection = new CustomConnection(transport, listener, clock);
  try {
    // It knows no signal, so giving up cannot wait for it.
    await bounded(() => transport.connect(url, transferFormat), clock, signal);
    return connection;
  } catch (error) {
    void connection.close();
    throw error;
  }
}

/** {@link Connection} over a user's transport. */
class CustomConnection implements Connection {
  listener: ConnectionListener;
  readonly inherentKeepAlive = false;
  readonly confirmsSends = true;
  readonly #transport: CustomTransport;
  readonly #clock: Clock;

  constructor(transport: CustomTransport, listener: ConnectionListener, clock: Clock) {
    this.listener = listener;
    this.#transport = transport;
    this.#clock = clock;
    transport.onreceive = (data) => this.listener.onData(data);
    transport.onclose = (error) => {
      const { listener } = this;
      this.listener = silentListener;
      listener.onClosed(error && toError(error));
    };
  }

  async send(data: Encoded): Promise<void> {
    await this.#transport.send(typeof data === "string" ? data : new Uint8Array(data).buffer);
  }

  async close(): Promise<void> {
    this.listener = silentListener;
    try {
      await bounded(() => this.#transport.stop(), this.#clock, undefined, STOP_TIMEOUT_MS);
    } catch {
      // Whatever it was, the connection is over.
    }
  }
}

/** The Server-Sent Events transport of the client: an event stream down, POST requests up, text only (TRANSPORTS §4). */
import { onAbort } from "../common/abort-scope.js";
import { TransferFormat } from "../protocol/messages.js";
import type { Connection } from "../session/connection.js";
import type { OpenEvents } from "./event-source.js";
import { endError, PostConnection } from "./post-connection.js";
import type { TransportContext } from "./transport-context.js";
import type { ConnectRequest, Transport } from "./transport.js";

/** Opens an event stream to the hub. */
export class ServerSentEventsTransport implements Transport {
  /** See {@link Transport}. */
  readonly name = "ServerSentEvents";
  /** See {@link Transport}. */
  readonly transferFormats: TransferFormat = TransferFormat.Text;
  readonly #context: TransportContext;
  readonly #openEvents: OpenEvents;

  constructor(context: TransportContext, openEvents: OpenEvents) {
    this.#context = context;
    this.#openEvents = openEvents;
  }

  /** Connects. Rejects with HttpError for another status than 200. */
  async connect(request: ConnectRequest): Promise<Connection> {
    const connection = new PostConnection(this.#context, request);
    const close = await this.#openEvents(this.#context, request.url, request.signal, {
      onEvent: (data) => connection.listener.onData(data),
      onEnd: (error) => connection.end(error === undefined ? undefined : endError(error)),
    });
    onAbort(connection.signal, close); // which may be over already
    return connection;
  }
}

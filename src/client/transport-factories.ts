/** The transports as parts of a connection: an application carries those that it names, or all with the builder. */
import type { OpenStream } from "../http/open-stream.js";
import type { Network } from "../platform/platform.js";
import { sourcedEvents, streamedEvents } from "../transports/event-source.js";
import { LongPollingTransport } from "../transports/long-polling.js";
import { ServerSentEventsTransport } from "../transports/server-sent-events.js";
import type { TransportContext } from "../transports/transport-context.js";
import type { Transport } from "../transports/transport.js";
import { WebSocketTransport } from "../transports/websocket.js";
import type { HttpConnectionOptions } from "./options.js";

/**
 * A transport that a connection may use: {@link webSockets}, `serverSentEvents` or {@link longPolling}. Which one it uses is for the
 * server to say, in its own order.
 * @returns nothing where the runtime cannot carry it.
 */
export type TransportFactory = (
  context: TransportContext,
  network: Network,
  options: Pick<HttpConnectionOptions, "EventSource" | "fetch">,
) => Transport | undefined;

/** WebSockets, where the runtime has them. */
export const webSockets: TransportFactory = (context, { openSocket }) =>
  openSocket && new WebSocketTransport(context, openSocket);

/** Long Polling, which gets through everywhere. */
export const longPolling: TransportFactory = (context) => new LongPollingTransport(context);

/** Makes the factory for Server-Sent Events. @param streams How event streams are opened; nothing where they cannot. */
export function serverSentEventsOver(
  streams: (network: Network, fetcher: typeof fetch | undefined) => OpenStream | undefined,
): TransportFactory {
  return (context, network, { EventSource, fetch: fetcher }) => {
    if (EventSource) return new ServerSentEventsTransport(context, sourcedEvents(EventSource));
    const openStream = streams(network, fetcher);
    return openStream && new ServerSentEventsTransport(context, streamedEvents(openStream));
  };
}

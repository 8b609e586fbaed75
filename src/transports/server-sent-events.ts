/** The Server-Sent Events transport of the client: an event stream down, POST requests up, text only (TRANSPORTS §4). */
import { onAbort } from "../common/abort-scope.js";
import type { OpenStream } from "../http/open-stream.js";
import { TransferFormat } from "../protocol/messages.js";
import { sourcedEvents, streamedEvents, type OpenEvents } from "./event-source.js";
import { endError, PostConnection } from "./post-connection.js";
import type { TransportContext } from "./transport-context.js";
import { skipped, UNAVAILABLE } from "./transport-problem.js";
import type { HttpTransport } from "./transport.js";

/** How event streams are opened; nothing where they cannot. */
type Streams = (context: TransportContext) => OpenStream | undefined;

/** Makes the transport. Connecting rejects with HttpError for another status than 200. */
export function serverSentEventsOver(streams: Streams): HttpTransport {
  return {
    name: "ServerSentEvents",
    transferFormats: TransferFormat.Text,
    isAvailable: (context) => eventsOf(context, streams) !== undefined,
    async connect(context, request) {
      const openEvents = eventsOf(context, streams);
      if (!openEvents) throw skipped("ServerSentEvents", UNAVAILABLE);
      const connection = new PostConnection(context, request);
      const close = await openEvents(context, request.url, request.signal, {
        onEvent: (data) => connection.listener.onData(data),
        onEnd: (error) => connection.end(error === undefined ? undefined : endError(error)),
      });
      onAbort(connection.signal, close); // which may be over already
      return connection;
    },
  };
}

function eventsOf(context: TransportContext, streams: Streams): OpenEvents | undefined {
  if (context.EventSource) return sourcedEvents(context.EventSource);
  const openStream = streams(context);
  return openStream && streamedEvents(openStream);
}

// The transport and the encoding that the bots were told to use, in the names of the API.
import { HttpTransportType, JsonHubProtocol } from "hubwire";
import { MessagePackHubProtocol } from "hubwire/msgpack";

/** What `--transport` takes. Without it the client takes the first that works. */
export const TRANSPORTS = ["WebSockets", "ServerSentEvents", "LongPolling"];

const makers = { json: () => new JsonHubProtocol(), messagepack: () => new MessagePackHubProtocol() };

/** What `--protocol` takes. */
export const PROTOCOLS = Object.keys(makers);

/** Tells a builder where the hub is and how to talk to it. */
export function configureWire(builder, url, { transport, protocol }) {
  return builder
    .withUrl(url, { transport: transport === undefined ? HttpTransportType.None : HttpTransportType[transport] })
    .withHubProtocol(makers[protocol]());
}

/** Says how a connection that is there talks, for the terminal. */
export function wireInWords(connection, { protocol }) {
  return `${connection.transport} with ${protocol}`;
}

/** The client for Node: the composition root that puts it on Node's own HTTP and on `ws`. */
import { createConnection, type HubConnectionOptions } from "./client/create-connection.js";
import type { HubConnection } from "./client/hub-connection.js";
import { builderDefaults, PlatformHubConnectionBuilder } from "./client/hub-connection-builder.js";
import { defaultsOn } from "./client/options.js";
import { negotiationOver, type NegotiationPart } from "./client/negotiation.js";
import { createNodeNetwork, nodePlatform } from "./platform/node/node-platform.js";
import { longPolling } from "./transports/long-polling.js";
import { serverSentEventsOver } from "./transports/server-sent-events.js";
import type { HttpTransport } from "./transports/transport.js";
import { webSockets } from "./transports/websocket.js";

export * from "./client/public.js";
export type { JsonHubProtocolOptions } from "./protocol/json-values.js";
export { VERSION } from "./platform/version.js";
export { DefaultHttpClient } from "./platform/node/default-http-client.js";

/** Server-Sent Events: text only, and where the runtime can read an answer while it comes. */
export const serverSentEvents: HttpTransport = /* @__PURE__ */ serverSentEventsOver(({ openStream }) => openStream);

/**
 * Asks the server for a connection before the transport is connected: what it offers, where it leads, under which id. All transports but
 * WebSockets need that, as do `statefulReconnect` and `authenticationRefresh`.
 */
export const negotiation: NegotiationPart = /* @__PURE__ */ negotiationOver(createNodeNetwork);

const DEFAULTS = /* @__PURE__ */ defaultsOn(nodePlatform);
const BUILDER_DEFAULTS = /* @__PURE__ */ builderDefaults(
  nodePlatform,
  [webSockets, serverSentEvents, longPolling],
  negotiation,
);

/** Builds hub connections: `new HubConnectionBuilder().withUrl("https://…/chat").build()`. */
export class HubConnectionBuilder extends PlatformHubConnectionBuilder {
  constructor() {
    super(BUILDER_DEFAULTS);
  }
}

/**
 * Makes a connection of named parts: what an application does not name is left out of its bundle. It is not started.
 * @typeParam Server Interface of the hub's methods.
 * @typeParam Client Interface of the methods that the hub calls here.
 * @throws InvalidArgumentError for a wrong URL or option.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- without type arguments calls stay untyped, as in the builder
export function createHubConnection<Server = any, Client = any>(
  url: string,
  options: HubConnectionOptions,
): HubConnection<Server, Client> {
  return createConnection(DEFAULTS, url, options);
}

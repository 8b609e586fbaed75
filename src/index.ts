/** The client for Node: the composition root that puts it on Node's own HTTP and on `ws`. */
import { PlatformHubConnectionBuilder } from "./client/hub-connection-builder.js";
import { nodePlatform } from "./platform/node/node-platform.js";

export * from "./client/public.js";
export type { JsonHubProtocolOptions } from "./protocol/json-values.js";
export { VERSION } from "./platform/version.js";
export { DefaultHttpClient } from "./platform/node/default-http-client.js";

/** Builds hub connections: `new HubConnectionBuilder().withUrl("https://…/chat").build()`. */
export class HubConnectionBuilder extends PlatformHubConnectionBuilder {
  constructor() {
    super(nodePlatform);
  }
}

/** The client for browsers, workers and other runtimes with `fetch` and `WebSocket`: the composition root on web globals. */
import { PlatformHubConnectionBuilder } from "./client/hub-connection-builder.js";
import { browserPlatform } from "./platform/browser.js";

export * from "./client/public.js";
export type { JsonHubProtocolOptions } from "./protocol/json-values.js";
export { VERSION } from "./platform/version.js";
export { DefaultHttpClient } from "./platform/browser.js";

/** Builds hub connections: `new HubConnectionBuilder().withUrl("/chat").build()`. */
export class HubConnectionBuilder extends PlatformHubConnectionBuilder {
  constructor() {
    super(browserPlatform);
  }
}

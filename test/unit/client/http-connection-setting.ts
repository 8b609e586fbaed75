/** Where connections of the tests are opened: the address, the answer to the negotiation, and the transports. */
import {
  defaultsOn,
  resolveOptions,
  type ConnectionOptions,
  type HttpConnectionOptions,
} from "../../../src/client/options.js";
import { traced } from "../../../src/client/traced.js";
import { NullLogger } from "../../../src/logging/logger.js";
import type { Platform } from "../../../src/platform/platform.js";
import { connectCustomTransport } from "../../../src/transports/custom-transport.js";
import { longPolling } from "../../../src/transports/long-polling.js";
import { serverSentEventsOver } from "../../../src/transports/server-sent-events.js";
import { webSockets } from "../../../src/transports/websocket.js";

/** What the server offers. */
export const availableTransports = [{ transport: "WebSockets", transferFormats: ["Text", "Binary"] }];

/** The answer to the negotiation. */
export const answer = { negotiateVersion: 1, connectionId: "public", connectionToken: "s/cret", availableTransports };

/** Where the hub is. */
export const url = "http://h/chat?key=hidden";

/** What connections with all transports work with. */
export function optionsOf(options: HttpConnectionOptions, platform: Platform): ConnectionOptions {
  const parts = {
    transports: [webSockets, serverSentEventsOver(({ openStream }) => openStream), longPolling],
    connectCustom: connectCustomTransport,
    trace: traced,
  };
  const resolved = resolveOptions(options, defaultsOn(platform, parts), NullLogger.instance);
  return Object.assign(resolved, { url });
}

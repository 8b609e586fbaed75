/** Where connections of the tests are opened: the address, the answer to the negotiation, and the transports. */
import type { TransportParts } from "../../../src/client/http-connection.js";
import { longPolling, serverSentEventsOver, webSockets } from "../../../src/client/transport-factories.js";
import { traced } from "../../../src/client/traced.js";
import { connectCustomTransport } from "../../../src/transports/custom-transport.js";

/** What the server offers. */
export const availableTransports = [{ transport: "WebSockets", transferFormats: ["Text", "Binary"] }];

/** The answer to the negotiation. */
export const answer = { negotiateVersion: 1, connectionId: "public", connectionToken: "s/cret", availableTransports };

/** Where the hub is. */
export const url = "http://h/chat?key=hidden";

/** All transports. */
export const parts: TransportParts = {
  transports: [webSockets, serverSentEventsOver(({ openStream }) => openStream), longPolling],
  connectCustom: connectCustomTransport,
  trace: traced,
};

// The yardstick: bare `ws` (and bare `node:http` for the other transports) with the least protocol work imaginable.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { EventsCarrier, PollingCarrier, WebSocketCarrier } from "./limit/carriers.mjs";
import { LimitConnection, LimitUpload } from "./limit/connection.mjs";
import { JsonCodec } from "./limit/json.mjs";
import { MessagePackCodec } from "./limit/messagepack.mjs";

const carriers = { WebSockets: WebSocketCarrier, ServerSentEvents: EventsCarrier, LongPolling: PollingCarrier };

const { version } = JSON.parse(readFileSync(createRequire(import.meta.url).resolve("ws/package.json"), "utf8"));

/** @type {import("../types.mjs").Peer} */
export default {
  name: "limit",
  version: `ws ${version}`,
  create(url, { encoding = "json", transport = "WebSockets" } = {}) {
    const codec = encoding === "json" ? new JsonCodec() : new MessagePackCodec();
    return new LimitConnection(codec, new carriers[transport](url));
  },
  createUpload: () => new LimitUpload(),
};

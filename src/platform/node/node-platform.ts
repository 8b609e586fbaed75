/** The platform of Node: `node:http` with kept-alive connections, and `ws` on the same. */
import { FetchHttpClient } from "../../http/fetch-http-client.js";
import { fetchStreams } from "../../http/fetch-stream.js";
import { resolveHttpUrl } from "../../http/url.js";
import { domSockets } from "../dom-socket.js";
import type { Platform } from "../platform.js";
import { userAgent } from "../version.js";
import { nodeClock } from "./node-clock.js";
import { NodeHttpClient } from "./node-http-client.js";
import { wsSockets } from "./ws-sockets.js";

const OS_NAMES: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin: "macOS",
  linux: "Linux",
  win32: "Windows NT",
};

/** {@link Platform} on Node's own modules. */
export const nodePlatform: Platform = {
  clock: nodeClock,
  userAgent: {
    "User-Agent": userAgent(OS_NAMES[process.platform] ?? process.platform, "NodeJS", process.versions.node),
  },
  tokenInQuery: false,
  resolveUrl: (url) => resolveHttpUrl(url),
  createNetwork: (options) => {
    const client = new NodeHttpClient(nodeClock);
    return {
      http: options.fetch ? new FetchHttpClient(nodeClock, options.fetch) : client,
      openStream: options.fetch ? fetchStreams(options.fetch) : client.openStream,
      openSocket: options.WebSocket ? domSockets(options.WebSocket, nodeClock) : wsSockets(client),
      dispose: () => client.dispose(),
    };
  },
};

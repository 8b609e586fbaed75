/** The platform of Node: `node:http` with kept-alive connections, and `ws` on the same. */
import { FetchHttpClient } from "../../http/fetch-http-client.js";
import { fetchStreams } from "../../http/fetch-stream.js";
import { requestsOf, upgradeHeaders } from "../../http/http-context.js";
import { resolveHttpUrl } from "../../http/url.js";
import type { SocketTarget } from "../../transports/socket.js";
import { domSockets } from "../dom-socket.js";
import type { HttpNetwork, NetworkOptions, Platform } from "../platform.js";
import { userAgent } from "../version.js";
import { Agents, usesProxy, type Proxies } from "./agents.js";
import { checkNodeOptions } from "./check-options.js";
import { Cookies } from "./cookies.js";
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
  resolveUrl,
  checkOptions: checkNodeOptions,
  createNetwork: createNodeNetwork,
};

let known = { url: "", resolved: "" };

/** Most processes have one hub, and many of them more than one connection to it. */
function resolveUrl(url: string): string {
  if (url !== known.url) known = { url, resolved: resolveHttpUrl(url) };
  return known.resolved;
}

/** The network of a connection: one for its requests and its WebSocket. */
export function createNodeNetwork(options: NetworkOptions): HttpNetwork | Promise<HttpNetwork> {
  return usesProxy(options) ? createProxiedNetwork(options) : createNetwork(options);
}

const USER_AGENT = {
  "User-Agent": userAgent(OS_NAMES[process.platform] ?? process.platform, "NodeJS", process.versions.node),
};

function createNetwork(options: NetworkOptions, proxies?: Proxies): HttpNetwork {
  const { EventSource, fetch, WebSocket, webSocketOptions } = options;
  const agents = new Agents(options, proxies);
  const cookies = new Cookies(options.cookieJar, options);
  const client = new NodeHttpClient(nodeClock, agents, cookies, !!(EventSource ?? WebSocket));
  const requests = requestsOf(fetch ? new FetchHttpClient(nodeClock, fetch) : client, USER_AGENT, options);
  const headersFor = ({ url, token }: SocketTarget) => upgradeHeaders(requests, url, token);
  // Not a copy, which would have the headers of this moment.
  return Object.assign(requests, {
    openStream: fetch ? fetchStreams(fetch) : client.openStream,
    openSocket: WebSocket
      ? domSockets(nodeClock, (url, target) => new WebSocket(url, undefined, { headers: headersFor(target) }))
      : wsSockets({ agents, cookies, headersFor, webSocketOptions }, nodeClock),
    dispose: () => client.dispose(),
  });
}

// Most connections use no proxy, and the packages for them take 20 ms to load.
async function createProxiedNetwork(options: NetworkOptions): Promise<HttpNetwork> {
  const { ProxyAgents } = await import("./proxy-agents.js");
  return createNetwork(options, new ProxyAgents(options));
}

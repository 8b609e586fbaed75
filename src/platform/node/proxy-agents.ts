/** Reaches servers through a forward proxy, with the packages for that; loaded only where one is in use. */
import type { Agent, ClientRequest } from "node:http";
import type { Socket } from "node:net";
import { HttpProxyAgent } from "http-proxy-agent";
import { HttpsProxyAgent } from "https-proxy-agent";
import { getProxyForUrl } from "proxy-from-env";
import { ProxyError } from "../../errors/connection-errors.js";
import { messageOf } from "../../errors/to-error.js";
import type { NodeOptions } from "../../http/node-options.js";
import type { Proxies } from "./agents.js";
import { networkError } from "./network-error.js";

/** How the packages' agents open a connection. */
type Connect = () => Promise<Socket>;

/** What a proxy answers to CONNECT. */
interface ConnectAnswer {
  readonly statusCode: number;
  readonly statusText: string;
}

/** The agents for the proxies of one hub connection, one for each server. */
export class ProxyAgents implements Proxies {
  readonly #options: NodeOptions;
  readonly #agents = new Map<string, Tunnel | Forwarder | undefined>();

  constructor(options: NodeOptions) {
    this.#options = options;
  }

  agentFor(url: string): Agent | undefined {
    // A secure WebSocket uses the connection of the requests before it.
    const { origin } = new URL(url.replace(/^wss/i, "https"));
    if (!this.#agents.has(origin)) this.#agents.set(origin, this.#create(origin));
    return this.#agents.get(origin);
  }

  refusal(url: string, statusText: string): ProxyError | undefined {
    const agent = this.agentFor(url);
    return agent instanceof Forwarder ? answered(agent.proxy, { statusCode: 407, statusText }) : undefined;
  }

  dispose(): void {
    for (const agent of this.#agents.values()) agent?.destroy();
    this.#agents.clear();
  }

  #create(origin: string): Tunnel | Forwarder | undefined {
    const { proxy, tls } = this.#options;
    const text = proxy || getProxyForUrl(origin.replace(/^ws/, "http"));
    if (!text) return undefined;
    const { url, headers } = parse(text);
    // The name in the options is the server's.
    const settings = { ...tls, servername: undefined, headers };
    const isSecure = origin.startsWith("https");
    if (isSecure || origin.startsWith("ws")) return new Tunnel(url, isSecure, { ...settings, keepAlive: true });
    // Without keeping connections: some proxies close them behind an answer without a word, and a POST may be lost.
    return new Forwarder(url, settings);
  }
}

/** For `https:`, `ws:` and `wss:`: the proxy only passes bytes on. */
class Tunnel extends HttpsProxyAgent<string> {
  readonly #isSecure: boolean;

  constructor(url: URL, isSecure: boolean, settings: object) {
    super(url.href, settings);
    this.#isSecure = isSecure;
  }

  // The package would guess it from a stack trace.
  override isSecureEndpoint(): boolean {
    return this.#isSecure;
  }

  override async connect(...[request, options]: Parameters<HttpsProxyAgent<string>["connect"]>): Promise<Socket> {
    let answer: ConnectAnswer | undefined;
    request.once("proxyConnect", (given: ConnectAnswer) => (answer = given));
    const socket = await opening(this, request, () => super.connect(request, options));
    if (!answer || answer.statusCode === 200) return socket;
    socket.destroy();
    throw answered(this.proxy, answer);
  }
}

/** For `http:`: the proxy understands the requests. */
class Forwarder extends HttpProxyAgent<string> {
  override isSecureEndpoint(): boolean {
    return false;
  }

  override async connect(...[request, options]: Parameters<HttpProxyAgent<string>["connect"]>): Promise<Socket> {
    return opening(this, request, () => super.connect(request, options));
  }
}

/** Opens a connection to the proxy; a request that is given up meanwhile takes it along, which the packages do not see to. */
async function opening(agent: Tunnel | Forwarder, request: ClientRequest, connect: Connect): Promise<Socket> {
  const giveUp = new AbortController();
  const destroy = request.destroy.bind(request);
  request.destroy = (error) => {
    giveUp.abort();
    return destroy(error);
  };
  if (request.destroyed) giveUp.abort();
  // The agent reads them before it first waits.
  agent.connectOpts = { ...agent.connectOpts, signal: giveUp.signal };
  try {
    return await connect();
  } catch (thrown) {
    const error = networkError(thrown);
    throw new ProxyError(`The proxy ${agent.proxy.origin} cannot be reached: ${messageOf(error)}`, { cause: error });
  } finally {
    Reflect.deleteProperty(request, "destroy"); // that of its class again
  }
}

function answered({ origin }: URL, { statusCode, statusText }: ConnectAnswer): ProxyError {
  return new ProxyError(`The proxy ${origin} answered ${statusCode} ${statusText}`.trim(), { statusCode });
}

/** Takes user name and password out of the URL, which the packages print. */
function parse(text: string): { url: URL; headers: Record<string, string> } {
  try {
    const url = new URL(text);
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    url.username = url.password = "";
    const headers = { "Proxy-Authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
    if (/^https?:$/.test(url.protocol)) return { url, headers: credentials === ":" ? {} : headers };
  } catch {
    // The runtime's message would show the password.
  }
  throw new ProxyError("The address of the proxy is not an http(s) URL.");
}

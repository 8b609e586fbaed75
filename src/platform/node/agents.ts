/** Who makes the network connections of a hub connection in Node: the user's agent, a proxy's, or a pool of our own. */
import * as http from "node:http";
import * as https from "node:https";
import { InvalidArgumentError } from "../../errors/call-errors.js";
import type { ProxyError } from "../../errors/connection-errors.js";
import type { NodeOptions } from "../../http/node-options.js";
import { isAgent } from "./check-options.js";

/** Where proxies are in use. Loaded only then, see {@link usesProxy}. */
export interface Proxies {
  /** The agent for a URL; `undefined` when it is reached directly. */
  agentFor(url: string): http.Agent | undefined;
  /** The error for a 407 that came for a URL; `undefined` when no proxy can have said that. */
  refusal(url: string, statusText: string): ProxyError | undefined;
  /** Closes all connections. */
  dispose(): void;
}

/** What a request needs to be sent. Node's own types know no plain `Uint8Array` for certificates, though Node does. */
export interface Dispatch extends Omit<https.RequestOptions, "agent"> {
  /** Makes its connection. */
  readonly agent: http.Agent;
}

/** The agents of one hub connection. */
export class Agents {
  readonly #options: NodeOptions;
  readonly #proxies: Proxies | undefined;
  #http: http.Agent | undefined;
  #https: https.Agent | undefined;

  constructor(options: NodeOptions = {}, proxies?: Proxies) {
    this.#options = options;
    this.#proxies = proxies;
  }

  /**
   * How to send a request to a URL; the object is the caller's to complete.
   * @throws InvalidArgumentError when the user's function gives no agent.
   */
  dispatchTo(url: string): Dispatch {
    const { tls } = this.#options;
    const agent = this.#agentFor(url);
    return tls ? { ...(tls as https.RequestOptions), agent } : { agent };
  }

  /** See {@link Proxies.refusal}. */
  refusal(url: string, statusText: string): ProxyError | undefined {
    return this.#proxies?.refusal(url, statusText);
  }

  /** Closes the connections of our own agents, idle or not. They can still be used afterwards. */
  dispose(): void {
    this.#http?.destroy();
    this.#https?.destroy();
    this.#proxies?.dispose();
    this.#http = this.#https = undefined;
  }

  /** Closes the connections of our own pools that no request is using. */
  closeIdle(): void {
    for (const agent of [this.#http, this.#https]) {
      for (const sockets of Object.values(agent?.freeSockets ?? {})) sockets?.forEach((socket) => socket.destroy());
    }
  }

  #agentFor(url: string): http.Agent {
    const { httpAgent } = this.#options;
    if (httpAgent) {
      const agent = typeof httpAgent === "function" ? httpAgent(url) : httpAgent;
      if (isAgent(agent)) return agent as http.Agent;
      throw new InvalidArgumentError("The function in the option 'httpAgent' gave no agent.");
    }
    const proxied = this.#proxies?.agentFor(url);
    if (proxied) return proxied;
    // Most clients only ever need one of them.
    if (/^(http|ws)s/i.test(url)) return (this.#https ??= new https.Agent({ keepAlive: true }));
    return (this.#http ??= new http.Agent({ keepAlive: true }));
  }
}

const VARIABLES = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/** Whether proxies have to be thought of. */
export function usesProxy({ httpAgent, proxy }: NodeOptions): boolean {
  if (httpAgent || proxy === false) return false;
  const { env } = process;
  if (proxy) return true;
  for (const name of VARIABLES) if (env[name]) return true;
  return false;
}

/** A hub server that notes what kinds of requests reach it, and a conversation that shows that a connection works; for tests of what lies between them. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { TLSSocket } from "node:tls";
import { MessagePackHubProtocol } from "../../src/msgpack.js";
import { JsonHubProtocol } from "../../src/protocol/json-hub-protocol.js";
import {
  type HttpTransportType,
  HubConnectionBuilder,
  type HubConnection,
  type IHttpConnectionOptions,
} from "../../src/index.js";
import { createHubServer } from "../../src/server/index.js";
import { listen } from "./hub-server.js";
import { InteropHub, InteropState } from "./interop-hub.js";
import { requestKindOf, type RequestKind } from "./request-kind.js";

/** A request as it arrived. */
export interface SeenRequest {
  readonly kind: RequestKind;
  readonly url: string;
  /** The client's port, by which its network connections are told apart. */
  readonly port: number | undefined;
  readonly headers: IncomingMessage["headers"];
  /** The `CN` of the client's certificate. */
  readonly client: string | undefined;
}

/**
 * The three transports, and the kinds of requests that each of them always makes. The DELETE of Long Polling is none of them: it is
 * left out when the server's answer to the Close message ends the poll first.
 */
export const TRANSPORTS: readonly (readonly [name: keyof typeof HttpTransportType, kinds: readonly RequestKind[]])[] = [
  ["WebSockets", ["negotiate", "upgrade"]],
  ["ServerSentEvents", ["negotiate", "stream", "post"]],
  ["LongPolling", ["negotiate", "poll", "post"]],
];

/** A running hub server; `stopAll` of test/support/hub-server.ts ends it. */
export class WatchedHub {
  /** Where the hub is. */
  readonly url: string;
  /** What arrived, in order. */
  readonly requests: SeenRequest[] = [];
  /** `Set-Cookie` headers for answers, by the kind of request. */
  setCookies: Partial<Record<RequestKind, readonly string[]>> = {};

  private constructor(url: string) {
    this.url = url;
  }

  /** Starts one. @param tls For `https:`. */
  static async start(tls?: ServerOptions): Promise<WatchedHub> {
    const hubs = createHubServer({
      logger: null,
      // Proxies leave connections behind that nobody speaks for any more.
      shutdownTimeout: 200,
      protocols: [new JsonHubProtocol(), new MessagePackHubProtocol()],
    });
    const state = new InteropState();
    hubs.mapHub("/hub", InteropHub, { createHub: () => new InteropHub(state) });
    const server: Server = tls ? createTlsServer(tls) : createServer();
    const port = await listen(server, () => hubs.close());
    const site = new WatchedHub(`http${tls ? "s" : ""}://127.0.0.1:${port}/hub`);
    server.on("request", (request, response) => {
      const cookies = site.setCookies[site.#note(request)];
      if (cookies) response.setHeader("Set-Cookie", cookies);
      hubs.handleRequest(request, response);
    });
    server.on("upgrade", (request, socket, head) => {
      site.#note(request);
      hubs.handleUpgrade(request, socket, head);
    });
    return site;
  }

  /** The kinds of requests so far, each once, in order of their first. */
  get kinds(): RequestKind[] {
    return [...new Set(this.requests.map(({ kind }) => kind))];
  }

  #note(request: IncomingMessage): RequestKind {
    const { subject } = (request.socket as Partial<TLSSocket>).getPeerCertificate?.() ?? {};
    const kind = requestKindOf(request);
    this.requests.push({
      kind,
      url: request.url ?? "",
      port: request.socket.remotePort,
      headers: request.headers,
      client: subject ? String(subject.CN) : undefined,
    });
    return kind;
  }
}

/** A connection that logs into a list. */
export function connectionTo(
  url: string,
  options: IHttpConnectionOptions = {},
  logged: string[] = [],
  protocol: JsonHubProtocol | MessagePackHubProtocol = new JsonHubProtocol(),
): HubConnection {
  return new HubConnectionBuilder()
    .withUrl(url, options)
    .withHubProtocol(protocol)
    .configureLogging({ log: (_level, message) => void logged.push(message) })
    .build();
}

/** Calls, streams and messages in both directions, on a hub with the contract's methods. */
export async function converse(connection: HubConnection): Promise<void> {
  const ticks: number[] = [];
  const lastTick = new Promise((resolve) => {
    connection.on("Tick", (index: number) => {
      if (ticks.push(index) === 30) resolve(undefined);
    });
  });
  expect(await connection.invoke("Add", 1, 2)).toBe(3);
  expect(await connection.invoke("LengthOf", "ä".repeat(5_000))).toBe(5_000);
  const items: number[] = [];
  for await (const item of connection.stream("Flood", 500)) items.push(item as number);
  expect(items).toHaveLength(500);
  await connection.invoke("Burst", 30);
  await lastTick;
  expect(ticks).toEqual(Array.from({ length: 30 }, (_, index) => index));
  const numbers = async function* () {
    yield* [1, 2, 3];
  };
  expect(await connection.invoke("Upload", "numbers", numbers())).toBe(6);
}

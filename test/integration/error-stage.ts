/** Servers that do right and wrong, and clients that carry secrets; what the scenarios of the error catalogue run on. */
import { createServer, type RequestListener, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import {
  HttpTransportType,
  HubConnectionBuilder,
  type HubConnection,
  type IHttpConnectionOptions,
} from "../../src/index.js";
import { createHubServer, Hub, HubError, type HubServerOptions, type MapHubOptions } from "../../src/server/index.js";
import { Deferred } from "../../src/common/deferred.js";
import { TcpProxy } from "../support/tcp-proxy.js";

const SECRET_QUERY = "?secret=s3cr3t";

class CatalogueHub extends Hub {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    super();
    this.#stage = stage;
  }

  override onDisconnected(error?: Error): void {
    this.#stage.ended.resolve(error);
  }
  echo(value: unknown): unknown {
    return value;
  }
  refuse(): void {
    throw new HubError("no");
  }
  never(): Promise<void> {
    return new Promise(() => undefined);
  }
  async *endless(): AsyncIterable<number> {
    yield 1;
    await new Promise((resolve) => this.signal.addEventListener("abort", resolve));
    this.#stage.cancelled.resolve(this.signal.reason);
  }
}

/** Servers and clients of one scenario. */
export class Stage {
  /** All log lines of both ends. */
  readonly lines: string[] = [];
  readonly logger = { log: (_level: number, line: string) => void this.lines.push(line) };
  /** With what the hub's first connection ended. */
  readonly ended = new Deferred<Error | undefined>();
  /** Why the hub's stream was cancelled. */
  readonly cancelled = new Deferred<unknown>();
  readonly #ends: (() => unknown)[] = [];

  /** Stops everything, the last thing first. */
  async end(): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
  }

  /** A hub server. */
  async hub(options: HubServerOptions = {}, own: MapHubOptions<CatalogueHub> = {}) {
    const hubs = createHubServer({ logger: this.logger, shutdownTimeout: 50, ...options });
    hubs.mapHub("/hub", CatalogueHub, { ...own, createHub: () => new CatalogueHub(this) });
    const url = await this.listen(hubs.attach(createServer()));
    this.#ends.push(() => hubs.close());
    const { clients, groups } = hubs.hub(CatalogueHub);
    return { hubs, url: `${url}/hub`, clients, groups };
  }

  /** A server that answers every request the same way, which hubs do not. */
  async answering(listener: RequestListener): Promise<string> {
    return `${await this.listen(createServer(listener))}/hub`;
  }

  /** A server whose WebSocket says these messages, the first in answer to the handshake. */
  async saying(...messages: string[]): Promise<string> {
    const server = createServer();
    const sockets = new WebSocketServer({ server });
    sockets.on("connection", (socket) => {
      socket.once("message", () => {
        for (const message of messages) socket.send(message);
      });
    });
    return `${await this.listen(server)}/hub`;
  }

  /** A way to a server that can be broken. */
  async proxied(url: string): Promise<{ readonly proxy: TcpProxy; readonly url: string }> {
    const proxy = await TcpProxy.start(url);
    this.#ends.push(() => proxy.stop());
    return { proxy, url: `${proxy.url}/hub` };
  }

  /** A builder whose connections carry secrets everywhere. */
  builder(url: string, options: IHttpConnectionOptions = {}): HubConnectionBuilder {
    return new HubConnectionBuilder().withUrl(url + SECRET_QUERY, {
      accessTokenFactory: () => "s3cr3t-token",
      headers: { Cookie: "session=s3cr3t" },
      logger: this.logger,
      ...options,
    });
  }

  /** A connection that is stopped at the end. */
  build(builder: HubConnectionBuilder): HubConnection {
    const connection = builder.build();
    this.#ends.push(() => connection.stop());
    return connection;
  }

  /** A connection to a server without negotiation. */
  direct(url: string): HubConnectionBuilder {
    return this.builder(url, { transport: HttpTransportType.WebSockets, skipNegotiation: true });
  }

  /** A started connection. */
  async connect(builder: HubConnectionBuilder): Promise<HubConnection> {
    const connection = this.build(builder);
    await connection.start();
    return connection;
  }

  /** A WebSocket that speaks by hand. */
  async socket(url: string, ...messages: string[]): Promise<WebSocket> {
    const socket = new WebSocket(url.replace("http", "ws"));
    this.#ends.push(() => socket.terminate());
    await once(socket, "open");
    for (const message of ['{"protocol":"json","version":1}', ...messages]) socket.send(`${message}\u001e`);
    return socket;
  }

  async listen(server: Server): Promise<string> {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const open = new Set<{ destroy(): void }>();
    server.on("connection", (socket) => open.add(socket));
    this.#ends.push(async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}

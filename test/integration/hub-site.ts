/** A hub server on a free port, and clients of it, with their ends seen to; what the tests of this folder run on. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { HubConnectionBuilder, type HubConnection, type IHttpConnectionOptions } from "../../src/index.js";
import { createHubServer, type HubServer, type HubServerOptions } from "../../src/server/index.js";

/** What a site is made of. */
export interface HubSiteOptions extends HubServerOptions {
  /** Maps the hubs. */
  map(hubs: HubServer): void;
  /** Gets the requests that are not for hubs. */
  listener?: RequestListener;
  /** Default: a free one. */
  port?: number;
}

/** A server with its clients. */
export class HubSite {
  readonly hubs: HubServer;
  readonly server: Server;
  readonly #connections: { stop(): Promise<void> }[] = [];

  private constructor({ map, listener, port: _port, ...options }: HubSiteOptions) {
    this.hubs = createHubServer({ logger: null, ...options });
    map(this.hubs);
    this.server = this.hubs.attach(createServer(listener ?? ((_request, response) => response.writeHead(404).end())));
  }

  /** Starts a server. */
  static async start(options: HubSiteOptions): Promise<HubSite> {
    const site = new HubSite(options);
    await new Promise<void>((resolve) => site.server.listen(options.port ?? 0, "127.0.0.1", resolve));
    return site;
  }

  /** Starts a server for the tests of a `describe`, and stops it behind them; the clients are stopped behind each test. */
  static forTests(options: HubSiteOptions): { readonly site: HubSite } {
    let site: HubSite | undefined;
    beforeAll(async () => (site = await HubSite.start(options)));
    afterEach(() => site?.stopClients());
    afterAll(() => site?.stop());
    return {
      get site() {
        if (site === undefined) throw new Error("the server was not started");
        return site;
      },
    };
  }

  /** Its port. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Its address, without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A builder for a hub of the server. */
  builder(path = "/hub", options: IHttpConnectionOptions = {}): HubConnectionBuilder {
    return new HubConnectionBuilder().withUrl(this.url + path, { logger: null, ...options });
  }

  /** Makes a connection that is stopped with the site's other ones. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- untyped connections are what `build()` gives
  build<Hub = any, Client = any>(builder = this.builder()): HubConnection<Hub, Client> {
    const connection = builder.build<Hub, Client>();
    this.#connections.push(connection);
    return connection;
  }

  /** The same, started. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- untyped connections are what `build()` gives
  async connect<Hub = any, Client = any>(builder = this.builder()): Promise<HubConnection<Hub, Client>> {
    const connection = this.build<Hub, Client>(builder);
    await connection.start();
    return connection;
  }

  /** Stops all clients. */
  async stopClients(): Promise<void> {
    await Promise.all(this.#connections.splice(0).map((connection) => connection.stop()));
  }

  /** Stops clients, hubs and server. */
  async stop(): Promise<void> {
    await this.stopClients();
    await this.hubs.close();
    if (!this.server.listening) return;
    await new Promise((resolve) => {
      this.server.close(resolve);
      this.server.closeAllConnections();
    });
  }
}

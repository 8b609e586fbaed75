/** The real server and connections to it, with their ends seen to; for the tests that need a real hub. */
import { HubConnectionBuilder, type HubConnection, type IHttpConnectionOptions } from "../../src/index.js";
import { type AspNetCoreServer, BUILD_AND_START_MS, startAspNetCoreServer } from "./aspnetcore-server.js";

/** One server for the tests of a file, and whatever they connect to it. */
export class RealHub {
  /** What the connections of the current test logged, all levels. */
  readonly logged: string[] = [];
  #server: AspNetCoreServer | undefined;
  #connections: HubConnection[] = [];
  #markers = 0;

  /** Registers the hooks that start and stop the server. Call it inside `describeWhen("dotnet", …)`. */
  constructor() {
    beforeAll(async () => {
      this.#server = await startAspNetCoreServer();
    }, BUILD_AND_START_MS);
    afterEach(async () => {
      await Promise.all(this.#connections.map((connection) => connection.stop()));
      this.#connections = [];
      this.logged.length = 0;
    });
    afterAll(async () => {
      await this.#server?.stop();
    });
  }

  /** The server. */
  get server(): AspNetCoreServer {
    if (this.#server === undefined) throw new Error("the server was not started");
    return this.#server;
  }

  /** A builder for a hub of the server. */
  builder(path = "/hub", options: IHttpConnectionOptions = {}): HubConnectionBuilder {
    return new HubConnectionBuilder()
      .withUrl(this.server.url + path, options)
      .configureLogging({ log: (_level, message) => void this.logged.push(message) });
  }

  /** Makes a connection that is stopped after the test. */
  build(builder = this.builder()): HubConnection {
    const connection = builder.build();
    this.#connections.push(connection);
    return connection;
  }

  /** The same, started. */
  async connect(builder = this.builder()): Promise<HubConnection> {
    const connection = this.build(builder);
    await connection.start();
    return connection;
  }

  /** A value for the query parameter `marker`, by which `server.requests` finds a test's requests. */
  newMarker(): string {
    return `marker-${process.pid}-${this.#markers++}`;
  }
}

/** The next calls of a client method, in order; each `next()` gives the arguments of one. */
export function calls(
  connection: HubConnection,
  method: string,
): { next(): Promise<unknown[]>; readonly waiting: number } {
  const arrived: unknown[][] = [];
  const waiting: ((args: unknown[]) => void)[] = [];
  connection.on(method, (...args: unknown[]) => {
    const first = waiting.shift();
    if (first === undefined) arrived.push(args);
    else first(args);
  });
  return {
    next: () => {
      const first = arrived.shift();
      return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first);
    },
    get waiting() {
      return arrived.length;
    },
  };
}

/** What a feature of the contract works with: connections of one combination to one server, all ended behind the test. */
import { TcpProxy } from "../support/tcp-proxy.js";
import type {
  Combination,
  ConnectOptions,
  ContractClient,
  ContractConnection,
  ContractServer,
  ContractStream,
  ContractSubject,
  ServerPush,
} from "./contract.js";

/** How one connection differs from the usual. */
export interface ContractConnectOptions extends Omit<Partial<ConnectOptions>, "encoding"> {
  /** Behind the URL of the hub, with its question mark. */
  readonly query?: string;
  /** A proxy to go through, so that the connection can be broken. */
  readonly through?: TcpProxy;
}

/** One column of the matrix. */
export class Contract {
  readonly combination: Combination;
  readonly #client: ContractClient;
  readonly #server: () => ContractServer;
  readonly #connections: ContractConnection[] = [];
  readonly #proxies: TcpProxy[] = [];
  #names = 0;

  constructor(combination: Combination, client: ContractClient, server: () => ContractServer) {
    this.combination = combination;
    this.#client = client;
    this.#server = server;
  }

  /** Makes a connection. */
  build(options: ContractConnectOptions = {}): ContractConnection {
    const { query = "", through, ...rest } = options;
    const { transport, encoding, resumes } = this.combination;
    const url = new URL(this.#server().url);
    if (through !== undefined) url.host = new URL(through.url).host;
    const connection = this.#client.build(url.href + query, { transports: [transport], resumes, ...rest, encoding });
    this.#connections.push(connection);
    return connection;
  }

  /** The same, started. */
  async connect(options?: ContractConnectOptions): Promise<ContractConnection> {
    const connection = this.build(options);
    await connection.start();
    return connection;
  }

  /** Starts a proxy in front of the server. */
  async proxy(): Promise<TcpProxy> {
    const proxy = await TcpProxy.start(this.#server().url);
    this.#proxies.push(proxy);
    return proxy;
  }

  /** Makes a source to push to. */
  subject<T>(): ContractSubject<T> {
    return this.#client.subject<T>();
  }

  /** Calls clients from outside of the hub. */
  push(order: ServerPush): Promise<void> {
    return this.#server().push(order);
  }

  /** A name that nobody else uses, for groups, users and gates. */
  newName(): string {
    return `name-${process.pid}-${this.combination.transport}-${this.combination.encoding}-${this.combination.resumes}-${this.#names++}`;
  }

  /** Ends everything that the test has started. */
  async release(): Promise<void> {
    await Promise.all(this.#connections.splice(0).map((connection) => connection.stop()));
    for (const proxy of this.#proxies.splice(0)) await proxy.stop();
  }
}

/** Everything that a stream gives, and the text of its error if it fails. */
export function read<T>(stream: ContractStream<T>): Promise<{ items: T[]; error: string | undefined }> {
  const items: T[] = [];
  return new Promise((resolve) => {
    stream.subscribe({
      next: (item) => items.push(item),
      error: (error: Error) => resolve({ items, error: error.message }),
      complete: () => resolve({ items, error: undefined }),
    });
  });
}

/** A stream to be iterated. */
export function iterate<T>(stream: ContractStream<T>): AsyncIterable<T> {
  const iterator = stream[Symbol.asyncIterator]?.();
  if (iterator === undefined) throw new Error("this client's streams cannot be iterated");
  return { [Symbol.asyncIterator]: () => iterator };
}

/** What becomes of a connection that ends for good. */
export function ending(connection: ContractConnection): Promise<Error | undefined> {
  return new Promise((resolve) => connection.onclose(resolve));
}

/**
 * Waits until so many items of uploads have left. The official client sends them one by one, and those that are left when it stops
 * fail unheard (GAPS 14); what is sent here travels with them.
 */
export async function drain(connection: ContractConnection, items: number): Promise<void> {
  for (let sent = 0; sent <= items; sent++) await connection.send("Nothing");
}

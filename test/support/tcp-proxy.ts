/** A TCP proxy that breaks connections in every way a network can; put between a client and a real server by the fault tests. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** From the client to the server, or back. */
export type Direction = "up" | "down";

/**
 * What happens to a connection: `reset` (RST) and `close` (FIN) end it on both sides; `silence` lets nothing through any more,
 * not even the end, as a dead network does; `stall` stops reading, as a frozen peer does.
 */
export type Fault = "reset" | "close" | "silence" | "stall";

/** When a fault strikes: at the first chunk of a direction that matches, or when so many bytes of it have passed. */
export interface Trigger {
  readonly direction: Direction;
  /** Matched against single chunks, read as Latin-1. */
  readonly pattern?: RegExp;
  /** Bytes since the trigger was set, over all connections. */
  readonly bytes?: number;
  /** The only way that `silence` and `stall` strike. Default: both. */
  readonly way?: Direction | undefined;
  /** Whether the matching chunk still gets through. Default: no. */
  readonly passing?: boolean;
}

/** Listens on a free port and passes everything on to one server. */
export class TcpProxy {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #links = new Set<Link>();
  #server: Server;
  #port = 0;
  #connections = 0;
  #trigger: { readonly when: Trigger; readonly fault: Fault; passed: number; readonly struck: () => void } | undefined;
  #waiting: { readonly condition: () => boolean; readonly resolve: () => void }[] = [];
  /** Cuts what passes into pieces that are written one by one. Default: whole chunks. */
  cut: (chunk: Buffer, direction: Direction) => Iterable<Buffer> = (chunk) => [chunk];

  /** Resets whoever connects, as a balancer with nothing behind it does; unlike with {@link refuse}, nobody else can get the port. */
  turnsAway = false;

  private constructor(target: URL) {
    this.#target = { host: target.hostname, port: Number(target.port) };
    this.#server = this.#createServer();
  }

  /** Starts a proxy. @param target Address of the server. */
  static async start(target: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(new URL(target));
    await proxy.accept();
    return proxy;
  }

  /** The address to connect to. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** How many connections clients have open. */
  get open(): number {
    return [...this.#links].filter((link) => link.isOpen).length;
  }

  /** How many of them the client has not ended; a frozen server leaves the others open. */
  get used(): number {
    return [...this.#links].filter((link) => link.isUsed).length;
  }

  /** How many connections were ever made. */
  get connections(): number {
    return this.#connections;
  }

  /** Does something to all open connections. */
  strike(fault: Fault, direction?: Direction): void {
    for (const link of [...this.#links]) link.strike(fault, direction);
  }

  /** Lets stalled connections go on. */
  resume(): void {
    for (const link of this.#links) link.resume();
  }

  /** Lets a fault strike later. @returns a promise that fulfils when it did. */
  strikeWhen(when: Trigger, fault: Fault): Promise<void> {
    return new Promise((struck) => (this.#trigger = { when, fault, passed: 0, struck }));
  }

  /** Forgets the trigger; what was struck stays as it is. */
  heal(): void {
    this.#trigger = undefined;
  }

  /** Refuses new connections, as a server that is not running does. */
  async refuse(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.strike("reset");
    await closed;
  }

  /** Accepts connections, again on the same port. */
  async accept(): Promise<void> {
    this.#server = this.#createServer();
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Waits until the number of open connections is this. */
  untilOpen(count: number): Promise<void> {
    return this.#until(() => this.open === count);
  }

  /** Waits until clients have ended all their connections. */
  untilUnused(): Promise<void> {
    return this.#until(() => this.used === 0);
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    this.heal();
    for (const link of [...this.#links]) link.destroy();
    await this.refuse();
    await this.#until(() => this.#links.size === 0);
  }

  #until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ condition, resolve }));
  }

  #createServer(): Server {
    // The proxy itself decides when an end is passed on.
    return createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      if (this.turnsAway) {
        client.on("error", () => undefined).resetAndDestroy();
        return;
      }
      this.#connections++;
      const server = connect({ ...this.#target, allowHalfOpen: true, noDelay: true });
      const link: Link = new Link(client, server, {
        pieces: (chunk, direction) => this.cut(chunk, direction),
        onChunk: (chunk, direction) => this.#onChunk(link, chunk, direction),
        onChange: (isOver) => {
          if (isOver) this.#links.delete(link);
          this.#notify();
        },
      });
      this.#links.add(link);
      this.#notify();
    });
  }

  #notify(): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ condition }) => !condition());
    for (const { condition, resolve } of waiting) if (condition()) resolve();
  }

  /** @returns what of the chunk gets through before the trigger strikes. */
  #onChunk(link: Link, chunk: Buffer, direction: Direction): Buffer {
    const trigger = this.#trigger;
    if (trigger === undefined || trigger.when.direction !== direction) return chunk;
    const { pattern, bytes, passing } = trigger.when;
    let through: Buffer | undefined;
    if (pattern?.test(chunk.toString("latin1"))) through = passing ? chunk : chunk.subarray(0, 0);
    if (bytes !== undefined && trigger.passed + chunk.length >= bytes)
      through = chunk.subarray(0, bytes - trigger.passed);
    trigger.passed += chunk.length;
    if (through === undefined) return chunk;
    this.#trigger = undefined;
    if (trigger.when.way !== undefined && trigger.when.way !== direction) {
      // This way stays as it is.
      link.strike(trigger.fault, trigger.when.way);
      trigger.struck();
      return chunk;
    }
    link.afterWriting(direction, through, () => {
      link.strike(trigger.fault, trigger.when.way);
      trigger.struck();
    });
    return Buffer.alloc(0);
  }
}

/** What a link asks of its proxy. */
interface LinkOwner {
  pieces(chunk: Buffer, direction: Direction): Iterable<Buffer>;
  onChunk(chunk: Buffer, direction: Direction): Buffer;
  /** One of the two ends is gone, or both. */
  onChange(isOver: boolean): void;
}

/** One connection through the proxy. */
class Link {
  readonly #ends: Readonly<Record<"client" | "server", Socket>>;
  readonly #owner: LinkOwner;
  readonly #silent = new Set<Direction>();
  readonly #queues: Readonly<Record<Direction, Promise<void>[]>> = { up: [], down: [] };
  #struck = false;

  constructor(client: Socket, server: Socket, owner: LinkOwner) {
    this.#ends = { client, server };
    this.#owner = owner;
    this.#pump(client, server, "up");
    this.#pump(server, client, "down");
    for (const [socket, other, way] of [
      [client, server, "up"],
      [server, client, "down"],
    ] as const) {
      socket.on("error", () => undefined); // "close" follows
      socket.on("close", () => {
        // A dead network does not tell one end that the other is gone.
        if (!this.#silent.has(way)) other.destroy();
        owner.onChange(client.destroyed && server.destroyed);
      });
    }
  }

  /** Whether the client's end is there. */
  get isOpen(): boolean {
    return !this.#ends.client.destroyed;
  }

  /** Whether the client may still send. */
  get isUsed(): boolean {
    return this.isOpen && !this.#ends.client.readableEnded;
  }

  strike(fault: Fault, direction?: Direction): void {
    const { client, server } = this.#ends;
    switch (fault) {
      case "reset":
        client.resetAndDestroy();
        server.resetAndDestroy();
        return;
      case "close":
        this.#struck = true;
        client.end();
        server.end();
        return;
      case "silence":
        for (const way of direction ? [direction] : (["up", "down"] as const)) this.#silent.add(way);
        return;
      case "stall":
        if (direction !== "down") client.pause();
        if (direction !== "up") server.pause();
    }
  }

  resume(): void {
    this.#ends.client.resume();
    this.#ends.server.resume();
  }

  /** Writes what still gets through, then calls back. */
  afterWriting(direction: Direction, data: Buffer, then: () => void): void {
    const to = direction === "up" ? this.#ends.server : this.#ends.client;
    if (data.length > 0) to.write(data, () => then());
    else then();
  }

  destroy(): void {
    this.#ends.client.destroy();
    this.#ends.server.destroy();
  }

  #pump(from: Socket, to: Socket, direction: Direction): void {
    from.on("data", (chunk: Buffer) => {
      if (this.#silent.has(direction) || this.#struck) return;
      const through = this.#owner.onChunk(chunk, direction);
      if (through.length > 0) void this.#write(to, through, direction);
    });
    from.on("end", () => {
      if (this.#silent.has(direction)) from.destroy();
      else to.end();
      this.#owner.onChange(false);
    });
  }

  // Pieces are written in turns of their own, so that they arrive one by one; the next chunk waits behind them.
  async #write(to: Socket, chunk: Buffer, direction: Direction): Promise<void> {
    const queue = this.#queues[direction];
    const before = queue.at(-1);
    const writing = (async () => {
      await before;
      let first = true;
      for (const piece of this.#owner.pieces(chunk, direction)) {
        if (!first) await new Promise((resolve) => setImmediate(resolve));
        first = false;
        if (to.writable) to.write(piece);
      }
    })();
    void queue.push(writing);
    await writing;
    void queue.shift();
  }
}

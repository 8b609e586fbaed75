/** A real hub server that can be held at each single step of a client's connecting; for the tests of what happens when one stops right there. */
import dns from "node:dns";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Deferred } from "../../src/common/deferred.js";
import { HubConnectionBuilder, type HubConnection, type IHttpConnectionOptions } from "../../src/index.js";
import { createHubServer, Hub, type HubServer } from "../../src/server/index.js";
import { requestKindOf, type RequestKind } from "../support/request-kind.js";
import { nextTurn } from "../support/witness.js";

/** What a client waits for while it connects: its token factory, the host's name, and its requests by their kind. */
export type Place = "token" | "lookup" | RequestKind;

/** A place, at its n-th time. */
export interface Moment {
  readonly at: Place;
  /** Default: the first time. */
  readonly nth?: number;
}

/**
 * A moment that lasts until it is over: before the request is looked at, or in the middle of its answer, behind so many writes. One that
 * passes holds nothing up: it has come as soon as the client has read these writes.
 */
export type Hold = Moment & { readonly behindWrites?: number; readonly passes?: true };

/** An answer without a look at the request. What comes behind one that is the last is for the client alone to wait for. */
export type Refusal = Moment & { readonly status: number; readonly isLast?: true };

/** What goes on at a gate, all at the moments that are named. */
export interface Script {
  /** The first one reached is the one that counts. */
  readonly holds?: readonly Hold[];
  /** Answered with a status, without a look at the request. */
  readonly refusals?: readonly Refusal[];
  /** The first negotiation is answered with a redirect. */
  readonly redirects?: boolean;
  /** Negotiations are answered as by a server that does not count every message (HUB_PROTOCOL §9). */
  readonly countsWrongly?: boolean;
}

class SumHub extends Hub {
  add(left: number, right: number): number {
    return left + right;
  }
}

let names = 0;
const running = new Set<GatedHub>();

/** One server for one connection. */
export class GatedHub {
  readonly connection: HubConnection;
  /** How often the factory was asked since the last script. */
  readonly #counts = new Map<Place, number>();
  readonly #hubs: HubServer = createHubServer({ logger: null, shutdownTimeout: 50 });
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #host = `gated-${names++}.localhost`;
  #script: Script = {};
  #reached = new Deferred<void>();
  #released = new Deferred<void>();
  #noSockets: (() => void) | undefined;

  private constructor(server: Server, options: IHttpConnectionOptions, tune: (builder: HubConnectionBuilder) => void) {
    this.#server = server;
    this.#hubs.mapHub("/hub", SumHub, { allowStatefulReconnects: true });
    server.on(
      "request",
      (request: IncomingMessage, response: ServerResponse) => void this.#onRequest(request, response),
    );
    server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
      void this.#onUpgrade(request, socket, head);
    });
    server.on("connection", (socket: Socket) => this.#track(socket));
    lookups.set(this.#host, () => this.#pass("lookup"));
    const accessTokenFactory = async () => {
      await this.#pass("token");
      return `token-${this.#counts.get("token")}`;
    };
    const url = `http://${this.#host}:${(server.address() as AddressInfo).port}/hub`;
    const builder = new HubConnectionBuilder().withUrl(url, { logger: null, accessTokenFactory, ...options });
    tune(builder);
    this.connection = builder.build();
    running.add(this);
  }

  /** Starts one, with a connection that is not started. */
  static async start(
    options: IHttpConnectionOptions,
    tune: (builder: HubConnectionBuilder) => void,
  ): Promise<GatedHub> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new GatedHub(server, options, tune);
  }

  /** Follows a script from now on. @returns a promise that fulfils at the first moment that is held. */
  follow(script: Script): Promise<void> {
    this.#script = script;
    this.#counts.clear();
    this.#reached = new Deferred();
    this.#released = new Deferred();
    return this.#reached.promise;
  }

  /** Lets go on what is held. */
  release(): void {
    this.#script = {};
    this.#released.resolve();
  }

  /** Breaks all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Waits until the client has no connection to the server. */
  untilUnused(): Promise<void> {
    if (this.#sockets.size === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#noSockets = resolve));
  }

  /** Ends all that tests left because they failed. */
  static async stopAll(): Promise<void> {
    await Promise.all([...running].map((hub) => hub.stop()));
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    running.delete(this);
    this.release();
    await this.connection.stop();
    await this.#hubs.close();
    lookups.delete(this.#host);
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.cut();
    });
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined); // "close" follows
    socket.on("close", () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#noSockets?.();
    });
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const place = requestKindOf(request);
    const moment = this.#count(place);
    await this.#hold(moment);
    const refusal = this.#refusal(moment);
    if (refusal !== undefined) {
      response.writeHead(refusal.status).end();
      if (refusal.isLast) await this.#received();
      return;
    }
    if (place === "negotiate" && moment.nth === 1 && this.#script.redirects) {
      return void response.end(JSON.stringify({ url: `http://${request.headers.host}/hub` }));
    }
    const hold = this.#holdOf(moment);
    if (hold?.behindWrites !== undefined) this.#holdWrites(response, hold.behindWrites);
    if (place === "negotiate" && this.#script.countsWrongly) hideExactCount(response);
    this.#hubs.handleRequest(request, response);
  }

  async #onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const moment = this.#count("upgrade");
    // As long as nobody reads, nobody sees that the client is gone. It sends nothing before the answer.
    const leave = (): void => void socket.destroy();
    socket.on("end", leave).resume();
    await this.#hold(moment);
    socket.off("end", leave);
    const refusal = this.#refusal(moment);
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal.status} No\r\nContent-Length: 0\r\n\r\n`);
      if (refusal.isLast) await this.#received();
      return;
    }
    const hold = this.#holdOf(moment);
    if (hold?.behindWrites !== undefined) {
      if (hold.passes) this.#awaitWrites(socket, hold.behindWrites);
      else this.#holdWrites(socket, hold.behindWrites);
    }
    this.#hubs.handleUpgrade(request, socket, head);
  }

  /** Keeps back what is written after so many writes; an answer that is written in one piece is two writes. */
  #holdWrites(to: ServerResponse | Socket, count: number): void {
    let written = 0;
    const held: (() => void)[] = [];
    const when = (work: () => void): void => {
      if (written++ < count) return work();
      held.push(work);
      if (held.length > 1) return;
      if ("flushHeaders" in to) to.flushHeaders();
      this.#reached.resolve();
      void this.#released.promise.then(() => {
        for (const each of held.splice(0)) each();
        written = -Infinity;
      });
    };
    const write = to.write.bind(to) as (...args: unknown[]) => boolean;
    const end = to.end.bind(to) as (...args: unknown[]) => void;
    to.write = (...args: unknown[]) => {
      when(() => void write(...args));
      return true;
    };
    to.end = ((body?: unknown) => {
      if (typeof body === "string" && body !== "") {
        when(() => void write(body.slice(0, 5)));
        when(() => end(body.slice(5)));
      } else {
        end(body);
      }
      return to;
    }) as never;
  }

  #awaitWrites(to: Socket, count: number): void {
    let left = count;
    const write = to.write.bind(to) as (...args: unknown[]) => boolean;
    to.write = (...args: unknown[]) => {
      if (--left === 0) void this.#received();
      return write(...args);
    };
  }

  /** Gives the client, which is in this process, the turns that it takes to read an answer. */
  async #received(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    this.#reached.resolve();
  }

  async #pass(place: Place): Promise<void> {
    await this.#hold(this.#count(place));
  }

  #count(at: Place): Required<Moment> {
    const nth = (this.#counts.get(at) ?? 0) + 1;
    this.#counts.set(at, nth);
    return { at, nth };
  }

  #holdOf(moment: Required<Moment>): Hold | undefined {
    return this.#script.holds?.find((hold) => isSame(hold, moment));
  }

  async #hold(moment: Required<Moment>): Promise<void> {
    const hold = this.#holdOf(moment);
    if (hold === undefined || hold.behindWrites !== undefined) return;
    this.#reached.resolve();
    await this.#released.promise;
  }

  #refusal(moment: Required<Moment>): Refusal | undefined {
    return this.#script.refusals?.find((refusal) => isSame(refusal, moment));
  }
}

function isSame({ at, nth = 1 }: Moment, moment: Required<Moment>): boolean {
  return at === moment.at && nth === moment.nth;
}

function hideExactCount(response: ServerResponse): void {
  const end = response.end.bind(response);
  // As long as before: the head of the answer says how long it is.
  response.end = (body: unknown) => end(String(body).replace('"countsEveryMessage":true', '"countsEveryMessage":null'));
}

/** Who is asked before the name of a host is known. */
const lookups = new Map<string, () => Promise<void>>();

/** Lets hubs answer for their names until the tests of the file are over. Call it outside of them: concurrent ones begin before all hooks. */
export function lookUpGatedHubs(): void {
  const { lookup } = dns;
  const gated = (host: string, options: dns.LookupOptions, callback: (...found: unknown[]) => void): void => {
    const gate = lookups.get(host);
    if (gate === undefined) return void lookup(host, options, callback);
    const address = { address: "127.0.0.1", family: 4 };
    void gate().then(() => (options.all ? callback(null, [address]) : callback(null, address.address, 4)));
  };
  dns.lookup = gated as typeof lookup;
  afterAll(() => void (dns.lookup = lookup));
}

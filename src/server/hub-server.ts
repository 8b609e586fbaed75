/** The hub server: maps hub classes to paths, takes what is theirs from HTTP servers, and reaches their clients from outside. */
import type { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { bounded } from "../common/abort-scope.js";
import type { Clock } from "../common/clock.js";
import { hasMethods } from "../common/has-methods.js";
import { InvalidArgumentError, InvalidStateError } from "../errors/call-errors.js";
import { backgroundClock, nodeClock } from "../platform/node/node-clock.js";
import { Audience } from "./audience.js";
import { Capacity } from "./capacity.js";
import { Heartbeat } from "./heartbeat.js";
import { AudienceClients, AudienceGroups, type GroupManager, type HubClients } from "./hub-clients.js";
import { prototypesBelowHub } from "./hub-definition.js";
import { HubEndpoint } from "./hub-endpoint.js";
import { createHubRuntime, type ServerServices } from "./hub-runtime.js";
import type { Hub, HubClass, HubLike } from "./hub.js";
import { warnOfUnknownOptions } from "./option-names.js";
import {
  resolveHubOptions,
  resolveHubServerOptions,
  type HubServerOptions,
  type MapHubOptions,
  type ResolvedHubServerOptions,
} from "./options.js";
import { normalizePath, pathOf } from "./request-target.js";
import { attachTo, type RequestTaker } from "./server-attachment.js";
import { WorkCounter } from "./work-counter.js";

/** The clients and groups of a hub, for code outside of it. */
export interface HubContext<TClient = unknown> {
  /** Its connected clients, wherever the hub is mapped. */
  readonly clients: HubClients<TClient>;
  /** Puts connections into groups. */
  readonly groups: GroupManager;
}

/** A class whose objects can be made without dependencies. */
export type PlainHubClass<THub extends HubLike> = new () => THub;

/** What a hub class may say about its methods' stream parameters: their positions, in ascending order. */
export interface StreamParametersOf<THub> {
  readonly streamParameters?: { readonly [K in keyof THub]?: readonly number[] };
}

/** Hubs under their paths. Made by `createHubServer`. */
export class HubServer implements RequestTaker {
  readonly #options: ResolvedHubServerOptions;
  readonly #services: ServerServices;
  readonly #capacity: Capacity;
  readonly #audiences = new Map<HubClass, Audience>();
  readonly #endpoints = new Map<string, HubEndpoint>();
  readonly #detachers: (() => void)[] = [];
  #closed: Promise<void> | undefined;

  /** @param background Its timers do not keep the process alive. */
  constructor(options: HubServerOptions, clock: Clock = nodeClock, background: Clock = backgroundClock) {
    this.#options = resolveHubServerOptions(options);
    this.#capacity = new Capacity(this.#options.maximumConnections);
    const { log } = this.#options;
    warnOfUnknownOptions(options, log);
    this.#services = { clock, log, heartbeat: new Heartbeat(background), work: new WorkCounter() };
  }

  /**
   * Offers a hub under a path, which matches in any case. The same class may have several paths, with options of their own: its
   * clients and groups are shared.
   * @param options Override those of the server.
   * @throws InvalidArgumentError when the path is taken or is none, an option is wrong, the class is no hub, or names of its methods
   * clash; InvalidStateError when the server is closed.
   */
  mapHub<THub extends HubLike>(
    path: string,
    hubClass: PlainHubClass<THub> & StreamParametersOf<THub>,
    options?: MapHubOptions<THub>,
  ): this;
  mapHub<THub extends HubLike>(
    path: string,
    hubClass: HubClass<THub> & StreamParametersOf<THub>,
    options: MapHubOptions<THub> & { createHub(): THub },
  ): this;
  mapHub(path: string, hubClass: PlainHubClass<HubLike>, options: MapHubOptions = {}): this {
    if (this.#closed !== undefined) throw new InvalidStateError("The hub server is closed.");
    if (typeof path !== "string" || !/^\/[^?#]*$/.test(path))
      throw new InvalidArgumentError("The path of a hub must start with a slash.");
    const key = normalizePath(path);
    if (this.#endpoints.has(key)) throw new InvalidArgumentError(`There is a hub under '${path}' already.`);
    const resolved = resolveHubOptions(this.#options.hubs, options);
    warnOfUnknownOptions(options, this.#options.log);
    const runtime = createHubRuntime(this.#services, hubClass, options.createHub, this.#audienceOf(hubClass), resolved);
    this.#endpoints.set(key, new HubEndpoint(runtime, new Capacity(resolved.maximumConnections, this.#capacity)));
    return this;
  }

  /** A hub's clients and groups, for code outside of the hub. @throws InvalidArgumentError when the class is no hub. */
  hub<TClient>(hubClass: HubClass<Hub<TClient>>): HubContext<TClient> {
    prototypesBelowHub(hubClass);
    const audience = this.#audienceOf(hubClass);
    return {
      clients: new AudienceClients(audience),
      groups: new AudienceGroups(audience),
    };
  }

  /**
   * Answers the requests and upgrades of an HTTP server that are for hubs, until {@link close}. All others go to the server's other
   * listeners, whenever these were added.
   * @returns the server.
   * @throws InvalidArgumentError when it is none; InvalidStateError when this hub server is closed.
   */
  attach<Server extends EventEmitter>(server: Server): Server {
    if (this.#closed !== undefined) throw new InvalidStateError("The hub server is closed.");
    if (!hasMethods(server, "on", "off", "emit", "listeners")) {
      throw new InvalidArgumentError("The argument 'server' must be an HTTP server.");
    }
    this.#detachers.push(attachTo(server, this));
    return server;
  }

  /**
   * Answers a request if it is for a hub; for frameworks that own the HTTP server.
   * @returns whether it was. If not, nothing was done.
   */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    const path = pathOf(request.url);
    const slash = path.lastIndexOf("/");
    const own = this.#endpoints.get(path);
    const endpoint = own ?? this.#endpoints.get(path.slice(0, slash));
    const part = own === undefined ? endpoint?.partOf(path.slice(slash + 1)) : "connections";
    if (endpoint === undefined || part === undefined) return false;
    void endpoint.handleRequest(request, response, part);
    return true;
  }

  /**
   * Takes an upgrade if it is for a hub; for frameworks that own the HTTP server. The arguments are those of its `upgrade` event.
   * @returns whether it was. If not, nothing was done.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const endpoint = this.#endpoints.get(pathOf(request.url));
    if (endpoint === undefined) return false;
    void endpoint.handleUpgrade(request, socket, head);
    return true;
  }

  /**
   * Closes the server in order: lets nobody in any more, tells all clients that they may come back, waits for running calls and
   * `onDisconnected`, but no longer than `shutdownTimeout`, then drops what is left. The HTTP server itself is not closed.
   * @returns a promise that fulfils when that is done; the same one when it is called again.
   */
  close(): Promise<void> {
    return (this.#closed ??= this.#shutDown());
  }

  async #shutDown(): Promise<void> {
    const clients = [...this.#endpoints.values()].flatMap((endpoint) => endpoint.close());
    const { clock, work } = this.#services;
    for (const client of clients) client.shutDown();
    try {
      await bounded(() => work.whenIdle(), clock, undefined, this.#options.shutdownTimeoutMs);
    } catch {
      for (const client of clients) client.terminate();
    }
    for (const detach of this.#detachers) detach();
  }

  #audienceOf(hubClass: HubClass): Audience {
    let audience = this.#audiences.get(hubClass);
    if (audience === undefined) this.#audiences.set(hubClass, (audience = new Audience(this.#services.log)));
    return audience;
  }
}

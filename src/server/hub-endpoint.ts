/** The HTTP side of one mapped hub: who may come in, and to what (TRANSPORTS §2, "Server routing" and "Server status codes"). */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { TransportName } from "../transports/transport.js";
import type { Capacity } from "./capacity.js";
import { ClientConnection } from "./client-connection.js";
import { ConnectionRegistry, type Registration } from "./connection-registry.js";
import { answerRequest, refuseUpgrade, type HttpAnswer } from "./http-answer.js";
import type { HubUser } from "./hub-context.js";
import type { HubRuntime } from "./hub-runtime.js";
import { negotiate, TOO_MANY_CONNECTIONS } from "./negotiate-endpoint.js";
import { isPreflight, OriginPolicy, preflightHeaders } from "./origin-policy.js";
import { parameterOf, queryOf } from "./request-target.js";
import type { ServerConnection } from "./server-connection.js";
import { WebSocketEndpoint } from "./websocket-endpoint.js";

/** Who makes a request. */
interface Visitor {
  readonly user: HubUser | undefined;
  readonly userIdentifier: string | undefined;
}

/** A request that is answered with a status; thrown on the way to that. */
class Refusal extends Error {
  readonly answer: HttpAnswer;

  constructor(status: number, body: string, headers: HttpAnswer["headers"] = {}) {
    super(body);
    this.answer = { status, body, headers };
  }
}

/** One hub under one path. */
export class HubEndpoint {
  readonly #runtime: HubRuntime;
  readonly #registry: ConnectionRegistry;
  readonly #origins: OriginPolicy;
  readonly #webSockets: WebSocketEndpoint;
  #isClosing = false;

  constructor(runtime: HubRuntime, capacity: Capacity) {
    const { options, heartbeat, clock, work } = runtime;
    this.#runtime = runtime;
    this.#registry = new ConnectionRegistry(capacity, heartbeat);
    this.#origins = new OriginPolicy(options.allowedOrigins);
    this.#webSockets = new WebSocketEndpoint(clock, work, options.webSockets);
  }

  /** Answers a request, sooner or later. */
  async handleRequest(request: IncomingMessage, response: ServerResponse, isNegotiation: boolean): Promise<void> {
    const answer = await this.#guard(request, () => this.#answer(request, isNegotiation));
    if (response.headersSent || response.destroyed) return; // somebody's own time limit was faster
    answerRequest(request, response, answer);
  }

  /** Accepts or refuses an upgrade, sooner or later. */
  async handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => undefined); // a socket that breaks closes by itself
    const refusal = await this.#guard(request, () => this.#upgrade(request, socket, head));
    if (refusal !== undefined) refuseUpgrade(socket, refusal);
  }

  /** Lets nobody in any more. @returns the connections that are open. */
  close(): ClientConnection[] {
    this.#isClosing = true;
    this.#registry.clear();
    return this.#registry.clients;
  }

  /** Does the work unless the request is refused for what it is; a {@link Refusal} becomes the answer. */
  async #guard<T>(request: IncomingMessage, work: () => Promise<T>): Promise<T | HttpAnswer> {
    let originHeaders: HttpAnswer["headers"];
    try {
      const origin = this.#origins.check(request);
      originHeaders = origin.headers;
      if (!origin.allowed) throw new Refusal(403, "Pages of this origin may not connect.");
      return withHeaders(await work(), originHeaders);
    } catch (thrown) {
      const { answer } = thrown instanceof Refusal ? thrown : this.#failure(thrown);
      return withHeaders(answer, originHeaders);
    }
  }

  async #answer(request: IncomingMessage, isNegotiation: boolean): Promise<HttpAnswer> {
    if (isPreflight(request)) return { status: 204, headers: preflightHeaders(request) };
    if (isNegotiation && request.method !== "POST") throw new Refusal(405, "", { Allow: "POST" });
    const visitor = await this.#identify(request);
    const query = queryOf(request.url);
    if (!isNegotiation) return this.#refuseTransport(request, query, visitor);
    return negotiate(query, visitor.userIdentifier, this.#runtime.options.transports, this.#registry);
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<undefined> {
    const visitor = await this.#identify(request);
    if (!this.#runtime.options.transports.includes("WebSockets")) throw unsupported("WebSockets");
    const token = parameterOf(queryOf(request.url), "id");
    const registration = token === undefined ? this.#register(visitor) : this.#find(token, visitor);
    if (registration.client !== undefined) throw new Refusal(409, "The connection is in use.");
    const client = this.#webSockets.accept(request, socket, head);
    if (client !== undefined) this.#connect(client, request, registration, visitor);
    else if (token === undefined) this.#registry.delete(registration);
  }

  #connect(client: ServerConnection, request: IncomingMessage, registration: Registration, visitor: Visitor): void {
    const { connectionId } = registration;
    const identity = { ...visitor, connectionId, request, transport: client.transport };
    const onOver = () => this.#registry.delete(registration);
    this.#registry.connect(registration, new ClientConnection(this.#runtime, client, identity, onOver));
  }

  async #identify(request: IncomingMessage): Promise<Visitor> {
    const { authenticate } = this.#runtime.options;
    const user = (await authenticate?.(request)) ?? undefined;
    if (this.#isClosing) throw new Refusal(503, "The server is closing.");
    if (authenticate !== undefined && user === undefined) {
      throw new Refusal(401, "", { "WWW-Authenticate": "Bearer" });
    }
    return { user, userIdentifier: user?.id == null ? undefined : String(user.id) };
  }

  #register(visitor: Visitor): Registration {
    const registration = this.#registry.create(visitor.userIdentifier, true);
    if (registration === undefined) throw new Refusal(503, TOO_MANY_CONNECTIONS);
    return registration;
  }

  #find(token: string, visitor: Visitor): Registration {
    const registration = this.#registry.find(token);
    if (registration === undefined) throw new Refusal(404, "No Connection with that ID");
    if (registration.userIdentifier !== visitor.userIdentifier) {
      throw new Refusal(403, "The connection belongs to another user.");
    }
    return registration;
  }

  // No transport but WebSockets so far, and those come as upgrades.
  #refuseTransport(request: IncomingMessage, query: URLSearchParams, visitor: Visitor): never {
    const { method = "", headers } = request;
    if (!["GET", "POST", "DELETE"].includes(method)) throw new Refusal(405, "", { Allow: "GET, POST, DELETE" });
    const token = parameterOf(query, "id");
    if (token === undefined) throw new Refusal(400, "Connection ID required");
    const { client } = this.#find(token, visitor);
    if (method === "DELETE") throw new Refusal(400, "Cannot terminate this connection using the DELETE endpoint.");
    if (method === "POST" && client !== undefined) {
      throw new Refusal(405, "POST requests are not allowed for WebSocket connections.", { Allow: "GET" });
    }
    throw unsupported(acceptsEvents(headers.accept) ? "ServerSentEvents" : "LongPolling");
  }

  #failure(thrown: unknown): Refusal {
    this.#runtime.log.write(LogLevel.Error, () => `A request failed: ${toError(thrown).stack ?? String(thrown)}`);
    return new Refusal(500, "");
  }
}

function unsupported(transport: TransportName): Refusal {
  return new Refusal(404, `${transport} transport not supported by this end point type`);
}

function acceptsEvents(accept = ""): boolean {
  return accept.split(",").some((type) => /^\s*text\/event-stream\s*(;|$)/i.test(type));
}

function withHeaders<T>(answer: T, headers: HttpAnswer["headers"]): T {
  return answer === undefined ? answer : { ...answer, headers: { ...headers, ...(answer as HttpAnswer).headers } };
}

/** The HTTP side of one mapped hub: who may come in, and to what (TRANSPORTS §2, "Server routing" and "Server status codes"). */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Capacity } from "./capacity.js";
import { ClientConnection } from "./client-connection.js";
import { ConnectionRegistry, type Registration } from "./connection-registry.js";
import { answerRequest, refuseUpgrade, type HttpAnswer } from "./http-answer.js";
import type { HubRuntime } from "./hub-runtime.js";
import { negotiate, TOO_MANY_CONNECTIONS } from "./negotiate-endpoint.js";
import { LongPollingConnection } from "./long-polling-connection.js";
import { isPreflight, OriginPolicy, preflightHeaders } from "./origin-policy.js";
import { refresh, refreshInPassing } from "./refresh-endpoint.js";
import { noConnection, Refusal, userChanged } from "./refusal.js";
import { parameterOf, queryOf } from "./request-target.js";
import { openLinkOf, serveRequest } from "./request-transports.js";
import type { ServerConnection } from "./server-connection.js";
import { identify, isSameUser, type Visitor } from "./visitor.js";
import { WebSocketEndpoint } from "./websocket-endpoint.js";

const METHODS = ["GET", "POST", "DELETE"];

/** What a path under a hub's own is for; the hub's own is for its connections. */
export type EndpointPart = "connections" | "negotiate" | "refresh";

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
    this.#registry = new ConnectionRegistry(capacity, heartbeat, options.disconnectTimeout);
    this.#origins = new OriginPolicy(options.allowedOrigins);
    this.#webSockets = new WebSocketEndpoint(clock, work, options.webSockets);
  }

  /** The part that has this name, if the hub offers it. */
  partOf(name: string): EndpointPart | undefined {
    if (name === "refresh") return this.#runtime.options.enableAuthenticationRefresh ? name : undefined;
    return name === "negotiate" ? name : undefined;
  }

  /** Answers a request, sooner or later. */
  async handleRequest(request: IncomingMessage, response: ServerResponse, part: EndpointPart): Promise<void> {
    const answer = await this.#guard(request, (headers) => this.#answer(request, response, part, headers));
    if (answer === undefined || response.headersSent || response.destroyed) return; // somebody's own time limit was faster
    answerRequest(request, response, answer);
  }

  /** Accepts or refuses an upgrade, sooner or later. */
  async handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", ignore); // a socket that breaks closes by itself
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
  async #guard<T>(
    request: IncomingMessage,
    work: (originHeaders: HttpAnswer["headers"]) => Promise<T>,
  ): Promise<T | HttpAnswer> {
    let originHeaders: HttpAnswer["headers"];
    try {
      const origin = this.#origins.check(request);
      originHeaders = origin.headers;
      if (!origin.allowed) throw new Refusal(403, "Pages of this origin may not connect.");
      return withHeaders(await work(originHeaders), originHeaders);
    } catch (thrown) {
      const { answer } = thrown instanceof Refusal ? thrown : this.#failure(thrown);
      return withHeaders(answer, originHeaders);
    }
  }

  /** @returns nothing when the answer is on its way already. */
  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    part: EndpointPart,
    originHeaders: HttpAnswer["headers"],
  ): Promise<HttpAnswer | undefined> {
    if (isPreflight(request)) return { status: 204, headers: preflightHeaders(request) };
    if (part !== "connections" && request.method !== "POST") throw new Refusal(405, "", { Allow: "POST" });
    const { options } = this.#runtime;
    const visitor = await identify(request, options);
    const query = queryOf(request.url);
    if (part === "refresh") return refresh(request, query, visitor, this.#registry);
    if (part === "negotiate") {
      this.#assertOpen();
      return negotiate(query, visitor, options, this.#registry);
    }
    if (!METHODS.includes(request.method ?? "")) throw new Refusal(405, "", { Allow: METHODS.join(", ") });
    const token = parameterOf(query, "id");
    if (token === undefined) throw new Refusal(400, "Connection ID required");
    const registration = this.#find(token, visitor);
    if (request.method === "GET" && registration.state.kind === "open") {
      const { client, link } = registration.state;
      if (link.transport === "LongPolling") await refreshInPassing(request, client, visitor, options);
    }
    const connect = (link: ServerConnection) => this.#connect(link, request, registration, visitor);
    return serveRequest({
      request,
      response,
      originHeaders,
      runtime: this.#runtime,
      state: registration.state,
      connect,
    });
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<undefined> {
    const { options } = this.#runtime;
    const visitor = await identify(request, options);
    const token = parameterOf(queryOf(request.url), "id");
    const known = token === undefined ? undefined : this.#find(token, visitor);
    openLinkOf("WebSockets", options, known?.state);
    if (known?.state.kind === "open") {
      const { client } = known.state;
      client.assertMayReturn();
      await refreshInPassing(request, client, visitor, options);
      client.assertMayReturn(); // meanwhile it may have ended
    }
    this.#assertOpen(); // last: whoever wants to go on had better hear at once that what it was on is over
    const registration = known ?? this.#register(visitor);
    const link = this.#webSockets.accept(request, socket, head);
    if (link !== undefined) this.#connect(link, request, registration, visitor);
    else if (token === undefined) this.#registry.delete(registration);
  }

  #connect(link: ServerConnection, request: IncomingMessage, registration: Registration, visitor: Visitor): void {
    const { connectionId, state } = registration;
    if (state.kind === "open") {
      this.#registry.connect(registration, link, state.client);
      return state.client.goOnOver(link);
    }
    const { transport } = link;
    const isStateful = registration.isStateful && transport === "WebSockets";
    const identity = { ...visitor, connectionId, request, transport, isStateful };
    const forget = () => this.#registry.delete(registration);
    // The hub's last words wait for polls that have yet to come.
    const onOver = link instanceof LongPollingConnection ? () => void link.over.then(forget) : forget;
    this.#registry.connect(registration, link, new ClientConnection(this.#runtime, link, identity, onOver));
  }

  // Clients that are here may still fetch their last messages.
  #assertOpen(): void {
    if (this.#isClosing) throw new Refusal(503, "The server is closing.");
  }

  #register(visitor: Visitor): Registration {
    const registration = this.#registry.create(visitor, { hasToken: true, isStateful: false });
    if (registration === undefined) throw new Refusal(503, TOO_MANY_CONNECTIONS);
    return registration;
  }

  #find(token: string, visitor: Visitor): Registration {
    const registration = this.#registry.find(token);
    if (registration === undefined) throw noConnection();
    if (!isSameUser(registration, visitor)) throw userChanged();
    return registration;
  }

  #failure(thrown: unknown): Refusal {
    this.#runtime.log.write(LogLevel.Error, () => `A request failed: ${toError(thrown).stack ?? String(thrown)}`);
    return new Refusal(500, "");
  }
}

// Out here, because a function made for each socket would keep its request and more in memory.
function ignore(): void {}

function withHeaders<T>(answer: T, headers: HttpAnswer["headers"]): T {
  return answer === undefined ? answer : { ...answer, headers: { ...headers, ...(answer as HttpAnswer).headers } };
}

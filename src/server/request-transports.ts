/** What GET, POST and DELETE requests mean to a connection: Server-Sent Events and Long Polling (TRANSPORTS §2, "Server routing"). */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { TransportName } from "../transports/transport.js";
import type { RegistrationState } from "./connection-registry.js";
import type { HttpAnswer } from "./http-answer.js";
import type { HubRuntime } from "./hub-runtime.js";
import { LongPollingConnection, NOTHING_YET } from "./long-polling-connection.js";
import type { ResolvedHubOptions } from "./options.js";
import { inUse, Refusal, unsupported } from "./refusal.js";
import type { ServerConnection } from "./server-connection.js";
import { ServerSentEventsConnection } from "./server-sent-events-connection.js";

/** A request from somebody who may make it, for a connection that exists. */
export interface ConnectionRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What the origin of the request adds to its answer. */
  readonly originHeaders: HttpAnswer["headers"];
  readonly runtime: HubRuntime;
  readonly state: RegistrationState;
  /** Opens the connection. */
  readonly connect: (link: ServerConnection) => void;
}

/**
 * Carries out a request.
 * @returns its answer; nothing when it has one already, or nobody waits for it.
 * @throws Refusal
 */
export function serveRequest(asked: ConnectionRequest): Promise<HttpAnswer> | HttpAnswer | undefined {
  const { request, response } = asked;
  if (response.headersSent || response.destroyed) return undefined;
  switch (request.method) {
    case "POST":
      return receive(asked);
    case "DELETE":
      return end(asked);
    default:
      return acceptsEvents(request.headers.accept) ? openStream(asked) : poll(asked);
  }
}

/**
 * A connection keeps the transport that it began with.
 * @returns what is open already, if anything.
 * @throws Refusal when it is another transport, or the hub does not offer it.
 */
export function openLinkOf(
  transport: TransportName,
  options: ResolvedHubOptions,
  state: RegistrationState | undefined,
): ServerConnection | undefined {
  if (!options.transports.includes(transport)) throw unsupported(transport);
  if (state?.kind !== "open") return undefined;
  if (state.link.transport !== transport) throw new Refusal(400, "Cannot change transports mid-connection");
  return state.link;
}

function openStream({ response, originHeaders, runtime, state, connect }: ConnectionRequest): undefined {
  if (openLinkOf("ServerSentEvents", runtime.options, state) !== undefined) throw inUse();
  // Pipelined behind another answer it would wait for its turn, and would never hear that the client is gone.
  if (response.socket === null) throw new Refusal(400, "A stream of events cannot wait behind another answer.");
  connect(new ServerSentEventsConnection(runtime, response, originHeaders));
}

function poll({ response, runtime, state, connect }: ConnectionRequest): Promise<HttpAnswer> | HttpAnswer {
  const link = openLinkOf("LongPolling", runtime.options, state);
  if (link instanceof LongPollingConnection) return link.poll(response);
  connect(new LongPollingConnection(runtime));
  return NOTHING_YET;
}

function receive({ request, state }: ConnectionRequest): Promise<HttpAnswer> {
  if (state.kind !== "open") throw new Refusal(400, "The connection is not open yet.");
  const { posts } = state.link;
  if (posts !== undefined) return posts.receive(request);
  throw new Refusal(405, "POST requests are not allowed for WebSocket connections.", { Allow: "GET" });
}

function end({ state }: ConnectionRequest): HttpAnswer {
  if (state.kind !== "open" || !(state.link instanceof LongPollingConnection)) {
    throw new Refusal(400, "Cannot terminate this connection using the DELETE endpoint.");
  }
  state.link.end();
  return { status: 202 };
}

function acceptsEvents(accept = ""): boolean {
  return accept.split(",").some((type) => /^\s*text\/event-stream\s*(;|$)/i.test(type));
}

/** Puts hubs in front of an HTTP server's own listeners: these hear nothing of what is the hubs', and everything else as before. */
import type { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { answerRequest, refuseUpgrade } from "./http-answer.js";

/** Takes what is its own; both say whether that was the case. */
export interface RequestTaker {
  /** For its `request` events. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean;
  /** For its `upgrade` events. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
}

/** The listeners of all hub servers: none of them counts as somebody who answers the rest. */
const refusers = new WeakSet<object>();

/**
 * Attaches to a server.
 * The events are taken where they are emitted, so the order in which listeners are added, before or after this, does not matter.
 * @returns a function that detaches.
 */
export function attachTo(server: EventEmitter, taker: RequestTaker): () => void {
  const emit = server.emit.bind(server);
  let isAttached = true;

  const intercept = (event: string | symbol, ...args: unknown[]): boolean => {
    return (isAttached && takes(taker, event, args)) || emit(event, ...args);
  };
  // Without a listener Node takes upgrade requests for ordinary ones. With this one they have to be refused, if nobody else does.
  const onUpgrade = (_request: IncomingMessage, socket: Duplex): void => {
    if (hasOthers(server, "upgrade")) return;
    socket.on("error", () => undefined);
    refuseUpgrade(socket, { status: 404 });
  };
  // A server that was made without a listener would never answer what is not the hubs'.
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (!hasOthers(server, "request") && !response.headersSent) answerRequest(request, response, { status: 404 });
  };
  refusers.add(onUpgrade).add(onRequest);
  server.emit = intercept;
  server.on("upgrade", onUpgrade);
  server.on("request", onRequest);

  return () => {
    isAttached = false;
    server.off("upgrade", onUpgrade);
    server.off("request", onRequest);
    if (server.emit === intercept) server.emit = emit; // unless somebody else has attached meanwhile
  };
}

function hasOthers(server: EventEmitter, event: string): boolean {
  return server.listeners(event).some((listener) => !refusers.has(listener));
}

function takes(taker: RequestTaker, event: string | symbol, args: readonly unknown[]): boolean {
  // Node's own signatures of these two events.
  if (event === "request") return taker.handleRequest(...(args as [IncomingMessage, ServerResponse]));
  if (event === "upgrade") return taker.handleUpgrade(...(args as [IncomingMessage, Duplex, Buffer]));
  return false;
}

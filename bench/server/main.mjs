// The minimal server that all clients are measured against: negotiate, Server-Sent Events and Long Polling on node:http,
// WebSockets on bare `ws`, one hub. Started by run.mjs as a process of its own; tells its address over the IPC channel
// (or prints it, alone).
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { eventChannel, PollChannel, webSocketChannel } from "./channels.mjs";
import { listen } from "../servers/listen.mjs";
import { Hub } from "./hub.mjs";

/**
 * A connection over HTTP.
 * @typedef {object} HttpConnection
 * @property {Hub} hub
 * @property {PollChannel | undefined} polls
 */

let connections = 0;
/** @type {Map<string, HttpConnection>} */
const open = new Map();

/** @param {import("node:http").ServerResponse} response */
function negotiate(response) {
  const id = String(++connections).padStart(22, "0");
  response.writeHead(200, { "content-type": "application/json" }).end(
    JSON.stringify({
      negotiateVersion: 1,
      connectionId: `id${id}`,
      connectionToken: `token${id}`,
      availableTransports: [
        { transport: "WebSockets", transferFormats: ["Text", "Binary"] },
        { transport: "ServerSentEvents", transferFormats: ["Text"] },
        { transport: "LongPolling", transferFormats: ["Text", "Binary"] },
      ],
    }),
  );
}

/**
 * @param {string} token
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
function subscribe(token, request, response) {
  if (request.headers.accept?.includes("text/event-stream")) {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache,no-store" });
    response.write(":\r\n\r\n");
    response.on("close", () => open.delete(token));
    open.set(token, { hub: new Hub(eventChannel(response)), polls: undefined });
    return;
  }
  let connection = open.get(token);
  if (connection === undefined) {
    const polls = new PollChannel();
    connection = { hub: new Hub(polls), polls };
    open.set(token, connection);
  }
  connection.polls?.take(response);
}

/**
 * @param {string} token
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
function takeIn(token, request, response) {
  /** @type {Buffer[]} */
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    response.writeHead(200, { "content-length": 0 }).end();
    if (chunks.length > 0) open.get(token)?.hub.receive(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
  });
}

const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
  const token = searchParams.get("id") ?? "";
  if (request.method !== "POST") request.resume();
  if (pathname === "/hub/negotiate") {
    request.resume();
    negotiate(response);
  } else if (request.method === "GET") {
    subscribe(token, request, response);
  } else if (request.method === "POST") {
    takeIn(token, request, response);
  } else {
    open.get(token)?.polls?.end();
    open.delete(token);
    response.writeHead(202).end();
  }
});

const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * 1024 * 1024 });
server.on("upgrade", (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (client) => {
    const hub = new Hub(webSocketChannel(socket));
    client.on("message", (data) => hub.receive(/** @type {Buffer} */ (data)));
    client.on("error", () => client.terminate());
  });
});

listen(server);

// The minimal server that all peers are measured against: negotiate on node:http, WebSockets on bare `ws`, one hub.
// Started by run.mjs as a process of its own; tells its address over the IPC channel (or prints it, alone).
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { Hub } from "./hub.mjs";

let connections = 0;

const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  if (request.method !== "POST" || !request.url?.startsWith("/hub/negotiate")) {
    response.writeHead(404).end();
    return;
  }
  request.resume();
  const id = String(++connections).padStart(22, "0");
  response.writeHead(200, { "content-type": "application/json" }).end(
    JSON.stringify({
      negotiateVersion: 1,
      connectionId: `id${id}`,
      connectionToken: `token${id}`,
      availableTransports: [{ transport: "WebSockets", transferFormats: ["Text", "Binary"] }],
    }),
  );
});

const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * 1024 * 1024 });
server.on("upgrade", (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (client) => {
    const hub = new Hub(socket);
    client.on("message", (data) => hub.receive(/** @type {Buffer} */ (data)));
    client.on("error", () => client.terminate());
  });
});

server.listen(0, "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const url = `http://127.0.0.1:${port}/hub`;
  if (process.send === undefined) console.log(url);
  else process.send({ url });
});
process.on("disconnect", () => process.exit());

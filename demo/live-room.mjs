// Puts the demo together: the page, the hub behind it, and the bot, all in this process.
import { once } from "node:events";
import { createServer } from "node:http";
import { JsonHubProtocol } from "hubwire";
import { MessagePackHubProtocol } from "hubwire/msgpack";
import { createHubServer } from "hubwire/server";
import { Bot } from "./bot.mjs";
import { Lines } from "./lines.mjs";
import { createPages, listen } from "./page-server.mjs";
import { RoomHub } from "./room/room-hub.mjs";
import { Room } from "./room/room.mjs";

const HUB = "/room";
/** How long visitors may stay away before they count as gone, in milliseconds: a closed tab that polled says no goodbye. */
const DISCONNECT_TIMEOUT = 5_000;
/** How long the end of the demo may wait for pages that do not answer, in milliseconds. */
const SHUTDOWN_TIMEOUT = 1_000;

/** Runs until the signal fires, then closes in order. `wire` says what the bot speaks. */
export async function startLiveRoom({ port, host, wire }, signal) {
  const room = new Room();
  const lines = new Lines();
  const hubs = createHubServer({
    shutdownTimeout: SHUTDOWN_TIMEOUT,
    protocols: [new JsonHubProtocol(), new MessagePackHubProtocol()],
  });
  hubs.mapHub(HUB, RoomHub, {
    // A hub object is made for each call; what they share is the room.
    createHub: () => new RoomHub(room, lines),
    allowStatefulReconnects: true,
    disconnectTimeout: DISCONNECT_TIMEOUT,
  });
  const server = serve(hubs, lines);

  const { addresses, own } = await listen(server, { port, host });
  console.log(`\nThe live room is open at ${addresses.join(" and ")}\n`);

  const bot = new Bot(own + HUB, wire);
  const ended = once(signal, "abort");
  await Promise.race([bot.start(), ended]);
  if (!signal.aborted) console.log("\nOpen the address above, in two tabs to chat with yourself. Ctrl+C ends it.\n");
  await ended;

  await bot.stop();
  await hubs.close();
  server.close();
  server.closeAllConnections();
  console.log("Closed.");
}

/** One server for the hub and the page. `attach` would do, but here the lines come first. */
function serve(hubs, lines) {
  const showPage = createPages();
  const server = createServer((request, response) => {
    if (!lines.admit(request, response)) return;
    if (!hubs.handleRequest(request, response)) showPage(request, response);
  });
  server.on("upgrade", (request, socket, head) => {
    if (!lines.admit(request, socket)) return;
    if (!hubs.handleUpgrade(request, socket, head)) socket.destroy();
  });
  return server;
}

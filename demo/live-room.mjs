// Puts the demo together: the page, the hub behind it, and the bot, all in this process.
import { once } from "node:events";
import { createHubServer } from "hubwire/server";
import { Bot } from "./bot.mjs";
import { createPageServer, listen } from "./page-server.mjs";
import { RoomHub } from "./room/room-hub.mjs";
import { Room } from "./room/room.mjs";

const HUB = "/room";
/** How long the end of the demo may wait for pages that do not answer, in milliseconds. */
const SHUTDOWN_TIMEOUT = 1_000;

/** Runs until the signal fires, then closes in order. */
export async function startLiveRoom({ port, host }, signal) {
  const room = new Room();
  const pages = createPageServer();
  const hubs = createHubServer({ shutdownTimeout: SHUTDOWN_TIMEOUT });
  // A hub object is made for each call; what they share is the room.
  hubs.mapHub(HUB, RoomHub, { createHub: () => new RoomHub(room) });
  hubs.attach(pages);

  const { addresses, own } = await listen(pages, { port, host });
  console.log(`\nThe live room is open at ${addresses.join(" and ")}\n`);

  const bot = new Bot(own + HUB);
  const ended = once(signal, "abort");
  await Promise.race([bot.start(), ended]);
  if (!signal.aborted) console.log("\nOpen the address above, in two tabs to chat with yourself. Ctrl+C ends it.\n");
  await ended;

  await bot.stop();
  await hubs.close();
  pages.close();
  pages.closeAllConnections();
  console.log("Closed.");
}

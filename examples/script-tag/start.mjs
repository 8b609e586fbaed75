// Starts the example: a hub that counts votes, the page, and the script-tag files of the build.
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import express from "express";
import { JsonHubProtocol } from "hubwire";
import { MessagePackHubProtocol } from "hubwire/msgpack";
import { createHubServer, Hub, HubError } from "hubwire/server";

const drinks = ["Tea", "Coffee", "Water"];
/** Who is here wants which drink, by the id of the connection. */
const votes = new Map();

function tally() {
  const chosen = [...votes.values()];
  return drinks.map((drink) => ({ drink, votes: chosen.filter((vote) => vote === drink).length }));
}

class PollHub extends Hub {
  async onConnected() {
    await this.clients.caller.send("Votes", tally());
  }

  async onDisconnected() {
    votes.delete(this.context.connectionId);
    await this.clients.all.send("Votes", tally());
  }

  async vote(drink) {
    if (!drinks.includes(drink)) throw new HubError("There is no such drink.");
    votes.set(this.context.connectionId, drink);
    await this.clients.all.send("Votes", tally());
  }
}

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const app = express();
app.get("/", (_request, response) => response.sendFile(file("index.html")));
for (const script of ["signalr.min.js", "signalr-protocol-msgpack.min.js"]) {
  app.get(`/${script}`, (_request, response) => response.sendFile(file(`../../dist/browser/${script}`)));
}

const hubs = createHubServer({ protocols: [new JsonHubProtocol(), new MessagePackHubProtocol()] });
hubs.mapHub("/poll", PollHub);
const server = hubs.attach(createServer(app));
server.listen(Number(process.env.PORT ?? 5083), "127.0.0.1", () => {
  console.log(`The poll is open at http://localhost:${server.address().port}`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, async () => {
    await hubs.close();
    server.close();
    server.closeAllConnections();
  });
}

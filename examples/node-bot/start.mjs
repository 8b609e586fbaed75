// Starts the example: a chat hub whose visitor is this terminal, and the bot in a process of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createHubServer, Hub, HubError } from "hubwire/server";

const LONGEST_COUNTDOWN = 100;
const visitors = new Set();

class ChatHub extends Hub {
  onConnected() {
    visitors.add(this.context.connectionId);
  }

  onDisconnected() {
    visitors.delete(this.context.connectionId);
  }

  async sendMessage(user, text) {
    console.log(`${user}: ${text}`);
    await this.clients.all.send("ReceiveMessage", user, text);
  }

  async *countdown(from) {
    if (!(from >= 0 && from <= LONGEST_COUNTDOWN)) throw new HubError(`I count from ${LONGEST_COUNTDOWN} at most.`);
    for (let number = from; number >= 0 && !this.signal.aborted; number--) yield number;
  }

  async sum(numbers) {
    let sum = 0;
    for await (const number of numbers) sum += number;
    return sum;
  }
}

const hubs = createHubServer();
hubs.mapHub("/chat", ChatHub);
const server = hubs.attach(createServer());
server.listen(Number(process.env.PORT ?? 5082), "127.0.0.1");
await once(server, "listening");
const url = `http://localhost:${server.address().port}/chat`;
console.log(`The hub is at ${url}. Type !help, or “status” to ask the bot how it is. Ctrl+C ends it.`);

const bot = spawn(process.execPath, [fileURLToPath(new URL("bot.mjs", import.meta.url)), url], {
  stdio: ["ignore", "inherit", "inherit"],
});

const terminal = createInterface({ input: process.stdin });
const { clients } = hubs.hub(ChatHub);
terminal.on("line", async (line) => {
  if (line !== "status") return clients.all.send("ReceiveMessage", "you", line);
  for (const id of visitors) {
    const answer = clients.client(id).invoke("GetStatus");
    console.log(await answer.then(JSON.stringify, (error) => `no status: ${error.message}`));
  }
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, async () => {
    terminal.close();
    bot.kill("SIGTERM");
    if (bot.exitCode === null && bot.signalCode === null) await once(bot, "exit");
    await hubs.close();
    server.close();
    server.closeAllConnections();
  });
}

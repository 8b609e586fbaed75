// Starts the example: a hub with prices, and the page, which is bundled when this starts. Prints what the hub sees.
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import express from "express";
import { createHubServer, Hub, HubError } from "hubwire/server";

const TICK_MS = 600;
const REMEMBERED = 40;
const markets = new Map([
  ["EUR", [92]],
  ["GBP", [79]],
  ["JPY", [147]],
]);
let connections = 0;
let trades = 0;

class PriceHub extends Hub {
  onConnected() {
    console.log(`connected, ${++connections} open`);
  }

  onDisconnected() {
    console.log(`disconnected, ${--connections} open`);
  }

  async *prices(currency) {
    const recent = market(currency);
    console.log(`stream of ${currency} begins`);
    while (!this.signal.aborted) {
      yield { price: recent.at(-1), recent };
      await pause(TICK_MS, undefined, { signal: this.signal }).catch(() => undefined);
    }
    console.log(`stream of ${currency} ends`);
  }

  async buy(currency) {
    const price = market(currency).at(-1);
    await this.clients.all.send("Traded", { id: ++trades, currency, price });
  }

  /** Breaks the line to the caller, as networks do. */
  drop() {
    this.context.request.socket.destroy();
  }
}

function market(currency) {
  const recent = markets.get(currency);
  if (recent === undefined) throw new HubError("There is no such currency.");
  return recent;
}

const clock = setInterval(() => {
  for (const recent of markets.values()) {
    recent.push(recent.at(-1) * (1 + (Math.random() - 0.5) / 100));
    if (recent.length > REMEMBERED) recent.shift();
  }
}, TICK_MS);

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const bundle = await build({
  entryPoints: [file("page.tsx")],
  bundle: true,
  write: false,
  format: "esm",
  // What you need of your own tsconfig; the one beside this file is for the repository's type check.
  tsconfigRaw: { compilerOptions: { jsx: "react-jsx" } },
});

const app = express();
app.get("/", (_request, response) => response.sendFile(file("index.html")));
app.get("/page.css", (_request, response) => response.sendFile(file("page.css")));
app.get("/page.js", (_request, response) => response.type("js").send(bundle.outputFiles[0].text));

const hubs = createHubServer();
hubs.mapHub("/prices", PriceHub);
const server = hubs.attach(createServer(app));
server.listen(Number(process.env.PORT ?? 5081), "127.0.0.1", () => {
  console.log(`Live prices are open at http://localhost:${server.address().port}`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, async () => {
    clearInterval(clock);
    await hubs.close();
    server.close();
    server.closeAllConnections();
  });
}

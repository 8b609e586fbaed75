// A hub server whose clients come and go; reports what is left of them, and of itself when it is closed, and then has nothing more to do.
import { areCollected, leftovers } from "./leftovers.mjs";
import { createServer } from "node:http";
import { createHubServer, Hub } from "../../../dist/node/server.mjs";

const references = [];
/** The promises of `gone` that wait for this many clients to have left. */
const waiting = [];
let [present, gone] = [0, 0];

class ComingHub extends Hub {
  onConnected() {
    present++;
    references.push(new WeakRef(this.context), new WeakRef(this));
    this.context.items.set("state", {});
    return this.groups.add(this.context.connectionId, "group");
  }

  onDisconnected() {
    present--;
    gone++;
    references.push(new WeakRef(this));
    for (const { count, resolve } of waiting) if (gone >= count) resolve();
  }

  ask(text) {
    return this.clients
      .group("group")
      .send("Told", text)
      .then(() => this.clients.caller.invoke("Answer", text));
  }

  async *endless() {
    for (let item = 0; !this.signal.aborted; item++) {
      yield item;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async sum(items) {
    let sum = 0;
    for await (const item of items) sum += item;
    return sum;
  }

  wait() {
    return new Promise((resolve) => this.signal.addEventListener("abort", () => resolve()));
  }
}

const hubs = createHubServer({ logger: null, shutdownTimeout: 500 });
hubs.mapHub("/hub", ComingHub, {
  allowStatefulReconnects: true,
  maximumParallelInvocationsPerClient: 4,
  disconnectTimeout: 500,
});
const http = hubs.attach(createServer());

const orders = {
  /** Waits until so many clients have left, and looks what is kept of them. */
  async look({ count }) {
    if (gone < count) await new Promise((resolve) => waiting.push({ count, resolve }));
    waiting.length = 0;
    process.send({ kind: "looked", present, collected: await areCollected(references) });
  },

  /** Closes everything, in order. */
  async close() {
    const closed = new Promise((resolve) => http.once("close", resolve));
    await hubs.close();
    http.close();
    http.closeAllConnections();
    await closed;
    const left = await leftovers();
    process.send({ kind: "closed", present, collected: await areCollected(references), ...left });
    process.disconnect();
  },
};
process.on("message", (order) => void orders[order.kind](order));
http.listen(0, "127.0.0.1", () => process.send({ kind: "listening", port: http.address().port }));

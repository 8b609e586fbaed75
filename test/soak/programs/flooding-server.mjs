// A hub that sends far more than its client reads, without waiting and with waiting; reports what that costs and how it ends.
import { createServer } from "node:http";
import { createHubServer, Hub } from "../../../dist/node/server.mjs";
import { usedBytes } from "./memory.mjs";

const OFFERED = 300_000;
const KILOBYTE = "x".repeat(1024);
/** So often the network gets a turn. */
const TURN = 1_000;

const turn = () => new Promise((resolve) => setImmediate(resolve));
const megabytes = (bytes) => Math.round(bytes / 1024 / 1024);

let isOver;

class FloodingHub extends Hub {
  async flood(waits) {
    const { caller } = this.clients;
    const before = await usedBytes();
    const errors = {};
    let [taken, largest] = [0, 0];
    const note = (error) => (errors[error.code] = (errors[error.code] ?? 0) + 1);
    for (let sent = 0; sent < OFFERED && !isOver; sent++) {
      const sending = caller.send("Item", sent, KILOBYTE).then(() => taken++, note);
      if (waits) await sending;
      if (sent % TURN === 0) await turn();
      if (sent % (TURN * 2) === 0) largest = Math.max(largest, await usedBytes());
    }
    largest = Math.max(largest, await usedBytes());
    process.send({ kind: "flooded", growth: megabytes(largest - before), taken, errors });
  }

  onDisconnected(error) {
    isOver = true;
    process.send({ kind: "disconnected", error: error?.message });
  }
}

const hubs = createHubServer({ logger: null });
hubs.mapHub("/hub", FloodingHub, { transportSendTimeout: 1_000, disconnectTimeout: 1_000, keepAliveInterval: 1_000 });
const http = hubs.attach(createServer());
http.listen(0, "127.0.0.1", () => process.send({ kind: "listening", port: http.address().port }));

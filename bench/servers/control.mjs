// What every server under test does for the benchmark: listens, tells its address, and accounts for itself when it is asked.
import { createServer } from "node:http";
import { listen } from "./listen.mjs";
import { settledMemory, collectGarbage } from "../harness/memory.mjs";

/** @type {NodeJS.CpuUsage} */
let before;

/** @param {(server: import("node:http").Server) => void} attach */
export function serve(attach) {
  const server = createServer({ keepAliveTimeout: 600_000 });
  attach(server);
  listen(server);
  process.on("SIGTERM", () => process.exit()); // so that a profile is written
  process.on("message", (/** @type {{ ask: string }} */ { ask }) => void answer(ask));
}

/** @param {string} ask */
async function answer(ask) {
  if (ask === "memory") {
    process.send?.(await settledMemory());
  } else if (ask === "begin") {
    collectGarbage();
    process.send?.({});
    before = process.cpuUsage();
  } else {
    const { user, system } = process.cpuUsage(before);
    process.send?.({ cpu: user + system });
  }
}

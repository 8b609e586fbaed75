// What every server under test does for the benchmark: listens, tells its address, and accounts for itself when it is asked.
import { createServer } from "node:http";
import { settledMemory, collectGarbage } from "../harness/memory.mjs";

/** @type {NodeJS.CpuUsage} */
let before;

/**
 * Alone, for profiling, a server prints its address.
 * @param {(server: import("node:http").Server) => void} attach
 */
export function serve(attach) {
  const server = createServer({ keepAliveTimeout: 600_000 });
  attach(server);
  server.listen(0, "127.0.0.1", () => {
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    const url = `http://127.0.0.1:${port}/hub`;
    if (process.send === undefined) console.log(url);
    else process.send({ url });
  });
  process.on("disconnect", () => process.exit());
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

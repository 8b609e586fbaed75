// A client that sends far more than its server takes, without waiting; reports what that costs, and how the sends end.
import { HttpTransportType, HubConnectionBuilder } from "../../../dist/node/index.mjs";
import { usedBytes } from "./memory.mjs";

const OFFERED = 150_000;
const KILOBYTE = "x".repeat(1024);
/** So often the network gets a turn. */
const TURN = 1_000;

const [url, transport] = process.argv.slice(2);
const turn = () => new Promise((resolve) => setImmediate(resolve));
const megabytes = (bytes) => Math.round(bytes / 1024 / 1024);

const options = { transport: HttpTransportType[transport], logger: null };
const connection = new HubConnectionBuilder().withUrl(url, options).build();
await connection.start();
await connection.invoke("Note", "the last that is read");

process.once("message", async () => {
  const before = await usedBytes();
  const errors = {};
  let largest = 0;
  for (let sent = 0; sent < OFFERED; sent++) {
    connection.send("Note", KILOBYTE).catch(({ code, limit }) => {
      const name = limit ? `${code} ${limit}` : code;
      errors[name] = (errors[name] ?? 0) + 1;
    });
    if (sent % TURN === 0) await turn();
    if (sent % (TURN * 100) === 0) largest = Math.max(largest, await usedBytes());
  }
  largest = Math.max(largest, await usedBytes());
  const refused = errors["limit-exceeded maximumWaitingSize"] ?? 0;
  const state = connection.state;
  await connection.stop();
  await turn();
  process.send({ kind: "flooded", growth: megabytes(largest - before), refused, state, errors: Object.keys(errors) });
  process.disconnect();
});
process.send({ kind: "connected" });

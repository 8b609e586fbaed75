// A client with a short server timeout, to be stopped and continued by signals; reports how long it stood still, and what became of it.
import { HttpTransportType, HubConnectionBuilder } from "../../../dist/node/index.mjs";

const [url, transport, serverTimeout] = process.argv.slice(2);

const connection = new HubConnectionBuilder()
  .withUrl(url, { transport: HttpTransportType[transport], logger: null })
  .withKeepAliveInterval(Number(serverTimeout) / 4)
  .withServerTimeout(Number(serverTimeout))
  .build();
connection.onclose((error) => process.send({ kind: "closed", code: error?.code }));

let [last, longestPauseMs] = [performance.now(), 0];
function measure() {
  const now = performance.now();
  longestPauseMs = Math.max(longestPauseMs, now - last);
  last = now;
}
let onTurn;
setInterval(() => {
  measure();
  onTurn?.();
}, 20);

/** Waits until timers have run so often. */
async function run(turns) {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => (onTurn = resolve));
}

process.on("message", async ({ turns }) => {
  if (turns !== undefined) {
    await run(turns);
    return process.send({ kind: "ran" });
  }
  const echo = await connection.invoke("Echo", "still here").catch((error) => error.code);
  measure();
  process.send({ kind: "answer", echo, longestPauseMs, state: connection.state });
});

await connection.start();
process.send({ kind: "connected" });

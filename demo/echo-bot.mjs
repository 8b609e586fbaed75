// `npm start -- --url …`: the bot in somebody's own hub. It repeats what it hears, through the two methods that the
// chat hubs of most tutorials have: the hub calls ReceiveMessage(user, text), the bot calls SendMessage(user, text).
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { HubConnectionBuilder } from "hubwire";
import { retryPolicy } from "./retry-policy.mjs";
import { explain, report } from "./terminal.mjs";
import { configureWire, wireInWords } from "./wire.mjs";

const NAME = "hubwire bot";
/** After the hub has ended the connection on purpose. */
const RETURN_DELAY_MS = 5_000;

/** Runs until the signal fires. `wire` is the transport and the encoding. */
export async function startEchoBot(url, wire, signal) {
  console.log(`\nThe bot goes to ${url}. Ctrl+C ends it.\n`);
  const connection = configureWire(new HubConnectionBuilder(), url, wire)
    .withAutomaticReconnect(retryPolicy)
    .configureLogging("none")
    .build();
  const say = (text) => {
    connection.invoke("SendMessage", NAME, text).then(
      () => report("bot", `SendMessage: ${text}`),
      (error) => report("bot", `could not call SendMessage: ${explain(error)}`),
    );
  };
  connection.on("ReceiveMessage", (user, text) => {
    // Most hubs send everything to everybody; what the bot said itself it must not repeat.
    if (user === NAME) return;
    report("hub", `ReceiveMessage: ${user}: ${text}`);
    say(`${user} said: ${text}`);
  });
  connection.onreconnecting((error) => report("bot", `lost its connection, reconnects: ${explain(error)}`));
  connection.onreconnected(() => report("bot", "is connected again"));
  connection.onclose(async (error) => {
    if (signal.aborted) return;
    report("bot", `was sent away: ${explain(error) || "the hub closed the connection"}`);
    await sleep(RETURN_DELAY_MS, signal);
    await connect();
  });
  const connect = async () => {
    if (!(await startPatiently(connection, signal))) return;
    report("bot", `is connected over ${wireInWords(connection, wire)}; its id is ${connection.connectionId}`);
    say("Hello! Whatever you say, I repeat.");
  };

  void connect();
  if (!signal.aborted) await once(signal, "abort");
  await connection.stop();
  console.log("Closed.");
}

/** Tries until it works, or until the signal fires; tells whether it worked. */
async function startPatiently(connection, signal) {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      await connection.start({ signal });
      return true;
    } catch (error) {
      if (signal.aborted) break;
      const delayMs = retryPolicy.nextRetryDelayInMilliseconds({ previousRetryCount: failures + 2 });
      report("bot", `cannot connect: ${explain(error)}; tries again in ${Math.round(delayMs / 1_000)} s`);
      await sleep(delayMs, signal);
    }
  }
  return false;
}

function sleep(ms, signal) {
  return pause(ms, undefined, { signal }).catch(() => undefined);
}

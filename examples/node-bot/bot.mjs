// A bot: `node bot.mjs http://localhost:5082/chat`. Listens to ReceiveMessage(user, text), answers with SendMessage(user, text).
// Stays connected whatever happens to the hub, until Ctrl+C or SIGTERM; then it says goodbye and ends with exit code 0.
import { setTimeout as pause } from "node:timers/promises";
import { HubConnectionBuilder } from "hubwire";

const NAME = "bot";
const DELAYS_MS = [500, 1_000, 2_000, 4_000, 8_000, 10_000]; // the last one for all attempts behind

const [url] = process.argv.slice(2);
if (url === undefined) throw new Error("Say where the hub is: node bot.mjs http://localhost:5082/chat");

const connection = new HubConnectionBuilder()
  .withUrl(url)
  .withAutomaticReconnect({ delays: DELAYS_MS, maxRetries: Infinity, retryStart: true, shouldRetry })
  .configureLogging("none") // it logs itself what matters
  .build();

let answered = 0;
const commands = {
  help: () => `I know ${Object.keys(commands).join(", ")}. Put an exclamation mark before it.`,
  time: () => `It is ${new Date().toISOString()}.`,
  /** A stream down: the hub counts, and the bot reads. */
  async countdown(from = "3") {
    const numbers = [];
    for await (const number of connection.stream("Countdown", Number(from))) numbers.push(number);
    return numbers.join(", ");
  },
  /** A stream up: the bot sends one number after the other, and the hub adds them up. */
  async sum(...numbers) {
    async function* upload() {
      for (const number of numbers) yield Number(number);
    }
    return `That makes ${await connection.invoke("Sum", upload())}.`;
  },
};

connection.on("ReceiveMessage", async (user, text) => {
  const [, name, rest] = /^!(\w+)\s*(.*)$/.exec(text) ?? [];
  if (user === NAME || name === undefined) return; // most hubs send everything to everybody, what the bot said too
  await say(Object.hasOwn(commands, name) ? await run(name, rest.split(/\s+/).filter(Boolean)) : "Try !help.");
  answered++;
});

/** A client result: the hub asks, and what the handler returns is the answer. */
connection.on("GetStatus", () => ({ name: NAME, answered }));

connection.onreconnecting((error) => console.log(`${NAME} lost its connection: ${error?.message ?? "the hub closes"}`));
connection.onreconnected(() => console.log(`${NAME} is connected again`));
connection.onclose(async (error) => {
  if (ending.signal.aborted) return;
  console.log(`${NAME} is not connected: ${error?.message ?? "the hub has sent it away"}`);
  await pause(DELAYS_MS[0], undefined, { signal: ending.signal }).catch(() => undefined); // a hub that refuses is not stormed
  await connect();
});

const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    ending.abort();
    connection.stop(); // nothing is left then, so the process ends
  });
}
await connect();

/** Connects, however long that takes. */
async function connect() {
  try {
    await connection.start({ signal: ending.signal });
    console.log(`${NAME} is connected over ${connection.transport}`);
    await say("Hello, I am a bot. Try !help.");
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  }
}

/** Is asked after every failure: another attempt may meet another hub. */
function shouldRetry(error) {
  if (connection.state !== "Connected") console.log(`${NAME} is not connected: ${error.message}`); // a loss is told by onreconnecting
  return true;
}

async function run(name, args) {
  try {
    return await commands[name](...args);
  } catch (error) {
    return `That did not work: ${error.message}`;
  }
}

/** What could not be said because the connection is gone is not missed. */
async function say(text) {
  await connection
    .send("SendMessage", NAME, text)
    .catch((error) => console.log(`${NAME} stays silent: ${error.message}`));
}

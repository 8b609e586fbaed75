// What the bot does first, for whoever watches the terminal: a call, a stream, and a reconnect.
import { report } from "./terminal.mjs";
import { wireInWords } from "./wire.mjs";

/** Takes a connection that was just started through all of it; settles when it is connected again. */
export async function giveTour(connection, wire) {
  report("bot", `is connected over ${wireInWords(connection, wire)}; its id is ${connection.connectionId}`);

  const limits = await connection.invoke("limits");
  report("bot", `invoked “limits”: messages have up to ${limits.text} characters, ${limits.history} are remembered`);

  const numbers = [];
  for await (const [, number] of connection.stream("pulse", 100)) {
    numbers.push(number);
    if (numbers.length === 5) break;
  }
  report("bot", `streamed five numbers: ${numbers.join(", ")}; leaving the loop ended the stream at the hub`);

  const reconnected = new Promise((resolve) => connection.onreconnected(() => resolve()));
  report("bot", "asks the hub to cut its connection, to show what happens then");
  // Over HTTP the request that asks for it is cut off as well.
  await connection.send("cut").catch(() => undefined);
  await reconnected;
}

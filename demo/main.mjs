// `npm start`: the live room with its bot, or with `--url` only the bot, in somebody's own hub. Ctrl+C ends either.
import { HELP, parseArguments } from "./arguments.mjs";
import { startEchoBot } from "./echo-bot.mjs";
import { startLiveRoom } from "./live-room.mjs";

/** What a shutdown may take before it is cut short. */
const SHUTDOWN_LIMIT_MS = 3_000;
const SAME_KEYSTROKE_MS = 300;

const { help, error, url, port, host, wire } = parseArguments(process.argv.slice(2));
if (error !== undefined) {
  console.error(`${error}\n\n${HELP}`);
  process.exitCode = 1;
} else if (help) {
  console.log(HELP);
} else {
  const controller = new AbortController();
  endOnSignal(controller);
  try {
    const { signal } = controller;
    await (url === undefined ? startLiveRoom({ port, host, wire }, signal) : startEchoBot(url, wire, signal));
  } catch (thrown) {
    console.error(thrown.message);
    process.exitCode = 1;
  }
  process.exit();
}

/** The first Ctrl+C ends the demo in order, another one at once. */
function endOnSignal(controller) {
  let firstAt;
  const end = () => {
    const now = performance.now();
    firstAt ??= now;
    // npm hands on what the terminal has sent already, so one Ctrl+C arrives twice.
    if (now - firstAt > SAME_KEYSTROKE_MS) process.exit(130);
    if (controller.signal.aborted) return;
    console.log("\nClosing …");
    controller.abort();
    setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS).unref();
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
}

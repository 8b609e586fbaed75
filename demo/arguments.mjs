// What can be said on the command line of the demo, and what is wrong with it if it cannot be understood.
import { parseArgs } from "node:util";
import { PROTOCOLS, TRANSPORTS } from "./wire.mjs";

export const HELP = `Usage: npm start [-- options]

Without options: opens the live room and prints the address of its page.

  --port <number>     the port to use (default: 5080, or a free one if that is taken; 0: any free one)
  --host <address>    the address to listen on (default: 127.0.0.1; 0.0.0.0 lets the phones in your network in)
  --url <address>     no room: only the bot, which talks to your own hub at this address
  --transport <name>  what the bot uses: ${listed(TRANSPORTS)} (default: the first that works)
  --protocol <name>   what it speaks: ${listed(PROTOCOLS)} (default: json)
  --help              this text

With --url the bot listens to ReceiveMessage(user, text) and answers with SendMessage(user, text),
as the chat hubs of most tutorials have them.`;

const options = {
  port: { type: "string" },
  host: { type: "string" },
  url: { type: "string" },
  transport: { type: "string" },
  protocol: { type: "string", default: "json" },
  help: { type: "boolean", short: "h", default: false },
};

/** Understands the arguments; `error` says in one line why they cannot be understood. */
export function parseArguments(list) {
  let values;
  try {
    ({ values } = parseArgs({ args: list, options }));
  } catch (thrown) {
    return { error: thrown.message.split(". ")[0] };
  }
  const { port, host, url, transport, protocol, help } = values;
  if (url !== undefined && (port !== undefined || host !== undefined)) {
    return { error: "--url starts no server, so --port and --host make no sense with it" };
  }
  if (url !== undefined && !isWebAddress(url)) return { error: `--url needs an http or https address, not '${url}'` };
  if (port !== undefined && !isPort(port)) return { error: `--port needs a number from 0 to 65535, not '${port}'` };
  if (transport !== undefined && !TRANSPORTS.includes(transport)) {
    return { error: `--transport needs ${listed(TRANSPORTS)}, not '${transport}'` };
  }
  if (!PROTOCOLS.includes(protocol)) return { error: `--protocol needs ${listed(PROTOCOLS)}, not '${protocol}'` };
  if (transport === "ServerSentEvents" && protocol === "messagepack") {
    return { error: "ServerSentEvents carry text only, so --protocol messagepack cannot go over them" };
  }
  const wire = { transport, protocol };
  return { help, url, host, wire, port: port === undefined ? undefined : Number(port) };
}

function listed(names) {
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

function isPort(text) {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
}

function isWebAddress(text) {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

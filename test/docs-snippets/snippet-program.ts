/** Puts the snippets of this folder into programs and pages; only the import and the address of the hub become other ones. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(__dirname, "../..");
const scripts = ["signalr.min.js", "signalr-protocol-msgpack.min.js"];

/** What each snippet prints, in order. The ones for pages or modules only are those of MessagePack. */
export const printed: Readonly<Record<string, readonly string[]>> = {
  chat: ["Ada says hello"],
  "start-again": ["SignalR Connected.", "SignalR Connected."],
  "call-hub": [
    "3",
    "for whoever asks",
    "null",
    "An unexpected error occurred invoking 'FailHub' on the server. HubException: Not this way.",
  ],
  reconnect: [
    'Connection lost due to error "object". Reconnecting.',
    "Connection reestablished. Connected with the new id: true.",
    'Connection closed due to error "undefined".',
  ],
  "reconnect-delays": ["Reconnected."],
  "reconnect-policy": ["Attempt 0, because of true", "Reconnected."],
  logging: ["true"],
  transports: ["WebSockets", "ServerSentEvents", "LongPolling", "WebSockets"],
  timeouts: ["60000 30000", "120000 60000"],
  token: ["ada", "for you alone"],
  "stream-down": ["1", "2", "3", "Stream completed"],
  "stream-cancel": ["Cancelled on the server"],
  "stream-up": ["1,2,3"],
  "client-results": ["client said: message"],
  groups: ["SignalR Users: hello"],
  handlers: ["first 1", "second 1", "second 2", "end"],
  state: ["Disconnected null", "Connecting", "true", "true", "Disconnected"],
  "stateful-reconnect": ["here"],
  "messagepack-page": ["3"],
  "messagepack-module": ["3"],
};

/** Where snippets run. */
export type Format = "esm" | "cjs" | "page";

/** Whether the server knows MessagePack: the real one needs a package for it, which is not part of the SDK. */
export type Encodings = "json" | "json and messagepack";

/** The snippets for a format and a server, with what they print. */
export function printedIn(format: Format, encodings: Encodings): Record<string, readonly string[]> {
  const own = encodings === "json" ? "" : `messagepack-${format === "page" ? "page" : "module"}`;
  return Object.fromEntries(Object.entries(printed).filter(([name]) => name === own || !/^messagepack/.test(name)));
}

/** An expression for a promise of everything that was printed, by snippet: they run one after the other. */
function snippets(format: Format, hubUrl: string, encodings: Encodings): string {
  const functions = Object.entries(printedIn(format, encodings)).map(([name, lines]) => {
    const text = readFileSync(join(__dirname, "snippets", `${name}.js`), "utf8");
    const body = text.replaceAll('"/chathub"', JSON.stringify(hubUrl));
    return `[${JSON.stringify(name)}, ${lines.length}, async (console) => {\n${body}\nreturn connection;\n}]`;
  });
  return `(${runAll.toString()})([${functions.join(",\n")}])`;
}

/** Runs in the program or page: it sees nothing of its surroundings here. Whatever a snippet prints ends up in the answer. */
async function runAll(
  all: [name: string, count: number, run: (console: object) => Promise<{ stop(): Promise<void> }>][],
): Promise<Record<string, string[]>> {
  const printedLines: Record<string, string[]> = {};
  for (const [name, count, run] of all) {
    const lines: string[] = [];
    let enough: () => void = () => undefined;
    const over = new Promise<void>((resolve) => (enough = resolve));
    const log = (...values: unknown[]) => {
      if (lines.push(values.map(String).join(" ")) >= count) enough();
    };
    const fail = (why: string) => {
      lines.push(why);
      enough();
    };
    const assert = (isRight: boolean) => isRight || fail("an assertion failed");
    const limit = setTimeout(() => fail("and nothing more for five seconds"), 5_000);
    const running = run({ log, error: log, assert });
    running.catch((thrown: unknown) => fail(`threw ${String(thrown)}`));
    await over;
    clearTimeout(limit);
    printedLines[name] = [...lines]; // what stopping prints belongs to nobody
    const stopped = running.then((connection) => connection.stop()).catch(() => undefined);
    if (lines.length === count) await stopped; // else it may hang
  }
  return printedLines;
}

/** Runs all snippets in a process of their own. @returns what they printed. */
export async function runInNode(format: "esm" | "cjs", hubUrl: string, encodings: Encodings): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), "hubwire-snippets-"));
  const file = (name: string) => JSON.stringify(join(root, `dist/node/${name}.${format === "esm" ? "mjs" : "cjs"}`));
  const imports =
    format === "esm"
      ? `import * as signalR from ${file("index")};\nimport * as signalRMsgPack from ${file("msgpack")};\n`
      : `const signalR = require(${file("index")});\nconst signalRMsgPack = require(${file("msgpack")});\n`;
  const end = `.then((printed) => { process.stdout.write(JSON.stringify(printed), () => process.exit()); });\n`;
  try {
    const program = join(folder, format === "esm" ? "program.mjs" : "program.cjs");
    await writeFile(program, imports + snippets(format, hubUrl, encodings) + end);
    const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 30_000 });
    return JSON.parse(stdout.slice(stdout.lastIndexOf("\n") + 1)) as unknown;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The files of a page that runs all snippets, by path; `window.printed` is the promise of what they print. */
export function pageFiles(
  hubPath: string,
  encodings: Encodings,
): Map<string, { readonly type: string; readonly content: string | Buffer }> {
  const files = new Map<string, { type: string; content: string | Buffer }>();
  for (const name of scripts) {
    files.set(`/lib/${name}`, { type: "text/javascript", content: readFileSync(join(root, "dist/browser", name)) });
  }
  const tags = scripts.map((name) => `<script src="/lib/${name}"></script>`).join("");
  const script = `<script>\nwindow.printed = ${snippets("page", hubPath, encodings)};\n</script>`;
  const content = `<!doctype html><link rel="icon" href="data:,">${tags}${script}`;
  return files.set("/", { type: "text/html; charset=utf-8", content });
}

// `npm run size`: what the built browser client costs a page, minified and compressed, against its limits and targets.
// `npm run size -- --modules` shows what each module contributes to the whole, to find where a budget went; `npm run size -- --parts`
// what each part adds to the smallest application, for docs/bundle-size.md.
import { readFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { prepare, root } from "./prepare.mjs";

const client = `export * from "hubwire";`;

/**
 * An application that needs no more than WebSockets and JSON: it connects directly, without a negotiation. What it does not use should be
 * left out of its bundle.
 */
const smallApplication = application([], "");

const msgpack = `export * from "hubwire/msgpack";`;

/**
 * Gzip bytes. The limit is what the last release cost and a little more: a change that goes over it fails. The target is where the
 * project wants to be; it becomes the limit when it is reached.
 */
const rows = [
  { name: "whole client", limit: 27_800, target: 9_500, code: () => bundle(client) },
  { name: "WebSockets + JSON only", limit: 12_700, target: 6_500, code: () => bundle(smallApplication) },
  {
    name: "signalr.min.js", // for browsers of 2020, so it is allowed 5 % more
    limit: 28_600,
    target: 9_975,
    code: () => readFileSync(path.join(root, "dist/browser/signalr.min.js")),
  },
  {
    name: "MessagePack add-on", // what it adds to a page that has the client
    limit: 5_600,
    target: 7_200,
    code: () => bundle(`${client} ${msgpack}`),
    without: () => bundle(client),
  },
  {
    name: "…-msgpack.min.js",
    limit: 6_700,
    target: 7_560,
    code: () => readFileSync(path.join(root, "dist/browser/signalr-protocol-msgpack.min.js")),
  },
];

/** What docs/bundle-size.md tells the cost of: a name to import, the options that it takes, and the transports beside WebSockets. */
const parts = [
  ["streams", "streams"],
  ["negotiation", "negotiation"],
  ["serverSentEvents", "negotiation", "serverSentEvents"],
  ["longPolling", "negotiation", "longPolling"],
  ["automaticReconnect", "reconnect: automaticReconnect()"],
  ["statefulReconnect", "negotiation, statefulReconnect: statefulReconnect()"],
  ["authenticationRefresh", "negotiation, authenticationRefresh: authenticationRefresh()"],
  ["configurableCalls", "calls: configurableCalls"],
  ["waitingCalls", "calls: waitingCalls()"],
  ["serialHandlers", "serialHandlers: serialHandlers()"],
];

function verdict(gzip, limit, target) {
  if (gzip > limit) return "TOO LARGE";
  return gzip <= target ? "ok" : "ok, over its target";
}

async function bundle(contents) {
  const { outputFiles } = await buildAsApplication(contents, "dist/browser/index.mjs", "dist/browser/msgpack.mjs");
  return outputFiles[0].contents;
}

/** An application over WebSockets with some parts. */
function application(imports, options, ...transports) {
  return `
    import { ${["createHubConnection", "webSockets", ...imports].join(", ")} } from "hubwire";
    export const connection = createHubConnection("/hub", { transports: [${["webSockets", ...transports].join(", ")}], ${options} });`;
}

function buildAsApplication(contents, hubwire, hubwireMsgpack) {
  return build({
    stdin: { contents, resolveDir: root },
    alias: { hubwire: path.join(root, hubwire), "hubwire/msgpack": path.join(root, hubwireMsgpack) },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    legalComments: "none",
    metafile: true,
  });
}

async function showModules() {
  const { metafile } = await buildAsApplication(`${client} ${msgpack}`, "src/index.browser.ts", "src/msgpack.ts");
  const modules = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  for (const [file, { bytesInOutput }] of modules.sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)) {
    console.log(`${number(bytesInOutput)}  ${path.relative(root, path.resolve(file))}`);
  }
}

/** What each part adds to the smallest application, or to one that negotiates where the part needs that. */
async function showParts() {
  const cost = async (code) => measure(await bundle(code))[1];
  const smallest = await cost(application([], ""));
  const negotiating = await cost(application(["negotiation"], "negotiation"));
  for (const [name, options, ...transports] of parts) {
    const isNegotiating = options.startsWith("negotiation") && name !== "negotiation";
    const whole = await cost(application(isNegotiating ? ["negotiation", name] : [name], options, ...transports));
    console.log(`${number(whole - (isNegotiating ? negotiating : smallest))}  ${name}`);
  }
}

/** Raw, gzip and brotli. */
function measure(bytes) {
  return [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
}

prepare();
const number = (value) => value.toLocaleString("en").padStart(8);
console.log(`${"bytes".padEnd(24)}     raw     gzip   brotli   limit   target (gzip)`);
for (const { name, limit, target, code, without } of rows) {
  const whole = measure(await code());
  const base = without && measure(await without());
  const sizes = base ? whole.map((size, index) => size - base[index]) : whole;
  const [, gzip] = sizes;
  const columns = [...sizes, limit, target].map(number).join(" ");
  console.log(`${name.padEnd(24)}${columns}   ${verdict(gzip, limit, target)}`);
  if (gzip > limit) process.exitCode = 1;
}
if (process.argv.includes("--modules")) await showModules();
if (process.argv.includes("--parts")) await showParts();

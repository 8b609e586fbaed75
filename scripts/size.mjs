// `npm run size`: what the built browser client costs a page, minified and compressed, against its budgets.
// `npm run size -- --modules` shows what each module contributes to the whole, to find where a budget went.
import { readFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { prepare, root } from "./prepare.mjs";

/** An application that needs no more than WebSockets and JSON. What it does not use should be left out of its bundle. */
const smallApplication = `
  import { HttpTransportType, HubConnectionBuilder } from "hubwire";
  const url = { transport: HttpTransportType.WebSockets };
  export const connection = new HubConnectionBuilder().withUrl("/hub", url).build();
`;

/** Budgets are gzip bytes. */
const rows = [
  { name: "whole client", budget: 9_500, code: () => bundle(`export * from "hubwire";`) },
  { name: "WebSockets + JSON only", budget: 6_500, code: () => bundle(smallApplication) },
  // Written for browsers of 2020, so it is allowed 5 % more.
  { name: "signalr.min.js", budget: 9_975, code: () => readFileSync(path.join(root, "dist/browser/signalr.min.js")) },
];

async function bundle(contents) {
  const { outputFiles } = await buildAsApplication(contents, "dist/browser/index.mjs");
  return outputFiles[0].contents;
}

function buildAsApplication(contents, hubwire) {
  return build({
    stdin: { contents, resolveDir: root },
    alias: { hubwire: path.join(root, hubwire) },
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
  const { metafile } = await buildAsApplication(`export * from "hubwire";`, "src/index.browser.ts");
  const modules = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  for (const [file, { bytesInOutput }] of modules.sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)) {
    console.log(`${number(bytesInOutput)}  ${path.relative(root, path.resolve(file))}`);
  }
}

prepare();
const number = (value) => value.toLocaleString("en").padStart(8);
console.log(`${"bytes".padEnd(24)}     raw     gzip   brotli   budget (gzip)`);
for (const { name, budget, code } of rows) {
  const bytes = await code();
  const gzip = gzipSync(bytes, { level: 9 }).length;
  const columns = [bytes.length, gzip, brotliCompressSync(bytes).length, budget].map(number).join(" ");
  console.log(`${name.padEnd(24)}${columns}   ${gzip <= budget ? "ok" : "TOO LARGE"}`);
  if (gzip > budget) process.exitCode = 1;
}
if (process.argv.includes("--modules")) await showModules();

// `npm run bench`: measures every row for the limit, the official client and hubwire in one run and prints the ratios.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { chooseCores } from "./harness/cores.mjs";
import { Child } from "./harness/child.mjs";
import { measureRow } from "./harness/measure-row.mjs";
import { readOptions, usage } from "./harness/options.mjs";
import { replaceReport } from "./harness/report.mjs";
import { markdownTable, textHead, textRow, verdict } from "./harness/table.mjs";
import { loadPeer, peerNames } from "./peers/index.mjs";
import { rows } from "./rows/index.mjs";

/** @typedef {import("./harness/measure-row.mjs").RowResult} RowResult */

const options = readOptions(process.argv.slice(2));
const chosenRows = rows.filter(({ name }) => options.rows.test(name));

if (options.help) console.log(usage);
else if (options.list) console.log(chosenRows.map(({ name }) => name).join("\n"));
else await main();

async function main() {
  if (chosenRows.length === 0) throw new Error("No row matches --rows");
  const { peers, versions } = await choosePeers();
  const cores = chooseCoresOf();
  const header = describeRun(versions, cores);
  console.log(`${header}\n\n${textHead()}`);

  const server = new Child("server/main.mjs", [], { core: cores?.server, name: "server" });
  /** @type {RowResult[]} */
  const results = [];
  try {
    const { url } = await server.next();
    for (const row of chosenRows) {
      const result = await measureRow(row, { ...options, url, peers, core: cores?.client });
      results.push(result);
      console.log(textRow(result));
    }
  } finally {
    await server.stop();
  }
  report(header, results);
}

/** The limit first, then what was asked for, or all that can be loaded. */
async function choosePeers() {
  const peers = [];
  const versions = [];
  for (const name of peerNames) {
    if (name !== "limit" && options.peers !== undefined && !options.peers.includes(name)) continue;
    try {
      versions.push((await loadPeer(name)).version);
      peers.push(name);
    } catch (error) {
      if (options.peers?.includes(name) || name === "limit") throw error;
      console.log(`Without ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { peers, versions };
}

function chooseCoresOf() {
  const chosen = options.pin ? chooseCores() : undefined;
  if (chosen === undefined) return undefined;
  return { server: options.serverCore ?? chosen.server, client: options.clientCore ?? chosen.client };
}

/**
 * @param {string[]} versions
 * @param {import("./harness/cores.mjs").Cores | undefined} cores
 */
function describeRun(versions, cores) {
  const place = cores === undefined ? "not pinned" : `server on core ${cores.server}, client on core ${cores.client}`;
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, Node ${process.versions.node}, ${cpus()[0]?.model ?? "unknown processor"}; ${versions.join(", ")}; ${place}; ${options.rounds} rounds.`;
}

/**
 * @param {string} header
 * @param {RowResult[]} results
 */
function report(header, results) {
  const missed = results.filter((result) => verdict(result) === "MISS");
  const judged = results.filter((result) => verdict(result) !== "");
  if (judged.length > 0) console.log(`\n${judged.length - missed.length} of ${judged.length} targets met.`);
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify({ header, results }, undefined, 2) + "\n");
  if (options.markdown !== undefined) replaceReport(options.markdown, `${header}\n\n${markdownTable(results)}`);
}

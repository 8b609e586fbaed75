// `npm run bench`: measures every row for the limit, the official client and hubwire in one run, prints the ratios,
// and puts them into a document if it is asked to.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { chooseCores } from "./harness/cores.mjs";
import { Child } from "./harness/child.mjs";
import { measureRow } from "./harness/measure-row.mjs";
import { readOptions, usage } from "./harness/options.mjs";
import { replaceReport } from "./harness/report.mjs";
import { markdownTable, textHead, textRow, verdict } from "./harness/table.mjs";
import { loadPeer, peerNames } from "./peers/index.mjs";
import { clientRows, serverRows } from "./rows/index.mjs";

/** @typedef {import("./harness/measure-row.mjs").RowResult} RowResult */
/** @typedef {import("./harness/cores.mjs").Cores} Cores */

const options = readOptions(process.argv.slice(2));
const clients = clientRows.filter(({ name }) => options.rows.test(name));
const servers = serverRows.filter(({ name }) => options.rows.test(name));

if (options.help) console.log(usage);
else if (options.list) console.log([...clients, ...servers].map(({ name }) => name).join("\n"));
else await main();

async function main() {
  if (clients.length + servers.length === 0) throw new Error("No row matches --rows");
  const { peers, versions } = await choosePeers();
  const cores = chooseCoresOf();
  const header = describeRun(versions, cores);
  console.log(`${header}\n\n${textHead()}`);
  const ofClients = clients.length === 0 ? [] : await measureClients(peers, cores);
  const ofServers = servers.length === 0 ? [] : await measureServers(peers, cores);
  report(header, ofClients, ofServers);
}

/**
 * @param {string[]} peers
 * @param {Cores | undefined} cores
 */
async function measureClients(peers, cores) {
  const server = new Child("server/main.mjs", [], { core: cores?.server, name: "server" });
  try {
    const { url } = await server.next();
    return await measureRows(clients, peers, (peer, row) => {
      return new Child("client.mjs", [peer, row, url], { core: cores?.client, name: peer, nodeFlags: ["--expose-gc"] });
    });
  } finally {
    await server.stop();
  }
}

/**
 * @param {string[]} peers
 * @param {Cores | undefined} cores
 */
async function measureServers(peers, cores) {
  /** @type {Record<string, string>} */
  const env = cores === undefined ? {} : { BENCH_SERVER_CORE: String(cores.server) };
  const withServers = peers.filter((peer) => peer !== "official");
  return await measureRows(servers, withServers, (peer, row) => {
    const name = `the load on the server ${peer}`;
    return new Child("load.mjs", [peer, row], { core: cores?.client, name, nodeFlags: ["--expose-gc"], env });
  });
}

/**
 * @param {import("./types.mjs").RowFacts[]} rows
 * @param {string[]} peers
 * @param {(peer: string, row: string) => Child} start
 */
async function measureRows(rows, peers, start) {
  /** @type {RowResult[]} */
  const results = [];
  for (const row of rows) {
    const result = await measureRow(row, { ...options, peers, start });
    results.push(result);
    console.log(textRow(result));
    for (const [peer, reason] of Object.entries(result.missing)) console.log(`  ${peer} is not available: ${reason}`);
  }
  return results;
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
 * @param {Cores | undefined} cores
 */
function describeRun(versions, cores) {
  const place = cores === undefined ? "not pinned" : `server on core ${cores.server}, client on core ${cores.client}`;
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, Node ${process.versions.node}, ${cpus()[0]?.model ?? "unknown processor"}; ${versions.join(", ")}; ${place}; ${options.rounds} rounds.`;
}

/**
 * @param {string} header
 * @param {RowResult[]} ofClients
 * @param {RowResult[]} ofServers
 */
function report(header, ofClients, ofServers) {
  const results = [...ofClients, ...ofServers];
  const missed = results.filter((result) => verdict(result) === "MISS");
  const judged = results.filter((result) => verdict(result) !== "");
  if (judged.length > 0) console.log(`\n${judged.length - missed.length} of ${judged.length} targets met.`);
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify({ header, results }, undefined, 2) + "\n");
  if (options.markdown === undefined) return;
  const tables = [
    ...(ofClients.length > 0 ? [`The client:\n\n${markdownTable(ofClients)}`] : []),
    ...(ofServers.length > 0 ? [`The server, processor time per operation:\n\n${markdownTable(ofServers)}`] : []),
  ];
  replaceReport(options.markdown, [header, ...tables].join("\n\n"));
}

// Measures one row for all peers: alternating rounds in fresh processes, paired ratios to the limit. Used by run.mjs.
import { median, pairedRatio } from "./statistics.mjs";

/** @typedef {import("./child.mjs").Child} Child */
/** @typedef {import("../types.mjs").Sample} Sample */

/**
 * @typedef {object} Plan
 * @property {(peer: string, row: string) => Child} start starts a process that does rounds of a row for a peer
 * @property {string[]} peers names; the first is the limit
 * @property {number} rounds measured rounds of each peer
 * @property {number} generations processes of each peer that the rounds are spread over: where the compiler and the
 *   allocator happen to put things differs from process to process
 * @property {number} warmupMs how long each process runs rounds that are thrown away, two rounds at least
 */

/**
 * @typedef {object} PeerResult
 * @property {number} value median, in the row's unit
 * @property {number} [cpu] median, µs
 * @property {number} ratio to the limit
 * @property {number} [cpuRatio]
 */

/**
 * @typedef {object} RowResult
 * @property {import("../types.mjs").RowFacts} row
 * @property {Record<string, PeerResult>} peers
 * @property {{ ratio: number, cpuRatio?: number }} noise the limit in its second process against itself
 * @property {Record<string, Sample[]>} samples round by round
 * @property {Record<string, string>} missing peers that cannot do this, and what they say
 */

/** The limit again, in a process of its own: how far apart two measurements of the same thing are. */
const again = "again";

/**
 * @param {import("../types.mjs").RowFacts} row
 * @param {Plan} plan
 * @returns {Promise<RowResult>}
 */
export async function measureRow(row, plan) {
  // The limit stands twice in the circle, so that every peer has it for a neighbour.
  const [limit, first, ...others] = plan.peers;
  const columns = first === undefined ? [limit, again] : [limit, first, again, ...others];
  /** @type {Map<string, Sample[]>} */
  const samples = new Map(columns.map((column) => [column, []]));
  const rounds = Math.min(plan.rounds, row.rounds ?? Infinity);
  const generations = row.freshProcess ? rounds : Math.min(plan.generations, rounds);
  /** @type {Record<string, string>} */
  const missing = {};
  let round = 0;
  for (let generation = 0; generation < generations; generation++) {
    const until = Math.round(((generation + 1) * rounds) / generations);
    const present = columns.filter((column) => !(column in missing));
    const clients = await startClients(row, present, plan);
    try {
      if (!row.freshProcess) await warmUp(clients, plan, missing);
      const able = [...clients.keys()];
      for (; round < until; round++) {
        for (const column of rotate(able, round)) {
          samples.get(column)?.push(await /** @type {Child} */ (clients.get(column)).request({}));
        }
      }
    } finally {
      await Promise.all([...clients.values()].map((client) => client.stop()));
    }
  }
  const able = plan.peers.filter((peer) => !(peer in missing));
  return { ...summarize(row, able, samples), missing };
}

/**
 * @param {import("../types.mjs").RowFacts} row
 * @param {string[]} columns
 * @param {Plan} plan
 */
async function startClients(row, columns, { start, peers }) {
  /** @type {Map<string, Child>} */
  const clients = new Map();
  for (const column of columns) {
    const client = start(column === again ? peers[0] : column, row.name);
    clients.set(column, client);
    await client.next();
  }
  return clients;
}

/**
 * Leaves out the clients that cannot do what the row is about.
 * @param {Map<string, Child>} clients
 * @param {Plan} plan
 * @param {Record<string, string>} missing
 */
async function warmUp(clients, { warmupMs }, missing) {
  for (const [column, client] of clients) {
    const until = performance.now() + warmupMs;
    for (let round = 0; round < 2 || performance.now() < until; round++) {
      const { notAvailable } = await client.request({});
      if (notAvailable === undefined) continue;
      missing[column] = notAvailable;
      clients.delete(column);
      await client.stop();
      break;
    }
  }
}

/**
 * Every peer comes first, second, … equally often.
 * @param {string[]} columns
 * @param {number} by
 */
function rotate(columns, by) {
  const first = by % columns.length;
  return [...columns.slice(first), ...columns.slice(0, first)];
}

/**
 * @param {import("../types.mjs").RowFacts} row
 * @param {string[]} peers
 * @param {Map<string, Sample[]>} samples
 * @returns {Omit<RowResult, "missing">}
 */
function summarize(row, peers, samples) {
  const base = averages(samples.get(peers[0]) ?? [], samples.get(again) ?? []);
  /** @param {string} column */
  const result = (column) => {
    const own = samples.get(column) ?? [];
    return { value: median(own.map(valueOf)), cpu: medianCpu(own), ...ratios(own, base) };
  };
  return {
    row,
    peers: Object.fromEntries(peers.map((peer) => [peer, result(peer)])),
    noise: ratios(samples.get(again) ?? [], samples.get(peers[0]) ?? []),
    samples: Object.fromEntries(samples),
  };
}

/**
 * @param {Sample[]} own
 * @param {Sample[]} base
 */
function ratios(own, base) {
  const ratio = pairedRatio(own.map(valueOf), base.map(valueOf));
  return own.some(({ cpu }) => cpu === undefined)
    ? { ratio }
    : { ratio, cpuRatio: pairedRatio(own.map(cpuOf), base.map(cpuOf)) };
}

/** @param {Sample[]} samples */
function medianCpu(samples) {
  return samples.some(({ cpu }) => cpu === undefined) ? undefined : median(samples.map(cpuOf));
}

/**
 * The limit of each round: the mean of its two measurements.
 * @param {Sample[]} one
 * @param {Sample[]} other
 * @returns {Sample[]}
 */
function averages(one, other) {
  return one.map((sample, round) => ({
    value: (sample.value + other[round].value) / 2,
    cpu: sample.cpu === undefined ? undefined : (sample.cpu + cpuOf(other[round])) / 2,
  }));
}

/** @param {Sample} sample */
const valueOf = ({ value }) => value;

/** @param {Sample} sample */
const cpuOf = ({ cpu }) => cpu ?? NaN;

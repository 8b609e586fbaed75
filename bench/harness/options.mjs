// Reads the command line of run.mjs.
import { parseArgs } from "node:util";

export const usage = `npm run bench -- [options]
  --rows <regex>       only rows whose name matches, e.g. ^server or MessagePack
  --peers <names>      of official,hubwire; the limit is always there
  --rounds <n>         measured rounds of each peer and row (default 48)
  --quick              10 rounds in one process per peer: for a first look, not for decisions
  --server-core <n>, --client-core <n>   instead of the last two cores
  --no-pin             let the system place the processes
  --json <file>        write all results
  --markdown <file>    put the tables between the bench marks of this file, e.g. docs/performance.md
  --list               print the rows' names`;

/**
 * @typedef {object} Options
 * @property {RegExp} rows
 * @property {string[] | undefined} peers
 * @property {number} rounds
 * @property {number} generations
 * @property {number} warmupMs
 * @property {boolean} pin
 * @property {number | undefined} serverCore
 * @property {number | undefined} clientCore
 * @property {string | undefined} json
 * @property {string | undefined} markdown
 * @property {boolean} list
 * @property {boolean} help
 */

/**
 * @param {string[]} args
 * @returns {Options}
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      rows: { type: "string", default: "" },
      peers: { type: "string" },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      pin: { type: "boolean", default: true },
      "server-core": { type: "string" },
      "client-core": { type: "string" },
      json: { type: "string" },
      markdown: { type: "string" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return {
    rows: new RegExp(values.rows, "i"),
    peers: values.peers?.split(","),
    rounds: wholeNumber("rounds", values.rounds) ?? (values.quick ? 10 : 48),
    generations: values.quick ? 1 : 4,
    warmupMs: values.quick ? 300 : 800,
    pin: values.pin,
    serverCore: wholeNumber("server-core", values["server-core"]),
    clientCore: wholeNumber("client-core", values["client-core"]),
    json: values.json,
    markdown: values.markdown,
    list: values.list,
    help: values.help,
  };
}

/**
 * @param {string} name
 * @param {string | undefined} text
 */
function wholeNumber(name, text) {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new Error(`--${name} takes a whole number`);
  return Number(text);
}

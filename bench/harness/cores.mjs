// Chooses the processor cores that the server and the client under test are pinned to. Used by run.mjs.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * @typedef {object} Cores
 * @property {number} server
 * @property {number} client
 */

/**
 * Two cores that share no execution units, from the far end: other work tends to sit on the first ones.
 * @returns {Cores | undefined} undefined when this system cannot pin or has too few cores
 */
export function chooseCores() {
  const allowed = allowedCores();
  const client = allowed.at(-1);
  const server = allowed.findLast((core) => core !== client && !siblings(client ?? core).includes(core));
  return client === undefined || server === undefined ? undefined : { server, client };
}

function allowedCores() {
  try {
    const text = execFileSync("taskset", ["-pc", String(process.pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return expandList(text.slice(text.lastIndexOf(":") + 1));
  } catch {
    return [];
  }
}

/** @param {number} core */
function siblings(core) {
  try {
    return expandList(readFileSync(`/sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`, "utf8"));
  } catch {
    return [];
  }
}

/** @param {string} text such as `0-3,8` */
export function expandList(text) {
  return text
    .trim()
    .split(",")
    .flatMap((part) => {
      const [first, last = first] = part.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
    });
}

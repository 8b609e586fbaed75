// Writes the last tables into docs/performance.md, between two marks, so that the prose around it stays. Used by run.mjs.
import { readFileSync, writeFileSync } from "node:fs";

const begin = "<!-- bench: begin -->";
const end = "<!-- bench: end -->";

/**
 * @param {string} path
 * @param {string} text
 */
export function replaceReport(path, text) {
  const old = readFileSync(path, "utf8");
  const from = old.indexOf(begin);
  const to = old.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${path} lacks the marks ${begin} and ${end}`);
  writeFileSync(path, `${old.slice(0, from + begin.length)}\n\n${text}\n\n${old.slice(to)}`);
}

// Puts results into a table, for the terminal and for Markdown. Used by run.mjs.

/** @typedef {import("./measure-row.mjs").RowResult} RowResult */

/**
 * `ok` up to the target; the second decimal decides, as it is what the table shows.
 * @param {RowResult} result
 */
export function verdict({ row, peers }) {
  if (peers.hubwire === undefined) return "";
  return Math.round(peers.hubwire.ratio * 100) <= Math.round(row.target * 100) ? "ok" : "MISS";
}

/**
 * @param {RowResult} result
 * @param {string} name
 */
function ratioCell({ peers, missing }, name) {
  const peer = peers[name];
  if (peer === undefined) return name in missing ? "not available" : "-";
  return ratioText(peer.ratio, peer.cpuRatio);
}

/**
 * @param {number} ratio
 * @param {number | undefined} cpuRatio
 */
function ratioText(ratio, cpuRatio) {
  return cpuRatio === undefined ? ratio.toFixed(2) : `${ratio.toFixed(2)} (cpu ${cpuRatio.toFixed(2)})`;
}

/** @param {number} value */
function limitText(value) {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

const head = ["operation", "limit", "official / limit", "hubwire / limit", "target", "", "noise"];

/** @param {RowResult} result */
function cells(result) {
  const { row, peers, noise } = result;
  return [
    row.name,
    `${limitText(peers.limit.value)} ${row.unit}`,
    ratioCell(result, "official"),
    ratioCell(result, "hubwire"),
    row.target.toFixed(2),
    verdict(result),
    ratioText(noise.ratio, noise.cpuRatio),
  ];
}

/** For lines that are printed as results come: widths do not depend on them. */
const widths = [52, 10, 19, 19, 7, 5, 18];

export function textHead() {
  return textLine(head);
}

/** @param {RowResult} result */
export function textRow(result) {
  return textLine(cells(result));
}

/** @param {string[]} columns */
function textLine(columns) {
  return columns.map((text, index) => (index === 0 ? text.padEnd(widths[0]) : text.padStart(widths[index]))).join(" ");
}

/** Without the columns that are empty. @param {RowResult[]} results */
export function markdownTable(results) {
  const rows = results.map(cells);
  const used = head.map((_, index) => rows.some((row) => row[index] !== "-"));
  const lines = [head, head.map((_, index) => (index === 0 ? "---" : "---:")), ...rows];
  return lines.map((columns) => `| ${columns.filter((_, index) => used[index]).join(" | ")} |`).join("\n");
}

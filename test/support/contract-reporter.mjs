// A jest reporter that makes the matrix of the contract suite: what ran with which peers, transports and encodings, and
// what came of it. It prints the sums and writes everything to test-results/contract.md, from which
// scripts/compatibility.mjs makes docs/compatibility.md.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const PREFIX = "contract: ";
const MARKS = { passed: "✓", failed: "✗" };

export default class ContractReporter {
  #file;

  constructor({ rootDir }) {
    this.#file = path.join(rootDir, "test-results/contract.md");
  }

  onRunComplete(_contexts, { testResults }) {
    const pairs = new Map([...pairsOf(testResults.flatMap((file) => file.testResults))].sort());
    if (pairs.size === 0) return;
    mkdirSync(path.dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, [sums(pairs), ...tables(pairs)].join("\n"));
    console.log(`\nContract (details: ${path.relative(process.cwd(), this.#file)}):`);
    for (const [pair, columns] of pairs) {
      for (const [column, cells] of columns) console.log(`  ${pair}: ${column}: ${sumOf(cells)}`);
    }
  }
}

/** For each pair of peers its combinations, and for each of them the status of every feature; by their titles. */
function pairsOf(tests) {
  const pairs = new Map();
  for (const { ancestorTitles, title, status } of tests) {
    const [pair, column, ...area] = ancestorTitles;
    // Where a program is missing there is no combination, only the reason; skipped-parts-reporter.mjs prints it.
    if (!pair?.startsWith(PREFIX) || area.length === 0 || !(status in MARKS)) continue;
    const columns = entryOf(pairs, pair.slice(PREFIX.length), () => new Map());
    entryOf(columns, column, () => new Map()).set([...area, title].join(": "), status);
  }
  return pairs;
}

function sums(pairs) {
  const rows = [...pairs].flatMap(([pair, columns]) =>
    [...columns].map(
      ([column, cells]) => `| ${pair} | ${column} | ${count(cells, "passed")} | ${count(cells, "failed")} |`,
    ),
  );
  return [
    "| client and server | transport, encoding | passed | failed |",
    "| --- | --- | --: | --: |",
    ...rows,
    "",
  ].join("\n");
}

/** One table for all pairs that have features in common. */
function* tables(pairs) {
  const groups = [];
  for (const pair of pairs) {
    const rows = rowsOf(pair);
    const group = groups.find((each) => rows.some((row) => each.rows.has(row)));
    if (group === undefined) groups.push({ pairs: [pair], rows: new Set(rows) });
    else {
      group.pairs.push(pair);
      for (const row of rows) group.rows.add(row);
    }
  }
  for (const group of groups) yield table(group);
}

/** What only some columns have stands with the rest of its area. */
function byArea(rows) {
  const areas = new Map();
  for (const row of rows) entryOf(areas, row.split(": ", 1)[0], () => []).push(row);
  return [...areas.values()].flat();
}

function table({ pairs, rows }) {
  const legend = pairs.map(([pair, columns]) => `- ${pair}: ${[...columns.keys()].join(" · ")}`);
  const lines = byArea(rows).map((row) => {
    const cells = pairs.map(([, columns]) =>
      [...columns.values()].map((cells) => MARKS[cells.get(row)] ?? "–").join(""),
    );
    return `| ${[row.replaceAll("|", "\\|"), ...cells].join(" | ")} |`;
  });
  const heads = ["feature", ...pairs.map(([pair]) => pair)];
  return [
    "The marks of a cell are, from left to right:",
    "",
    ...legend,
    "",
    `| ${heads.join(" | ")} |`,
    `| ${heads.map(() => "---").join(" | ")} |`,
    ...lines,
    "",
  ].join("\n");
}

function rowsOf([, columns]) {
  return [...columns.values()].flatMap((cells) => [...cells.keys()]);
}

function sumOf(cells) {
  const failed = count(cells, "failed");
  return `${count(cells, "passed")} passed${failed === 0 ? "" : `, ${failed} FAILED`}`;
}

function count(cells, status) {
  return [...cells.values()].filter((each) => each === status).length;
}

function entryOf(map, key, make) {
  if (!map.has(key)) map.set(key, make());
  return map.get(key);
}

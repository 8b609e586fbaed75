// Installs and builds what is missing or out of date, so that `npm start` and `npm test` work on a fresh clone.
// Plain Node without dependencies: it runs before any are there. Says nothing when there is nothing to do.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync, utimesSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { entries, scriptBundles } from "./entries.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url));
const OLDEST_NODE = 20;

/** Makes dependencies and dist ready. Ends the process with a message when it cannot. */
export function prepare() {
  const major = Number.parseInt(process.versions.node, 10);
  if (major < OLDEST_NODE) {
    fail(`hubwire needs Node ${OLDEST_NODE} or later; this is Node ${process.versions.node}.`);
  }
  const install = reasonToInstall(root);
  if (install) run(`installing the dependencies (${install}; half a minute or so)`, npmCommand(["ci"]));
  const build = reasonToBuild(root);
  if (build)
    run(`building (${build})`, [
      process.execPath,
      path.join(root, "node_modules/rollup/dist/bin/rollup"),
      "--config",
      "--silent",
    ]);
}

/** Why `npm ci` has to run, or `undefined`. */
export function reasonToInstall(folder) {
  const lockFile = path.join(folder, "package-lock.json");
  const installedFile = path.join(folder, "node_modules/.package-lock.json");
  if (!existsSync(installedFile)) return "there are none";
  if (statSync(installedFile).mtimeMs >= statSync(lockFile).mtimeMs) return undefined;
  const wanted = JSON.parse(readFileSync(lockFile, "utf8")).packages;
  const installed = JSON.parse(readFileSync(installedFile, "utf8")).packages;
  const differs = Object.entries(wanted).some(([name, entry]) => {
    if (name === "") return false;
    if (!installed[name]) return !entry.optional;
    return installed[name].version !== entry.version;
  });
  if (differs) return "package-lock.json has changed";
  // A checkout touches the file without changing it: remember that the two agree.
  const now = new Date();
  utimesSync(installedFile, now, now);
  return undefined;
}

/** Why dist has to be built, or `undefined`. */
export function reasonToBuild(folder) {
  const built = outputs().map((file) => modified(path.join(folder, file)));
  if (built.includes(undefined)) return "dist is missing or incomplete";
  const sources = [
    "src",
    "rollup.config.mjs",
    "package.json",
    "tsconfig.json",
    "tsconfig.base.json",
    "scripts/entries.mjs",
    "scripts/rollup",
  ];
  const newest = Math.max(...sources.map((source) => newestIn(path.join(folder, source))));
  return Math.min(...built) < newest ? "the sources have changed" : undefined;
}

/** One file of each kind that a complete build has. */
function outputs() {
  return [
    ...entries.flatMap(({ name, browser }) => [
      ...(browser ? [`dist/browser/${name}.mjs`, `dist/browser/${name}.cjs`] : []),
      ...[`dist/node/${name}.mjs`, `dist/node/${name}.cjs`, `dist/types/${name}.d.mts`, `dist/types/${name}.d.cts`],
    ]),
    ...scriptBundles.flatMap(({ name }) => [`dist/browser/${name}.js`, `dist/browser/${name}.min.js`]),
  ];
}

function modified(file) {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? undefined : stats.mtimeMs;
}

/** Folders count too: theirs changes when a file is removed. */
function newestIn(file) {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(file).map((name) => newestIn(path.join(file, name))));
}

/** npm as the command line that started this script used it, else the one on the path. */
function npmCommand(args) {
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  const cli = process.env.npm_execpath;
  return cli && /npm-cli\.c?js$/.test(cli) ? [process.execPath, cli, ...args, ...quiet] : ["npm", ...args, ...quiet];
}

function run(what, [command, ...args]) {
  const started = performance.now();
  console.log(`hubwire: ${what} …`);
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    // npm is a script that only a shell can start on Windows.
    shell: process.platform === "win32" && command === "npm",
  });
  if (result.error) fail(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0) fail(`${result.stdout}${result.stderr}\nhubwire: ${what} failed.`);
  console.log(`hubwire: done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

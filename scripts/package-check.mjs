// `npm run package:check`: packs the package, unpacks it into an empty project and uses it there in every way that
// people do. With `--update`, writes test/package/exports.json, the list of exported names, instead of comparing.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Linter } from "eslint";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { entries, scriptBundles } from "./entries.mjs";
import { prepare, root } from "./prepare.mjs";

const expectationFile = path.join(root, "test/package/exports.json");
const project = mkdtempSync(path.join(os.tmpdir(), "hubwire-package-"));
const installed = path.join(project, "node_modules/hubwire");
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

/** Runs a program and returns what it wrote; throws that instead when it fails. */
function run(command, args, cwd = project) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(`${stdout}${stderr}`.trim());
  return stdout;
}

/** Runs a file of the empty project, which prints JSON. */
function runInProject(file, code, nodeOptions = []) {
  writeFileSync(path.join(project, file), code);
  return JSON.parse(run(process.execPath, [...nodeOptions, file]));
}

function assertEqual(actual, expected, what) {
  if (!isDeepStrictEqual(actual, expected)) {
    throw new Error(`${what}\n  expected ${JSON.stringify(expected)}\n  but is   ${JSON.stringify(actual)}`);
  }
}

const specifier = ({ subpath }) => subpath.replace(".", manifest.name);
const browserEntries = entries.filter(({ browser }) => browser);
let tarball;

function pack() {
  const [{ filename, files }] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", project], root));
  tarball = path.join(project, filename);
  const strangers = files
    .map((file) => file.path)
    .filter(
      (file) =>
        !/^(dist\/.*\.([mc]?js|d\.[mc]ts|map)|(dist\/browser\/)?package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(
          file,
        ),
    );
  assertEqual(strangers, [], "files that should not be packed");
  for (const file of ["LICENSE", "README.md", "CHANGELOG.md"]) {
    if (!files.some((packed) => packed.path === file)) throw new Error(`${file} is not packed`);
  }
}

/** As an installation from the registry would, but without one: the dependencies are copied. */
function install() {
  mkdirSync(installed, { recursive: true });
  run("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed]);
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    cpSync(path.join(root, "node_modules", name), path.join(project, "node_modules", name), { recursive: true });
  }
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ name: "consumer", private: true }));
}

async function lintPackage() {
  const { messages, pkg } = await publint({ pkgDir: installed, strict: true });
  if (messages.length > 0) throw new Error(messages.map((message) => formatMessage(message, pkg)).join("\n"));
}

function typesInEveryResolution() {
  const cli = path.join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
  const subpaths = entries.map(({ subpath }) => subpath);
  run(process.execPath, [cli, tarball, "--no-color", "--no-emoji", "--format", "ascii", "--entrypoints", ...subpaths]);
}

/** The names that each way of loading gives, sorted. */
function exportedNames() {
  const names = {};
  for (const entry of entries) {
    const name = specifier(entry);
    const esm = listEsm(entry);
    const cjs = runInProject("list.cjs", `console.log(JSON.stringify(Object.keys(require("${name}")).sort()))`);
    assertEqual(cjs, esm, `names that require("${name}") gives`);
    names[entry.subpath] = esm;
  }
  for (const entry of browserEntries) {
    assertEqual(
      listEsm(entry, ["--conditions=browser"]),
      names[entry.subpath],
      `names of ${specifier(entry)} in browsers`,
    );
  }
  for (const { name, subpath, global, addsTo } of scriptBundles) {
    for (const suffix of [".js", ".min.js"]) {
      const files = [addsTo, name].filter(Boolean).map((script) => script + suffix);
      const found = runOnPage(files, `Object.keys(${global}).sort()`);
      assertEqual(found, names[subpath], `names that ${files.at(-1)} puts on ${global}`);
    }
  }
  return names;
}

/** Loads script-tag files one behind the other, as a page does, and returns what an expression gives there. */
function runOnPage(files, expression) {
  return runInProject(
    "page.cjs",
    `const { readFileSync } = require("node:fs");
    const { createContext, runInContext } = require("node:vm");
    const page = { setTimeout, clearTimeout, TextEncoder, TextDecoder };
    page.self = page.window = page.globalThis = page;
    createContext(page);
    for (const file of ${JSON.stringify(files)}) {
      runInContext(readFileSync("node_modules/hubwire/dist/browser/" + file, "utf8"), page);
    }
    console.log(JSON.stringify(runInContext(${JSON.stringify(expression)}, page)));`,
  );
}

function listEsm(entry, nodeOptions) {
  const code = `import * as all from "${specifier(entry)}";\nconsole.log(JSON.stringify(Object.keys(all).filter((name) => name !== "module.exports").sort()));`;
  return runInProject("list.mjs", code, nodeOptions);
}

function compareExports() {
  const names = exportedNames();
  if (process.argv.includes("--update")) {
    writeFileSync(expectationFile, `${JSON.stringify(names, null, 2)}\n`);
    run(
      process.execPath,
      [path.join(root, "node_modules/prettier/bin/prettier.cjs"), "--write", expectationFile],
      root,
    );
    return;
  }
  if (!existsSync(expectationFile)) throw new Error("there is no list yet: npm run package:check -- --update");
  assertEqual(
    names,
    JSON.parse(readFileSync(expectationFile, "utf8")),
    "exported names (npm run package:check -- --update)",
  );
}

/** A class that two entries export is one class, so `instanceof` works whichever it was imported from. */
function oneClassInAllEntries() {
  for (const load of ["import", "require"]) {
    const code = `
      (async () => {
        const modules = await Promise.all(${JSON.stringify(entries.map(specifier))}.map((name) => load(name)));
        const owners = new Map();
        const copies = [];
        for (const [name, value] of modules.flatMap((module) => Object.entries(module))) {
          if (typeof value !== "function" || name === "default" || name === "module.exports") continue;
          if (owners.has(name) && owners.get(name) !== value) copies.push(name);
          owners.set(name, value);
        }
        console.log(JSON.stringify(copies));
      })();
      function load(name) { return ${load}(name); }`;
    assertEqual(runInProject("identity.cjs", code), [], `classes that exist twice (${load})`);
  }
}

/** An add-on for a script tag uses the classes of the client's script. */
function oneClassOnAPage() {
  const provoke = `(() => {
    const protocol = new signalR.protocols.msgpack.MessagePackHubProtocol();
    const attempts = [
      ["ProtocolError", () => protocol.parseMessages(Uint8Array.of(1, 0xc1), null)],
      ["InvalidArgumentError", () => protocol.writeMessage({ type: 2, invocationId: "1", item: protocol.encode })],
    ];
    return attempts.filter(([name, attempt]) => {
      try {
        attempt();
      } catch (error) {
        return !(error instanceof signalR[name]);
      }
      return true;
    }).map(([name]) => name);
  })()`;
  for (const suffix of [".js", ".min.js"]) {
    const strangers = runOnPage([`signalr${suffix}`, `signalr-protocol-msgpack${suffix}`], provoke);
    assertEqual(strangers, [], "errors of the MessagePack script that are not the client's");
  }
}

/** The script-tag files contain no syntax that a browser of 2020 does not know. */
function scriptsAreES2020() {
  const linter = new Linter();
  for (const file of scriptBundles.flatMap(({ name }) => [`${name}.js`, `${name}.min.js`])) {
    const code = readFileSync(path.join(installed, "dist/browser", file), "utf8");
    const [error] = linter.verify(code, { languageOptions: { ecmaVersion: 2020, sourceType: "script" } });
    if (error?.fatal) throw new Error(`${file}, line ${error.line}: ${error.message}`);
  }
}

/** Other people's projects compile against the types, with and without Node's, and with library checks on. */
function consumersCompile() {
  const consumers = path.join(root, "test/package/consumers");
  cpSync(consumers, project, { recursive: true });
  mkdirSync(path.join(project, "node_modules/@types"), { recursive: true });
  for (const name of ["@types/node", "undici-types"]) {
    cpSync(path.join(root, "node_modules", name), path.join(project, "node_modules", name), { recursive: true });
  }
  for (const file of readdirSync(consumers).filter((name) => /^tsconfig.*\.json$/.test(name))) {
    run(process.execPath, [path.join(root, "node_modules/typescript/bin/tsc"), "--project", file]);
  }
}

const checks = {
  pack,
  install,
  lintPackage,
  typesInEveryResolution,
  compareExports,
  oneClassInAllEntries,
  oneClassOnAPage,
  scriptsAreES2020,
  consumersCompile,
};

prepare();
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok      ${name}`);
  } catch (error) {
    console.log(`FAILED  ${name}\n${error.message}`);
    process.exitCode = 1;
    if (check === pack || check === install) break;
  }
}
rmSync(project, { recursive: true, force: true });

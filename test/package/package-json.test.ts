/** What the manifest and the lock file promise, checked against the files that they are derived from. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");

interface Manifest {
  readonly scripts: Record<string, string>;
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly exports: unknown;
}

interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly cpu?: string[];
  readonly optional?: boolean;
}

const manifest = readJson<Manifest>("package.json");
const lock = readJson<{ packages: Record<string, LockEntry> }>("package-lock.json");

test("the entry points are those of the table", () => {
  const fields = script<Record<string, unknown>>("entries.mjs", "module.packageFields()");
  expect(manifest).toMatchObject(fields);
  expect(manifest.exports).toEqual(fields["exports"]);
});

test("nothing runs when somebody installs the package", () => {
  const atInstall = ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];
  expect(Object.keys(manifest.scripts).filter((name) => atInstall.includes(name))).toEqual([]);
});

test("every dependency has one exact version, and a reason", () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies };
  const reasons = readFileSync(join(root, "docs/dependencies.md"), "utf8");
  expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  expect(Object.keys(all).filter((name) => !reasons.includes(`\`${name}\``))).toEqual([]);
  const documented = [...reasons.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
  expect(documented.sort()).toEqual(Object.keys(all).sort());
});

test("the lock file serves every platform, from any registry", () => {
  expect(script("complete-lock.mjs", `module.missingPlatforms(${JSON.stringify(lock)})`)).toEqual([]);
  expect(Object.keys(lock.packages).filter((name) => lock.packages[name]?.resolved !== undefined)).toEqual([]);
});

test("a lock file that lacks platforms is completed", () => {
  const binary = Object.keys(lock.packages).find((name) => name.endsWith("rollup-darwin-arm64")) ?? "";
  const { [binary]: removed, ...rest } = lock.packages;
  const completed = script<typeof lock>(
    "complete-lock.mjs",
    `module.completeLock(${JSON.stringify({ packages: rest })})`,
  );
  expect(Object.keys(completed.packages)).toEqual(Object.keys(lock.packages).sort());
  expect(completed.packages[binary]).toMatchObject({
    version: removed?.version,
    os: ["darwin"],
    cpu: ["arm64"],
    optional: true,
  });
});

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(join(root, name), "utf8")) as T;
}

/** Evaluates an expression on a module of scripts, which are ES modules and so cannot be imported here. */
function script<T>(file: string, expression: string): T {
  const url = JSON.stringify(new URL(file, `file://${root}/scripts/`).href);
  const code = `const module = await import(${url});\nconsole.log(JSON.stringify(${expression}));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-"], { input: code, encoding: "utf8" });
  return JSON.parse(output) as T;
}

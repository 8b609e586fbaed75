/** `npm start` and `npm test` install and build when they have to, and cost nothing when they do not. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const scripts = join(__dirname, "../../scripts");
const YESTERDAY = new Date(Date.now() - 86_400_000);

const outputs = [
  ...["index", "msgpack", "opentelemetry"].flatMap((name) => [`browser/${name}.mjs`, `browser/${name}.cjs`]),
  ...["signalr", "signalr-protocol-msgpack"].flatMap((name) => [`browser/${name}.js`, `browser/${name}.min.js`]),
  ...["index", "msgpack", "opentelemetry", "server"].flatMap((name) => [`node/${name}.mjs`, `node/${name}.cjs`]),
  ...["index", "msgpack", "opentelemetry", "server"].flatMap((name) => [`types/${name}.d.mts`, `types/${name}.d.cts`]),
].map((name) => `dist/${name}`);

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hubwire-prepare-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("dependencies", () => {
  const lock = (versions: Record<string, string>, optional: Record<string, string> = {}) =>
    JSON.stringify({
      packages: {
        "": { version: "0.1.0" },
        ...Object.fromEntries(Object.entries(versions).map(([name, version]) => [`node_modules/${name}`, { version }])),
        ...Object.fromEntries(
          Object.entries(optional).map(([name, version]) => [`node_modules/${name}`, { version, optional: true }]),
        ),
      },
    });

  test("are installed on a fresh clone", () => {
    write("package-lock.json", lock({ a: "1.0.0" }));
    expect(reasonToInstall()).toBe("there are none");
  });

  test("are left alone when the lock file is older", () => {
    write("package-lock.json", lock({ a: "1.0.0" }), YESTERDAY);
    write("node_modules/.package-lock.json", lock({ a: "1.0.0" }));
    expect(reasonToInstall()).toBeUndefined();
  });

  test("are installed when the lock file names another version", () => {
    write("package-lock.json", lock({ a: "1.0.1" }));
    write("node_modules/.package-lock.json", lock({ a: "1.0.0" }), YESTERDAY);
    expect(reasonToInstall()).toBe("package-lock.json has changed");
  });

  test("are left alone when the lock file was only touched, and that is remembered", () => {
    write("package-lock.json", lock({ a: "1.0.0" }, { "other-platform": "1.0.0" }));
    write("node_modules/.package-lock.json", lock({ a: "1.0.0" }), YESTERDAY);
    expect(reasonToInstall()).toBeUndefined();
    expect(statSync(join(folder, "node_modules/.package-lock.json")).mtime.getTime()).toBeGreaterThan(
      YESTERDAY.getTime(),
    );
  });
});

describe("dist", () => {
  beforeEach(() => {
    write("src/index.ts", "", YESTERDAY);
    utimesSync(join(folder, "src"), YESTERDAY, YESTERDAY);
    write("package.json", "{}", YESTERDAY);
    for (const output of outputs) write(output, "");
  });

  test("is left alone when it is newer than the sources", () => {
    expect(reasonToBuild()).toBeUndefined();
  });

  test.each(outputs)("is built when %s is missing", (output) => {
    rmSync(join(folder, output));
    expect(reasonToBuild()).toBe("dist is missing or incomplete");
  });

  test.each(["src/index.ts", "src/deep/new-file.ts", "rollup.config.mjs", "package.json"])(
    "is built when %s is newer",
    (path) => {
      write(path, "", new Date(Date.now() + 60_000));
      expect(reasonToBuild()).toBe("the sources have changed");
    },
  );

  test("is built when a source was removed", () => {
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(folder, "src"), later, later);
    expect(reasonToBuild()).toBe("the sources have changed");
  });
});

test("nothing is said or spent when all is up to date", () => {
  cpSync(scripts, join(folder, "scripts"), { recursive: true });
  for (const file of ["package-lock.json", "package.json", "src/index.ts"]) write(file, "{}", YESTERDAY);
  for (const name of ["src", "scripts/entries.mjs"]) utimesSync(join(folder, name), YESTERDAY, YESTERDAY);
  for (const file of ["node_modules/.package-lock.json", ...outputs]) write(file, "{}");
  const code = `
    const { prepare } = await import(${JSON.stringify(pathToFileURL(join(folder, "scripts/prepare.mjs")).href)});
    const started = performance.now();
    prepare();
    console.log(performance.now() - started);`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-"], { input: code, encoding: "utf8" });
  expect(output).toMatch(/^[\d.]+\n$/);
  expect(Number(output)).toBeLessThan(150);
});

test("another Node version gets a message instead of a stack trace", () => {
  cpSync(scripts, join(folder, "scripts"), { recursive: true });
  const code = `
    Object.defineProperty(process.versions, "node", { value: "18.20.0" });
    const { prepare } = await import(${JSON.stringify(pathToFileURL(join(folder, "scripts/prepare.mjs")).href)});
    prepare();`;
  const run = () =>
    execFileSync(process.execPath, ["--input-type=module", "-"], { input: code, encoding: "utf8", stdio: "pipe" });
  expect(run).toThrow(
    expect.objectContaining({ status: 1, stderr: "hubwire needs Node 20 or later; this is Node 18.20.0.\n" }),
  );
});

function write(path: string, content: string, modified?: Date): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  if (modified) utimesSync(file, modified, modified);
}

function reasonToInstall(): string | undefined {
  return ask("reasonToInstall");
}

function reasonToBuild(): string | undefined {
  return ask("reasonToBuild");
}

/** scripts/prepare.mjs is an ES module, so another process answers for it. */
function ask(question: "reasonToInstall" | "reasonToBuild"): string | undefined {
  const url = JSON.stringify(pathToFileURL(join(scripts, "prepare.mjs")).href);
  const code = `const prepare = await import(${url});
    console.log(JSON.stringify({ reason: prepare.${question}(${JSON.stringify(folder)}) }));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-"], { input: code, encoding: "utf8" });
  return (JSON.parse(output) as { reason?: string }).reason;
}

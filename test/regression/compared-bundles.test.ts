/** Both client packages as a program for Node that is bundled: what the official one gets wrong there. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(__dirname, "../..");
const packages = { hubwire: join(root, "src/index.ts"), official: "@microsoft/signalr" } as const;
type PackageName = keyof typeof packages;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hubwire-bundles-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Bundles an ES module that uses a package; other packages stay outside, as on a server. */
async function bundle(name: PackageName, code: string): Promise<string> {
  const outfile = join(folder, "bundle.mjs");
  await build({
    stdin: { contents: `import { HubConnectionBuilder } from "${packages[name]}";\n${code}`, resolveDir: root },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    mainFields: ["module", "main"],
    external: ["ws", "eventsource", "node-fetch", "fetch-cookie", "tough-cookie", "abort-controller", "*-proxy-agent"],
    logLevel: "silent",
  });
  return outfile;
}

/** Runs a program. @returns what it printed. */
async function run(file: string): Promise<string> {
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "pipe"], timeout: 10_000 });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (output += text.toString()));
  await once(child, "close");
  return output;
}

test.each([
  ["an ES module bundle for Node runs (GAPS 39)", "hubwire", "built"],
  ["not so with the official client: an ES module bundle for Node runs (GAPS 39)", "official", "Dynamic require"],
] as const)("%s", async (_title, name, text) => {
  const file = await bundle(
    name,
    `new HubConnectionBuilder().withUrl("http://127.0.0.1:9/hub", { logger: null }).build(); console.log("built");`,
  );
  expect(await run(file)).toContain(text);
});

test.each([
  ["the package has a map of exports (GAPS 39)", "package.json", true],
  [
    "not so the official one: the package has a map of exports (GAPS 39)",
    "node_modules/@microsoft/signalr/package.json",
    false,
  ],
] as const)("%s", (_title, file, has) => {
  expect("exports" in (JSON.parse(readFileSync(join(root, file), "utf8")) as object)).toBe(has);
});

// `node scripts/compatibility.mjs`: runs the contract suite with every peer and writes its table into docs/compatibility.md.
// Nothing is written unless everything ran and passed.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./prepare.mjs";
import { detectRequirements } from "./requirements.mjs";

const page = path.join(root, "docs/compatibility.md");
const table = path.join(root, "test-results/contract.md");
const BEGIN = "<!-- contract: begin -->";
const END = "<!-- contract: end -->";

const { dotnet } = detectRequirements();
if (dotnet.missing !== undefined) fail(`The table needs every peer: ${dotnet.missing}.`);
rmSync(table, { force: true });
const jest = [path.join(root, "node_modules/jest/bin/jest.js"), "test/contract"];
const { status } = spawnSync(process.execPath, jest, {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, CI: "true" },
});
if (status !== 0) fail("docs/compatibility.md stays as it is, because the suite failed.");

const text = readFileSync(page, "utf8");
const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
if (from < 0 || to < from) fail(`docs/compatibility.md has no place for the table: ${BEGIN} … ${END}`);
const written = [BEGIN, "", `${header(dotnet.path)}`, "", readFileSync(table, "utf8")].join("\n");
writeFileSync(page, text.slice(0, from) + written + text.slice(to));
console.log("docs/compatibility.md has the table of this run.");

/** The day and the versions. */
function header(program) {
  const { devDependencies, version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const project = readFileSync(path.join(root, "test/interop/dotnet-client/InteropClient.csproj"), "utf8");
  const runtimes = spawnSync(program, ["--list-runtimes"], { encoding: "utf8" }).stdout;
  const official = ["@microsoft/signalr", "@microsoft/signalr-protocol-msgpack"];
  const peers = [
    `Node ${process.versions.node}`,
    `hubwire ${version}`,
    ...official.map((name) => `${name} ${devDependencies[name]}`),
    `ASP.NET Core ${[...runtimes.matchAll(/AspNetCore\.App (10\.\S+)/g)].at(-1)?.[1] ?? "10"}`,
    `Microsoft.AspNetCore.SignalR.Client.Core ${/<SignalRClientVersion>(.*)</.exec(project)?.[1] ?? ""}`,
  ];
  return `${new Date().toISOString().slice(0, 10)}, ${peers.join("; ")}.`;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

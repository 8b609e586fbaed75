/**
 * Builds the .NET peers of the interop tests, once per change of their sources, into a cache folder under node_modules.
 * Used by aspnetcore-server.ts and dotnet-client.ts.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

const BUILD_TIMEOUT_MS = 180_000;
const LOCK_POLL_MS = 100;
const SOURCE_FILE = /\.(cs|csproj|props|json)$/;

/** The environment for `dotnet`: quiet, and without build servers that would outlive the command. */
export const dotnetEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  DOTNET_NOLOGO: "1",
  DOTNET_CLI_TELEMETRY_OPTOUT: "1",
  DOTNET_CLI_USE_MSBUILD_SERVER: "0",
  DOTNET_GENERATE_ASPNET_CERTIFICATE: "false",
  MSBUILDDISABLENODEREUSE: "1",
};

/**
 * Builds a project unless its sources were built before. Any number of processes may ask at once: one builds, the
 * others wait for it.
 * @param folder The project's folder, relative to the repository.
 * @returns The path of the program, to be started as `dotnet <path>`.
 * @throws Error with the compiler's output when it does not build.
 */
export async function buildDotnetProject(folder: string): Promise<string> {
  const root = findRepositoryRoot();
  const source = join(root, folder);
  const cache = join(root, "node_modules/.cache/hubwire/dotnet");
  const name = basename(folder);
  const output = join(cache, `${name}-${await hashSources(source)}`);

  await mkdir(cache, { recursive: true });
  const deadline = Date.now() + BUILD_TIMEOUT_MS;
  while (!existsSync(output)) {
    const release = await tryLock(`${output}.lock`);
    if (release) {
      try {
        if (!existsSync(output)) {
          await build(source, output);
          await removeOlder(cache, name, output);
        }
      } finally {
        await release();
      }
    } else if (Date.now() > deadline) {
      throw new Error(`Another process did not finish building ${folder}; if none runs, remove ${output}.lock`);
    } else {
      await delay(LOCK_POLL_MS);
    }
  }
  return findProgram(output);
}

async function build(source: string, output: string): Promise<void> {
  const work = `${output}.work-${process.pid}`;
  try {
    await compile(source, work);
    // <work>/bin/<project>/release has the program. The rename makes a complete folder appear at once.
    const [project] = await readdir(join(work, "bin"));
    const complete = join(work, "complete");
    await cp(join(work, "bin", project ?? "", "release"), complete, { recursive: true });
    await rename(complete, output).catch((thrown: unknown) => {
      if (!existsSync(output)) throw thrown;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function compile(source: string, work: string): Promise<void> {
  const options = ["--configuration", "Release", "--artifacts-path", work, "-nodeReuse:false"];
  try {
    await run("dotnet", ["build", source, ...options, "-p:UseSharedCompilation=false", "-nologo", "-v:quiet"], {
      env: dotnetEnvironment,
      timeout: BUILD_TIMEOUT_MS,
    });
  } catch (thrown) {
    throw new Error(`${source} does not build.\n${outputOf(thrown)}`, { cause: thrown });
  }
}

/** Takes the lock, or returns undefined while a living process has it. */
async function tryLock(path: string): Promise<(() => Promise<void>) | undefined> {
  try {
    await writeFile(path, `${process.pid}`, { flag: "wx" });
    return () => rm(path, { force: true });
  } catch (thrown) {
    if (!isErrno(thrown, "EEXIST")) throw thrown;
  }
  // Two waiters may both find the owner dead and then both build. That costs time and nothing else: each build has a
  // work folder of its own, and the second one finds the output in place.
  const owner = Number(await readFile(path, "utf8").catch(() => ""));
  if (owner > 0 && !isAlive(owner)) await rm(path, { force: true });
  return undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return !isErrno(thrown, "ESRCH");
  }
}

async function hashSources(folder: string): Promise<string> {
  const hash = createHash("sha256");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && SOURCE_FILE.test(entry.name));
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  for (const path of paths.filter((path) => !/[\\/](bin|obj)[\\/]/.test(relative(folder, path))).sort()) {
    hash.update(`${relative(folder, path)}\n`).update(await readFile(path));
  }
  return hash.digest("hex").slice(0, 12);
}

async function findProgram(output: string): Promise<string> {
  const suffix = ".runtimeconfig.json";
  const config = (await readdir(output)).find((file) => file.endsWith(suffix));
  if (config === undefined) throw new Error(`${output} has no program; remove the folder to build it again`);
  return join(output, `${config.slice(0, -suffix.length)}.dll`);
}

/** Removes the outputs of earlier sources, and what builds that were killed left behind. */
async function removeOlder(cache: string, name: string, current: string): Promise<void> {
  const pattern = new RegExp(`^${name}-[0-9a-f]{12}(?:\\.work-(\\d+))?$`);
  for (const folder of await readdir(cache)) {
    const builder = pattern.exec(folder)?.[1];
    const isOlder = pattern.test(folder) && folder !== basename(current);
    if (isOlder && (builder === undefined || !isAlive(Number(builder)))) {
      await rm(join(cache, folder), { recursive: true, force: true });
    }
  }
}

function findRepositoryRoot(): string {
  for (let folder = resolve("."); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) && existsSync(join(folder, "test/interop"))) return folder;
    if (folder === dirname(folder)) throw new Error("Run this inside the repository.");
  }
}

function outputOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const stdout = "stdout" in thrown ? String(thrown.stdout) : "";
  return stdout.trim() || thrown.message;
}

function isErrno(thrown: unknown, code: string): boolean {
  // Not by its class: jest runs tests in a realm of their own, and Node's errors come from another.
  return typeof thrown === "object" && thrown !== null && "code" in thrown && thrown.code === code;
}

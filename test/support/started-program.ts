/** Starts a server program that takes its port and its files from a configuration: the real nginx and tinyproxy of the tests. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programPath, type Requirement } from "./requirements.js";

const ATTEMPTS = 5;
const PORT_TAKEN = /address (already )?in use|could not (bind|create)|unable to (bind|create)/i;

/** What to start. */
export interface ProgramRecipe {
  readonly requirement: Requirement;
  /** What its configuration says. */
  configuration(port: number): string;
  /** Its arguments. */
  arguments(folder: string, configurationFile: string): string[];
  /** What it prints when it listens. */
  readonly ready: RegExp;
}

/** A running program with a folder of its own. */
export class StartedProgram {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #watchers = new Set<() => void>();
  /** Everything that it printed. */
  output = "";

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.port = port;
    this.#child = child;
    this.#folder = folder;
    const note = (text: string) => {
      this.output += text;
      for (const watcher of [...this.#watchers]) watcher();
    };
    child.stdout?.setEncoding("utf8").on("data", note);
    child.stderr?.setEncoding("utf8").on("data", note);
  }

  /** Starts a program on a port that was free a moment ago, and tries again when it was taken meanwhile. */
  static async start(recipe: ProgramRecipe): Promise<StartedProgram> {
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      const folder = await mkdtemp(join(tmpdir(), `hubwire-${recipe.requirement}-`));
      const file = join(folder, "configuration");
      await writeFile(file, recipe.configuration(port));
      const child = spawn(programPath(recipe.requirement), recipe.arguments(folder, file), {
        cwd: folder,
        stdio: ["ignore", "pipe", "pipe"],
      });
      const program = new StartedProgram(child, folder, port);
      const ended = once(child, "close").then(() => "ended");
      if ((await Promise.race([program.printed(recipe.ready), ended])) !== "ended") return program;
      await program.stop();
      if (attempt === ATTEMPTS || !PORT_TAKEN.test(program.output)) {
        throw new Error(`${recipe.requirement} did not start:\n${program.output}`);
      }
    }
  }

  /** Waits until it has printed something. */
  printed(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!pattern.test(this.output)) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "close");
      child.kill("SIGKILL");
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A port of the loopback address that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs a program of this folder in a process of its own and talks to it; the tests measure there, where no test runner disturbs. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const WAIT_MS = 60_000;

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a program reports: an object with the kind of the report. */
export type Report = Readonly<Record<string, unknown>>;

/** A program that was started with `--expose-gc`. It runs dist, which `npm test` builds. */
export class Program {
  /** Fulfils when it has ended. */
  readonly ended: Promise<ProgramEnd>;
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #reports: Report[] = [];
  #waiting: (() => void) | undefined;
  #output = "";
  #end: ProgramEnd | undefined;

  /** @param name The file in `programs`, without its ending. */
  constructor(name: string, args: readonly string[] = []) {
    const program = join(__dirname, "programs", `${name}.mjs`);
    this.#name = name;
    this.#child = spawn(process.execPath, ["--expose-gc", program, ...args], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const note = (text: string): void => void (this.#output += text);
    this.#child.stdout?.setEncoding("utf8").on("data", note);
    this.#child.stderr?.setEncoding("utf8").on("data", note);
    this.#child.on("error", () => undefined); // an order to one that has just ended; its end is what counts
    this.#child.on("message", (report: Report) => {
      this.#reports.push(report);
      this.#waiting?.();
    });
    this.ended = once(this.#child, "close").then(([code, signal]) => {
      this.#end = { code, signal };
      this.#waiting?.();
      return this.#end;
    });
  }

  /** All that it printed so far, errors too. */
  get output(): string {
    return this.#output;
  }

  /**
   * Its next report.
   * @throws Error with its output when it ends, or takes more than a minute, without one.
   */
  async next(waitMs = WAIT_MS): Promise<Report> {
    const timeout = AbortSignal.timeout(waitMs);
    for (;;) {
      const report = this.#reports.shift();
      if (report !== undefined) return report;
      if (this.#end !== undefined || timeout.aborted) {
        throw new Error(`${this.#name} reported nothing (${JSON.stringify(this.#end)}):\n${this.#output}`);
      }
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
        timeout.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  /** Orders something and waits for its next report. */
  request(order: object): Promise<Report> {
    this.#child.send(order);
    return this.next();
  }

  /** Lets it stand still, as it is, until {@link thaw}. */
  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  /** Lets it go on. */
  thaw(): void {
    this.#child.kill("SIGCONT");
  }

  /** Kills it, and waits until it is gone. May be called again. */
  async kill(): Promise<ProgramEnd> {
    this.#child.kill("SIGKILL");
    return this.ended;
  }
}

/** Starts programs for the tests of a file, and kills them behind each test. Call it outside of them. */
export function programsForTests(): (name: string, args?: readonly string[]) => Program {
  const programs: Program[] = [];
  afterEach(async () => {
    await Promise.all(programs.splice(0).map((program) => program.kill()));
  });
  return (name, args) => {
    const program = new Program(name, args);
    programs.push(program);
    return program;
  };
}

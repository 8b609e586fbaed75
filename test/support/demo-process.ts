/** Runs the demo as `npm start` does, in a process of its own, and reads what it prints; used by the demo's tests. */
import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
const WAIT_MS = 10_000;

/** How a process ended. */
export interface DemoEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A demo that was started. It needs dist, which `npm test` builds. */
export class DemoProcess {
  /** Fulfils when it has ended. */
  readonly ended: Promise<DemoEnd>;
  readonly #child: ChildProcess;
  readonly #printed = new EventEmitter();
  #output = "";

  /**
   * @param args What would come after `npm start --`.
   * @param root Folder of the package; this one by default.
   */
  constructor(args: readonly string[], root = ROOT) {
    const program = join(root, "demo/main.mjs");
    this.#child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const note = (text: string): void => {
      this.#output += text;
      this.#printed.emit("text");
    };
    this.#child.stdout?.setEncoding("utf8").on("data", note);
    this.#child.stderr?.setEncoding("utf8").on("data", note);
    this.ended = once(this.#child, "close").then(([code, signal]) => {
      this.#printed.emit("text");
      return { code, signal };
    });
  }

  /** All that it printed so far, errors too. */
  get output(): string {
    return this.#output;
  }

  /**
   * Waits until a text is in the output.
   * @returns the match.
   * @throws Error with the output when it does not come within 10 s, or the process ends without it.
   */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    const timeout = AbortSignal.timeout(WAIT_MS);
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match !== null) return match;
      const { exitCode, signalCode } = this.#child;
      const over = timeout.aborted || exitCode !== null || signalCode !== null;
      if (over) throw new Error(`The demo did not print ${pattern}:\n${this.#output}`);
      await once(this.#printed, "text", { signal: timeout }).catch(() => undefined);
    }
  }

  /** Waits until it is open. @returns the address of the page. */
  async address(): Promise<string> {
    const [, address] = await this.printed(/open at (http:\S+)/);
    return address ?? "";
  }

  /** @throws Error with the output when it has ended, which it does not do by itself. */
  expectRunning(): void {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) return;
    throw new Error(`The demo has ended with ${signalCode ?? `code ${exitCode}`}:\n${this.#output}`);
  }

  /** Presses Ctrl+C. */
  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  /** Ends it, in order if it can. May be called again. */
  async stop(): Promise<void> {
    this.interrupt();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), WAIT_MS);
    await this.ended;
    clearTimeout(timer);
  }
}

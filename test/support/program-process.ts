/** Runs a program of this repository in a process of its own and reads what it prints; used by the tests of demo and examples. */
import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";

const WAIT_MS = 10_000;

/** How a process ended. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that was started. */
export class ProgramProcess {
  /** Fulfils when it has ended. */
  readonly ended: Promise<ProgramEnd>;
  readonly #child: ChildProcess;
  readonly #printed = new EventEmitter();
  #output = "";

  /**
   * @param program The path of its file.
   * @param environment Variables on top of this process's own.
   */
  constructor(program: string, args: readonly string[] = [], environment: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...environment } });
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
      if (over) throw new Error(`The program did not print ${pattern}:\n${this.#output}`);
      await once(this.#printed, "text", { signal: timeout }).catch(() => undefined);
    }
  }

  /** Waits until it is open. @returns the address that it prints. */
  async address(): Promise<string> {
    const [, address] = await this.printed(/ at (http:\/\/[^\s/]+)/);
    return address ?? "";
  }

  /** @throws Error with the output when it has ended, which it does not do by itself. */
  expectRunning(): void {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) return;
    throw new Error(`The program has ended with ${signalCode ?? `code ${exitCode}`}:\n${this.#output}`);
  }

  /** Types a line. */
  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Presses Ctrl+C, or sends another signal. */
  interrupt(signal: NodeJS.Signals = "SIGINT"): void {
    this.#child.kill(signal);
  }

  /** Ends it, in order if it can. May be called again. */
  async stop(): Promise<void> {
    this.interrupt();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), WAIT_MS);
    await this.ended;
    clearTimeout(timer);
  }
}

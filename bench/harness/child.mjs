// One pinned child process that answers requests over IPC. Used for servers and clients, under test or not.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

// A peer that loses a message would never end its round.
const answerTimeoutMs = 60_000;

export class Child {
  #process;
  #name;

  /**
   * @param {string} script relative to this folder's parent
   * @param {string[]} args
   * @param {{ core?: number, name: string, nodeFlags?: string[], env?: Record<string, string> }} options
   */
  constructor(script, args, { core, name, nodeFlags = [], env = {} }) {
    const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
    const node = [process.execPath, ...nodeFlags, path, ...args];
    const [command, ...rest] = core === undefined ? node : ["taskset", "-c", String(core), ...node];
    this.#name = name;
    this.#process = spawn(command, rest, {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { ...process.env, ...env },
    });
  }

  /**
   * The next message of the child; throws its error, or when it ends instead of answering.
   * @returns {Promise<any>}
   */
  async next() {
    const ended = new AbortController();
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    try {
      const [answer] = await Promise.race([
        once(this.#process, "message", { signal: ended.signal }),
        once(this.#process, "exit", { signal: ended.signal }).then(([code]) => {
          throw new Error(`${this.#name} ended with code ${code}`);
        }),
        new Promise((_, reject) => {
          const late = () => reject(new Error(`${this.#name} did not answer in ${answerTimeoutMs / 1000} s`));
          timer = setTimeout(late, answerTimeoutMs);
        }),
      ]);
      if (answer.error !== undefined) throw new Error(`${this.#name}: ${answer.error}`);
      return answer;
    } finally {
      clearTimeout(timer);
      ended.abort();
    }
  }

  /** @param {object} message */
  request(message) {
    const answer = this.next();
    this.#process.send(message);
    return answer;
  }

  async stop() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await exited;
  }
}

/** Starts Firefox and runs code in its pages, over the WebDriver BiDi that it has built in; used by the browser tests. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import WebSocket from "ws";
import { programPath } from "./requirements.js";

const START_TIMEOUT_MS = 60_000;

/** Nothing that goes to hosts other than the test's own. */
const preferences = {
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.safebrowsing.update.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,#remote-settings-dummy/v1",
  "toolkit.telemetry.enabled": false,
};

/** An answer of the browser, or an event. */
interface BidiMessage {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly message?: string;
}

/** What `script.evaluate` returns. */
interface Evaluation {
  readonly result?: { readonly value?: unknown };
  readonly exceptionDetails?: { readonly text: string };
}

/** A Firefox with one page. */
export class Firefox {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #commands = 0;
  #page: unknown;

  private constructor(process: ChildProcess, profile: string, socket: WebSocket) {
    this.#process = process;
    this.#profile = profile;
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#onMessage(JSON.parse(data.toString()) as BidiMessage));
    socket.on("close", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("Firefox is gone."));
    });
  }

  /** Starts it, with a profile of its own. */
  static async launch(): Promise<Firefox> {
    const profile = mkdtempSync(join(tmpdir(), "hubwire-firefox-"));
    const lines = Object.entries(preferences).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`);
    writeFileSync(join(profile, "user.js"), lines.join("\n"));
    const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0", "about:blank"];
    const child = spawn(programPath("firefox"), args, { stdio: ["ignore", "ignore", "pipe"] });
    try {
      const socket = new WebSocket(`${await addressOf(child)}/session`);
      await once(socket, "open");
      const firefox = new Firefox(child, profile, socket);
      await firefox.#send("session.new", { capabilities: {} });
      const tree = (await firefox.#send("browsingContext.getTree", {})) as { contexts: { context: unknown }[] };
      firefox.#page = tree.contexts[0]?.context;
      return firefox;
    } catch (error) {
      child.kill("SIGKILL");
      rmSync(profile, { recursive: true, force: true });
      throw error;
    }
  }

  /** Opens an address and waits until it is loaded. */
  async open(url: string): Promise<void> {
    await this.#send("browsingContext.navigate", { context: this.#page, url, wait: "complete" });
  }

  /**
   * Runs a function in the page. It sees nothing of its surroundings here; what it takes and returns goes through JSON.
   * @throws Error with the text of what it threw there.
   */
  async run<Argument, Result>(program: (argument: Argument) => Promise<Result>, argument: Argument): Promise<Result> {
    const expression = `(${program.toString()})(${JSON.stringify(argument)}).then((result) => JSON.stringify(result))`;
    const evaluation = (await this.#send("script.evaluate", {
      expression,
      target: { context: this.#page },
      awaitPromise: true,
    })) as Evaluation;
    if (evaluation.exceptionDetails) throw new Error(evaluation.exceptionDetails.text);
    return JSON.parse(String(evaluation.result?.value)) as Result;
  }

  /** Ends it. */
  async close(): Promise<void> {
    const exited = once(this.#process, "exit");
    await this.#send("browser.close", {}).catch(() => this.#process.kill("SIGKILL"));
    await exited;
    this.#socket.terminate();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  #send(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#commands;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  #onMessage({ id, result, message }: BidiMessage): void {
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (id === undefined || waiting === undefined) return;
    this.#waiting.delete(id);
    if (result === undefined) waiting.reject(new Error(message));
    else waiting.resolve(result);
  }
}

/** The address that Firefox prints once it listens. */
async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error("There is nothing to read.");
  const timer = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT_MS);
  const printed: string[] = [];
  try {
    for await (const line of createInterface(child.stderr)) {
      const [, address] = /WebDriver BiDi listening on (ws:\S+)/.exec(line) ?? [];
      if (address !== undefined) {
        child.stderr.resume(); // it writes on, and must not wait for a reader
        return address;
      }
      printed.push(line);
    }
  } finally {
    clearTimeout(timer);
  }
  throw new Error(`Firefox did not start:\n${printed.join("\n")}`);
}

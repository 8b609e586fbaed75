/** Starts the real ASP.NET Core hub server of test/interop/aspnetcore and controls it; used by interop and browser tests. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { buildDotnetProject, dotnetEnvironment } from "./dotnet-project.js";

const PROJECT = "test/interop/aspnetcore";
/** For the hook or the test that starts a server: the first start on a machine builds it. */
export const BUILD_AND_START_MS = 300_000;

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
const EVENT_TIMEOUT_MS = 10_000;
const KEPT_OUTPUT = 20_000;

/** A message for clients, pushed from outside any hub. */
export interface PushOrder {
  /** Whose clients. Default: those of the hubs of type InteropHub. */
  readonly hub?: "contract";
  readonly target: "all" | "group" | "user" | "connection";
  /** The group, user or connection id. Unused for `all`. */
  readonly name?: string;
  readonly method: string;
  readonly arguments: readonly unknown[];
}

/** Something that happened on the server; the kinds are listed in the project's README. */
export interface ServerEvent {
  readonly number: number;
  readonly kind: string;
  readonly connectionId: string;
  readonly detail: string | null;
}

/** A request as the server received it. Header names are in lower case. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly isWebSocketUpgrade: boolean;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly accessToken: string | null;
}

/** A running server. Its hubs, negotiate answers and control endpoints are described in the project's README. */
export class AspNetCoreServer {
  /** Where it listens, such as `http://127.0.0.1:41234`, without a slash at the end. */
  readonly url: string;
  readonly #process: ServerProcess;
  #isPaused = false;

  constructor(url: string, serverProcess: ServerProcess) {
    this.url = url;
    this.#process = serverProcess;
  }

  /** The last of what the server printed, for the report of a failure. */
  get output(): string {
    return this.#process.output;
  }

  /** Sends a message to clients. */
  async push(order: PushOrder): Promise<void> {
    await this.#post("/control/send", order);
  }

  /**
   * Ends a connection: by TCP reset, by FIN without a WebSocket close frame, or as `Context.Abort()` does.
   * @throws Error when no connection has this id.
   */
  async drop(connectionId: string, how: "reset" | "fin" | "abort" = "reset"): Promise<void> {
    // A client is connected a moment before the hub knows it.
    await this.waitForEvent("connected", { connectionId });
    await this.#post(`/control/drop/${encodeURIComponent(connectionId)}?how=${how}`);
  }

  /** Lets the hub methods go on that wait at this gate, now and later. */
  async openGate(name: string): Promise<void> {
    await this.#post(`/control/gates/${encodeURIComponent(name)}`);
  }

  /**
   * Waits for an event, past or future.
   * @param kind One of the kinds of the README, such as `disconnected`.
   * @param of The connection, and the exact detail, that it must have.
   * @throws Error when there is none within 10 s.
   */
  async waitForEvent(kind: string, of: { connectionId?: string | null; detail?: string } = {}): Promise<ServerEvent> {
    const query = new URLSearchParams({ timeoutMs: String(EVENT_TIMEOUT_MS) });
    if (of.connectionId != null) query.set("connectionId", of.connectionId);
    if (of.detail !== undefined) query.set("detail", of.detail);
    return (await this.#get(`/control/events/${encodeURIComponent(kind)}?${query}`)) as ServerEvent;
  }

  /** The events so far, of one connection or of all. */
  async events(connectionId?: string | null): Promise<ServerEvent[]> {
    const query = connectionId == null ? "" : `?${new URLSearchParams({ connectionId })}`;
    return (await this.#get(`/control/events${query}`)) as ServerEvent[];
  }

  /** The requests whose query had this `marker`, oldest first. */
  async requests(marker: string): Promise<SeenRequest[]> {
    return (await this.#get(`/control/requests?${new URLSearchParams({ marker })}`)) as SeenRequest[];
  }

  /** The ids of the hub connections that are open. */
  async connections(): Promise<string[]> {
    return (await this.#get("/control/connections")) as string[];
  }

  /** Shuts down as a server does that is told to: it tells its clients. Settles when the process has ended. */
  async shutDown(): Promise<void> {
    await this.#post("/control/stop");
    await this.#process.ended(STOP_TIMEOUT_MS);
  }

  /** Kills the process at once, without a word to anybody. */
  async kill(): Promise<void> {
    this.#process.signal("SIGKILL");
    await this.#process.ended(STOP_TIMEOUT_MS);
  }

  /** Whether the process is frozen. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Freezes the process: its kernel still takes connections and bytes, but nobody reads them. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    await this.#process.freeze();
  }

  /** Lets a frozen process go on. One that is not frozen does not notice. */
  resume(): void {
    this.#isPaused = false;
    this.#process.signal("SIGCONT");
  }

  /** Ends the process, whatever state it is in. May be called again. */
  async stop(): Promise<void> {
    this.resume();
    await this.#process.stop();
  }

  async #post(path: string, body?: unknown): Promise<void> {
    const content =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const response = await fetch(this.url + path, { method: "POST", ...content });
    if (!response.ok) throw new Error(`POST ${path}: status ${response.status} ${await response.text()}`);
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(this.url + path);
    if (!response.ok) throw new Error(`GET ${path}: status ${response.status} ${await response.text()}`);
    return response.json();
  }
}

/**
 * Builds the server if need be, starts it and waits until it listens. It ends with {@link AspNetCoreServer.stop}, or by
 * itself when this process ends.
 * @param options.port The port, for a server that comes back where it was; a free one by default.
 * @throws Error when it does not build or start.
 */
export async function startAspNetCoreServer(options: { port?: number } = {}): Promise<AspNetCoreServer> {
  const program = await buildDotnetProject(PROJECT);
  const serverProcess = new ServerProcess(program, options.port ?? 0);
  try {
    return new AspNetCoreServer(await serverProcess.listening(START_TIMEOUT_MS), serverProcess);
  } catch (thrown) {
    await serverProcess.stop();
    throw thrown;
  }
}

/** The child process: what it prints, and that it ends. */
class ServerProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exit: Promise<unknown>;
  readonly #url: Promise<string>;
  #output = "";

  constructor(program: string, port: number) {
    this.#child = spawn("dotnet", [program, "--urls", `http://127.0.0.1:${port}`], {
      cwd: dirname(program),
      env: dotnetEnvironment,
    });
    // Writing to a process that has just died must not throw here; its exit is what counts.
    this.#child.stdin.on("error", () => {});
    this.#exit = once(this.#child, "close").catch(() => {});
    this.#url = this.#readUrl();
    this.#url.catch(() => {});
  }

  get output(): string {
    return this.#output;
  }

  listening(timeoutMs: number): Promise<string> {
    return this.#within(this.#url, timeoutMs, "did not start to listen");
  }

  async ended(timeoutMs: number): Promise<void> {
    await this.#within(this.#exit, timeoutMs, "did not end");
  }

  async freeze(): Promise<void> {
    this.signal("SIGSTOP");
    // Its threads stop one by one.
    while (!(await this.#isFrozen())) await new Promise((resolve) => setImmediate(resolve));
  }

  signal(name: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(name);
  }

  async #isFrozen(): Promise<boolean> {
    const tasks = `/proc/${this.#child.pid}/task`;
    if (!existsSync(tasks)) return true; // no Linux: there is nowhere to look
    const threads = await readdir(tasks);
    const states = await Promise.all(threads.map((thread) => readFile(join(tasks, thread, "stat"), "utf8")));
    return states.every((state) => / T \d/.test(state.slice(state.lastIndexOf(")"))));
  }

  async stop(): Promise<void> {
    // The end of its standard input is its order to stop.
    this.#child.stdin.end();
    await this.ended(STOP_TIMEOUT_MS).catch(async () => {
      this.signal("SIGKILL");
      await this.#exit;
    });
  }

  #readUrl(): Promise<string> {
    return new Promise((resolve, reject) => {
      const note = (text: string): void => {
        this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
        const found = /Now listening on: (\S+)/.exec(this.#output)?.[1];
        if (found !== undefined) resolve(found);
      };
      this.#child.stdout.setEncoding("utf8").on("data", note);
      this.#child.stderr.setEncoding("utf8").on("data", note);
      this.#child.once("error", reject);
      this.#child.once("close", () => reject(new Error(`The ASP.NET Core server ended.\n${this.#output}`)));
    });
  }

  async #within<T>(promise: Promise<T>, timeoutMs: number, complaint: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      const fail = (): void => reject(new Error(`The ASP.NET Core server ${complaint}.\n${this.#output}`));
      timer = setTimeout(fail, timeoutMs);
    });
    try {
      return await Promise.race([promise, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}

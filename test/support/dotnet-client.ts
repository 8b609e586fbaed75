/** Runs the real .NET client of test/interop/dotnet-client against a hub; used by the interop tests of our server. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import type { TransportName } from "../../src/transports/transport.js";
import { buildDotnetProject, dotnetEnvironment } from "./dotnet-project.js";

const PROJECT = "test/interop/dotnet-client";
const RUN_TIMEOUT_MS = 120_000;

/** What became of one scenario of the .NET client. */
export interface ScenarioResult {
  readonly name: string;
  readonly ok: boolean;
  /** What came of it, or how long it took, or why it failed. */
  readonly detail: string;
}

/** The same as {@link runDotnetClientOver} with WebSockets. */
export function runDotnetClient(url: string, ...scenarios: readonly string[]): Promise<ScenarioResult[]> {
  return runDotnetClientOver("WebSockets", url, ...scenarios);
}

/**
 * Builds the client if need be and runs its scenarios, all of them or those named.
 * @param url Address of a hub that keeps the contract in the project's README.
 * @returns One result per scenario, in the order in which they finished.
 * @throws Error when the client does not build, crashes, or does not end within two minutes.
 */
export function runDotnetClientOver(
  transport: TransportName,
  url: string,
  ...scenarios: readonly string[]
): Promise<ScenarioResult[]> {
  return run(url, `--transport=${transport}`, ...scenarios);
}

/**
 * Lets the client hold a conversation (Scenarios/Conversation.cs) at each address, several at a time, with stateful reconnect.
 * @returns One result per conversation, with the address as its name; the detail tells whether it was "whole" or "reported".
 * @throws Error as {@link runDotnetClientOver} does.
 */
export function runDotnetConversations(urls: readonly string[]): Promise<ScenarioResult[]> {
  return run("--converse", ...urls);
}

async function run(...options: readonly string[]): Promise<ScenarioResult[]> {
  const program = await buildDotnetProject(PROJECT);
  const child = spawn("dotnet", [program, ...options], {
    cwd: dirname(program),
    env: dotnetEnvironment,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: RUN_TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  const results: ScenarioResult[] = [];
  const complaints: string[] = [];
  createInterface(child.stdout).on("line", (line) => {
    const result = parseResult(line);
    if (result) results.push(result);
    else complaints.push(line);
  });
  createInterface(child.stderr).on("line", (line) => complaints.push(line));

  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  const expectedCode = results.every((result) => result.ok) ? 0 : 1;
  if (results.length === 0 || complaints.length > 0 || code !== expectedCode) {
    const end = signal === null ? `exit code ${code}` : `signal ${signal}`;
    throw new Error(`The .NET client ended with ${end} after ${results.length} results.\n${complaints.join("\n")}`);
  }
  return results;
}

function parseResult(line: string): ScenarioResult | undefined {
  try {
    const value = JSON.parse(line) as Partial<ScenarioResult> | null;
    if (typeof value?.name !== "string" || typeof value.ok !== "boolean" || typeof value.detail !== "string") {
      return undefined;
    }
    return { name: value.name, ok: value.ok, detail: value.detail };
  } catch {
    return undefined;
  }
}

/** A site with the script-tag client and a hub that cuts its callers' connections; what the tests of waking run on. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type * as browserClient from "../../src/index.browser.js";
import { createHubServer, Hub } from "../../src/server/index.js";

declare const signalR: typeof browserClient;

const script = join(__dirname, "../../dist/browser/signalr.min.js");

/** Every page can cut its own connection, and hears how often it was called. */
class CutHub extends Hub {
  cut(): void {
    this.context.request.socket.destroy();
  }

  echo(text: string): string {
    return text;
  }
}

/** What {@link startWakingSite} makes. */
export interface WakingSite {
  /** Where it is, without a slash at the end. */
  readonly url: string;
  /** The requests for a connection so far. */
  readonly negotiations: () => number;
  stop(): Promise<void>;
}

/** Starts it. */
export async function startWakingSite(): Promise<WakingSite> {
  let negotiations = 0;
  const hubs = createHubServer({ logger: null, shutdownTimeout: 1_000 });
  hubs.mapHub("/hub", CutHub);
  const server = createServer((request, response) => {
    const isScript = request.url === "/signalr.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    const page = "<!doctype html><link rel=icon href=data:,><script src=/signalr.js></script>";
    response.end(isScript ? readFileSync(script) : page);
  });
  server.on("request", ({ url }) => {
    if (url?.startsWith("/hub/negotiate")) negotiations++;
  });
  hubs.attach(server).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    negotiations: () => negotiations,
    stop: async () => {
      await hubs.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What pages keep their connection in. */
interface PageState {
  connection?: browserClient.HubConnection;
  lost?: Promise<unknown>;
  reconnected?: Promise<string | undefined>;
  /** What a reconnect waits for first, and what opens it. */
  gate?: Promise<undefined>;
  openGate?: (value: undefined) => void;
}

/** Runs in the page. @returns whether it is connected. */
export async function connect(options: browserClient.AutomaticReconnectOptions): Promise<boolean> {
  const page = globalThis as PageState;
  const connection = new signalR.HubConnectionBuilder()
    .withUrl("/hub")
    .configureLogging("none")
    .withAutomaticReconnect({ ...options, shouldRetry: () => page.gate })
    .build();
  page.connection = connection;
  page.reconnected = new Promise((resolve) => connection.onreconnected(resolve));
  page.lost = new Promise((resolve) => connection.onreconnecting(resolve));
  await connection.start();
  return true;
}

/** Runs in the page: lets no attempt begin before {@link openGate}. */
export function closeGate(): void {
  const page = globalThis as PageState;
  page.gate = new Promise((resolve) => (page.openGate = resolve));
}

/** Runs in the page. */
export function openGate(): void {
  (globalThis as PageState).openGate?.(undefined);
}

/** Runs in the page: has its connection cut. @returns the state in which that leaves it. */
export async function loseConnection(): Promise<string | undefined> {
  const { connection, lost } = globalThis as PageState;
  void connection?.send("cut");
  await lost;
  return connection?.state;
}

/** Runs in the page: waits for the reconnect, and tries the connection. */
export async function useConnection(): Promise<unknown> {
  const { connection, reconnected } = globalThis as PageState;
  const id = await reconnected;
  const echo = await connection?.invoke<string>("echo", "back");
  const isSame = id !== undefined && id === connection?.connectionId;
  await connection?.stop();
  return { echo, isSame };
}

/** Runs in the page: the state of its connection. */
export function stateOfConnection(): string | undefined {
  return (globalThis as PageState).connection?.state;
}

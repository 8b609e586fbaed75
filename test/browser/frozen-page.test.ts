/** SIGSTOP and SIGCONT of the process of a page: time in which it did not run is not the server's silence, and it goes on as if nothing had been. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import type * as browserClient from "../../src/index.browser.js";
import { Hub } from "../../src/server/index.js";
import { HubSite } from "../integration/hub-site.js";
import { launchBrowser } from "../support/browser.js";
import { RawClient } from "../support/hub-server.js";
import { describeWhen } from "../support/requirements.js";

declare const signalR: typeof browserClient;

const script = join(__dirname, "../../dist/browser/signalr.min.js");

const SERVER_TIMEOUT_MS = 1_000;
const PING_MS = 200;
/** What the server pings others meanwhile: three times as long as the page waits for a word. */
const PINGS = (3 * SERVER_TIMEOUT_MS) / PING_MS;

class EchoHub extends Hub {
  echo(text: string): string {
    return text;
  }
}

/** What the page keeps. */
interface PageState {
  connection?: browserClient.HubConnection;
  ends?: unknown[];
  longestPauseMs?: number;
}

/** Runs in the page. */
async function connect([transport, serverTimeout]: readonly [string, number]): Promise<void> {
  const page = globalThis as PageState;
  const ends: unknown[] = (page.ends = []);
  const connection = (page.connection = new signalR.HubConnectionBuilder()
    .withUrl("/hub", { transport: signalR.HttpTransportType[transport as "WebSockets"] })
    .configureLogging("none")
    .withKeepAliveInterval(serverTimeout / 4)
    .withServerTimeout(serverTimeout)
    .build());
  connection.onclose((error) => ends.push((error as { code?: string } | undefined)?.code));
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    page.longestPauseMs = Math.max(page.longestPauseMs ?? 0, now - last);
    last = now;
  }, 20);
  await connection.start();
}

/** Runs in the page. */
async function useConnection(): Promise<unknown> {
  const page = globalThis as PageState;
  const { connection } = page;
  const echo = await connection?.invoke<string>("Echo", "still here").catch((error: Error) => error.message);
  const { ends, longestPauseMs } = page;
  return { echo, ends, longestPauseMs, state: connection?.state };
}

describeWhen("chromium", "a page that stands still", () => {
  const server = HubSite.forTests({
    map: (hubs) => hubs.mapHub("/hub", EchoHub, { keepAliveInterval: PING_MS, clientTimeoutInterval: 60_000 }),
    listener: (request, response) => {
      const isScript = request.url === "/signalr.js";
      response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
      const page = "<!doctype html><link rel=icon href=data:,><script src=/signalr.js></script>";
      response.end(isScript ? readFileSync(script) : page);
    },
  });
  let browser: Browser;
  let page: Page;
  let frozen: number[] = [];

  beforeAll(async () => (browser = await launchBrowser()), 60_000);
  beforeEach(async () => {
    page = await browser.newPage();
    await page.goto(server.site.url);
  });
  afterEach(async () => {
    thaw();
    await page.close();
  });
  afterAll(() => browser?.close());

  /** Stops what runs the pages of this browser; the process that has their network connections goes on. */
  async function freeze(): Promise<void> {
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    await session.detach();
    frozen = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
    for (const id of frozen) process.kill(id, "SIGSTOP");
  }

  function thaw(): void {
    for (const id of frozen.splice(0)) process.kill(id, "SIGCONT");
  }

  /** Waits until somebody else was pinged so often. */
  async function untilPinged(times: number): Promise<void> {
    const onlooker = await RawClient.connect(server.site.port, "/hub");
    for (let count = 0; count < times; count++) expect(await onlooker.next()).toEqual({ type: 6 });
    onlooker.socket.terminate();
  }

  test.each(["WebSockets", "ServerSentEvents"])("takes up its connection over %s where it was", async (transport) => {
    await page.evaluate(connect, [transport, SERVER_TIMEOUT_MS] as const);
    await freeze();
    await untilPinged(PINGS);
    thaw();
    const seen = await page.evaluate(useConnection);
    expect(seen).toMatchObject({ echo: "still here", ends: [], state: "Connected" });
    // It really stood still, and for longer than it waits for a server that is silent.
    expect((seen as PageState).longestPauseMs).toBeGreaterThan(2 * SERVER_TIMEOUT_MS);
  });
});

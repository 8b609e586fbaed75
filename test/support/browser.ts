/** Starts Chromium, and opens pages in it that write down what goes wrong in them; used by the browser tests. */
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { programPath } from "./requirements.js";

const quietly = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A page, and what it should not have done. */
export interface WatchedPage {
  readonly page: Page;
  /** Console errors, uncaught exceptions, failed requests, and requests to hosts that are not the page's own. */
  readonly faults: readonly string[];
}

/** Starts the browser; the caller closes it. Pages that are left are not kept for the way back, unless a test wants it. */
export function launchBrowser(options: { readonly keepsPages?: boolean } = {}): Promise<Browser> {
  const ignoreDefaultArgs = options.keepsPages ? ["--disable-back-forward-cache"] : [];
  return chromium.launch({ executablePath: programPath("chromium"), args: quietly, ignoreDefaultArgs });
}

/** How a page is opened, beside what the browser knows. */
export interface PageOptions extends BrowserContextOptions {
  /** What is in the page's storage before anything in it runs. */
  readonly sessionStorage?: Readonly<Record<string, string>>;
  /** Runs in the page before anything else does. */
  readonly initScript?: () => void;
}

/** Opens an address in a context of its own, so that pages share nothing. */
export async function openPage(browser: Browser, address: string, options: PageOptions = {}): Promise<WatchedPage> {
  const { sessionStorage: stored = {}, initScript = () => undefined, ...contextOptions } = options;
  const context = await browser.newContext(contextOptions);
  const page = await context.newPage();
  const faults: string[] = [];
  const { host } = new URL(address);
  const checkHost = (url: string): void => {
    if (/^(https?|wss?):/.test(url) && new URL(url).host !== host) faults.push(`request to ${url}`);
  };
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
  page.on("request", (request) => checkHost(request.url()));
  page.on("requestfailed", (request) => faults.push(`failed: ${request.url()}`));
  page.on("websocket", (socket) => checkHost(socket.url()));
  await page.addInitScript((entries) => {
    for (const [key, value] of Object.entries(entries)) sessionStorage.setItem(key, value);
  }, stored);
  await page.addInitScript(initScript);
  await page.goto(address);
  return { page, faults };
}

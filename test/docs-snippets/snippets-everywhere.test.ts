/** Snippets in the shape of the official documentation, unchanged: as ES module, as CommonJS and as script of a page, on both servers. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { BUILD_AND_START_MS, startAspNetCoreServer } from "../support/aspnetcore-server.js";
import { launchBrowser } from "../support/browser.js";
import { Firefox } from "../support/firefox.js";
import { HttpProxy } from "../support/http-proxy.js";
import { startInteropServer } from "../support/interop-server.js";
import { describeWhen } from "../support/requirements.js";
import { pageFiles, printed, printedIn, runInNode, type Encodings } from "./snippet-program.js";

declare const window: { readonly printed: Promise<unknown> };

const HUB = "/contract";

/** A server with the hub of the contract. */
interface Site {
  /** Without a path. */
  readonly url: string;
  stop(): Promise<void>;
}

async function startHubwire(): Promise<Site> {
  const server = await startInteropServer();
  return { url: new URL(server.url).origin, stop: () => server.stop() };
}

function everywhere(start: () => Promise<Site>, encodings: Encodings): void {
  let site: Site;
  let proxy: HttpProxy;

  beforeAll(async () => {
    site = await start();
    proxy = await HttpProxy.start(site.url);
    for (const [path, file] of pageFiles(HUB, encodings)) proxy.files.set(path, file);
  }, BUILD_AND_START_MS);

  afterAll(async () => {
    await proxy.stop();
    await site.stop();
  });

  test.each(["esm", "cjs"] as const)("in Node: %s", async (format) => {
    expect(await runInNode(format, site.url + HUB, encodings)).toEqual(printedIn(format, encodings));
  }, 30_000); // prettier-ignore

  describeWhen("chromium", "in Chromium", () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await launchBrowser();
    }, 60_000);
    afterAll(() => browser?.close());

    test("as script of a page", async () => {
      const page = await browser.newPage();
      await page.goto(proxy.url);
      expect(await page.evaluate(() => window.printed)).toEqual(printedIn("page", encodings));
    }, 30_000);
  });

  describeWhen("firefox", "in Firefox", () => {
    let firefox: Firefox;

    beforeAll(async () => {
      firefox = await Firefox.launch();
    }, 90_000);
    afterAll(() => firefox?.close());

    test("as script of a page", async () => {
      await firefox.open(proxy.url);
      expect(await firefox.run(() => window.printed, undefined)).toEqual(printedIn("page", encodings));
    }, 30_000);
  });
}

describe("on hubwire's server", () => everywhere(startHubwire, "json and messagepack"));
describeWhen("dotnet", "on ASP.NET Core", () => everywhere(startAspNetCoreServer, "json"));

test("every snippet is run", () => {
  const files = readdirSync(join(__dirname, "snippets")).map((name) => name.replace(/\.js$/, ""));
  expect(files.sort()).toEqual(Object.keys(printed).sort());
});

/** The demo and a browser with visitors on its page, with their ends seen to; what the demo's browser tests run on. */
import type { Browser, Page } from "playwright-core";
import { launchBrowser, openPage, type PageOptions, type WatchedPage } from "./browser.js";
import { connected, faultsOfPages } from "./demo-page.js";
import { DemoProcess } from "./demo-process.js";

const DESKTOP = { width: 1280, height: 800 };

/** One demo for the tests of a `describe`. Each test has visitors of its own, because the room remembers what happened. */
export class DemoSite {
  #demo: DemoProcess | undefined;
  #browser: Browser | undefined;
  #address = "";
  readonly #open: WatchedPage[] = [];

  /** Registers the hooks that start and stop it, and that look for faults behind each test. Call it inside `describeWhen("chromium", …)`. */
  constructor() {
    beforeAll(async () => {
      this.#demo = new DemoProcess(["--port", "0"]);
      this.#address = await this.#demo.address();
      await this.#demo.printed(/joined the room/);
      this.#browser = await launchBrowser();
    }, 30_000);

    afterEach(async () => {
      const visits = this.#open.splice(0);
      await Promise.all(visits.map(({ page }) => page.context().close()));
      this.demo.expectRunning();
      expect(faultsOfPages(visits)).toEqual([]);
    });

    afterAll(async () => {
      await this.#browser?.close();
      await this.#demo?.stop();
    }, 20_000);
  }

  /** The process. */
  get demo(): DemoProcess {
    if (this.#demo === undefined) throw new Error("the demo was not started");
    return this.#demo;
  }

  /** Somebody opens the page, on a desktop unless the options say otherwise, and is in the room. */
  async visit(name: string, { sessionStorage = {}, ...options }: PageOptions = {}): Promise<Page> {
    if (this.#browser === undefined) throw new Error("the browser was not started");
    const visited = await openPage(this.#browser, this.#address, {
      viewport: DESKTOP,
      ...options,
      sessionStorage: { "hubwire-demo-name": name, ...sessionStorage },
    });
    this.#open.push(visited);
    await connected(visited.page);
    return visited.page;
  }
}

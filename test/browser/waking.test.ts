/** Pages that come back: a lost connection is made again at once when the network or the page itself is back, in Chromium and Firefox. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import type { HubConnection } from "../../src/index.browser.js";
import { launchBrowser } from "../support/browser.js";
import { Firefox } from "../support/firefox.js";
import { describeWhen } from "../support/requirements.js";
import {
  closeGate,
  connect,
  loseConnection,
  openGate,
  startWakingSite,
  stateOfConnection,
  useConnection,
  type WakingSite,
} from "./waking-hub.js";

/** Longer than any test. */
const TEN_MINUTES = { delays: [600_000] };
const back = { echo: "back", isSame: true };

let site: WakingSite;
beforeAll(async () => (site = await startWakingSite()));
afterAll(() => site.stop());

describeWhen("chromium", "waking in Chromium", () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => (browser = await launchBrowser({ keepsPages: true })), 60_000);
  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
    await page.goto(site.url);
  });
  afterEach(() => context.close());
  afterAll(() => browser?.close());

  test("a network that is back", async () => {
    await page.evaluate(connect, TEN_MINUTES);
    expect(await page.evaluate(loseConnection)).toBe("Reconnecting");
    await context.setOffline(true);
    expect(await page.evaluate(stateOfConnection)).toBe("Reconnecting");
    await context.setOffline(false);
    expect(await page.evaluate(useConnection)).toEqual(back);
  });

  test("attempts while the browser is offline are not counted", async () => {
    await page.evaluate(connect, { delays: [0], maxRetries: 1 });
    await page.evaluate(closeGate);
    await page.evaluate(loseConnection);
    await context.setOffline(true);
    const failed = page.waitForEvent("requestfailed");
    await page.evaluate(openGate);
    await failed;
    expect(await page.evaluate(stateOfConnection)).toBe("Reconnecting");
    await context.setOffline(false);
    expect(await page.evaluate(useConnection)).toEqual(back);
  });

  test("a page that was left and is shown again as it was", async () => {
    await page.evaluate(connect, TEN_MINUTES);
    expect(await page.evaluate(loseConnection)).toBe("Reconnecting");
    const before = site.negotiations();
    await page.goto(`${site.url}/elsewhere`);
    expect(site.negotiations()).toBe(before);
    // The load event of a kept page is long over.
    await page.goBack({ waitUntil: "commit" });
    expect(await page.evaluate(useConnection)).toEqual(back);
  });

  test("a page that was left while it was connected goes on, whatever the browser did to its socket meanwhile", async () => {
    await page.evaluate(connect, { delays: [0], maxRetries: 100 });
    await page.goto(`${site.url}/elsewhere`);
    await page.goBack({ waitUntil: "commit" });
    const echo = await page.evaluate(async () => {
      const { connection } = globalThis as { connection?: HubConnection };
      if (connection === undefined) return "loaded anew"; // a browser may decide not to keep such a page
      for (;;) {
        const answer = await connection.invoke<string>("echo", "back").catch(() => undefined);
        if (answer !== undefined) return answer;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    });
    expect(["back", "loaded anew"]).toContain(echo);
  });

  test("a page that becomes visible", async () => {
    await page.evaluate(connect, TEN_MINUTES);
    expect(await page.evaluate(loseConnection)).toBe("Reconnecting");
    await page.evaluate(() => void document.dispatchEvent(new Event("visibilitychange")));
    expect(await page.evaluate(useConnection)).toEqual(back);
  });
});

describeWhen("firefox", "waking in Firefox", () => {
  let firefox: Firefox;
  beforeAll(async () => (firefox = await Firefox.launch()), 90_000);
  afterAll(() => firefox?.close(), 30_000);

  test.each(["online", "pageshow", "visibilitychange"])("the event %s", async (name) => {
    await firefox.open(site.url);
    await firefox.run(connect, TEN_MINUTES);
    expect(await firefox.run(loseConnection, undefined)).toBe("Reconnecting");
    await firefox.run((event: string) => {
      const target = event === "visibilitychange" ? document : globalThis;
      target.dispatchEvent(new Event(event));
      return Promise.resolve(true);
    }, name);
    expect(await firefox.run(useConnection, undefined)).toEqual(back);
  });
});

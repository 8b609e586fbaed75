/** The script-tag example in real browsers: votes over MessagePack, between pages, and across a lost connection. */
import type { Browser, Page } from "playwright-core";
import { launchBrowser, openPage, type WatchedPage } from "../support/browser.js";
import { ExampleProcess } from "../support/example-process.js";
import { Firefox } from "../support/firefox.js";
import { describeWhen } from "../support/requirements.js";

const phone = { width: 390, height: 844 };

describeWhen("chromium", "the script-tag example", () => {
  let browser: Browser;
  let example: ExampleProcess;
  const visits: WatchedPage[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
  }, 30_000);

  beforeEach(() => {
    example = new ExampleProcess("script-tag");
  });

  afterEach(async () => {
    await Promise.all(visits.splice(0).map(({ page }) => page.context().close()));
    await example.stop();
  }, 20_000);

  afterAll(() => browser?.close());

  test("a vote is seen on every page, can be changed, and goes with whoever leaves", async () => {
    const ada = await visit();
    const emmy = await visit();
    await ada.getByRole("button", { name: "Coffee" }).click();
    await votes(emmy, "Tea 0, Coffee 1, Water 0");
    await emmy.getByRole("button", { name: "Tea" }).click();
    await votes(ada, "Tea 1, Coffee 1, Water 0");
    await emmy.getByRole("button", { name: "Coffee" }).click();
    await votes(ada, "Tea 0, Coffee 2, Water 0");
    await emmy.context().close();
    await votes(ada, "Tea 0, Coffee 1, Water 0");
    expect(await ada.locator("[aria-pressed=true]").innerText()).toMatch(/^Coffee/);
    expect(visits.flatMap(({ faults }) => faults)).toEqual([]);
  });

  test("what goes over the wire is binary", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const frame = page
      .waitForEvent("websocket")
      .then((socket) => socket.waitForEvent("framereceived", ({ payload }) => payload.includes("Votes")));
    await page.goto(await example.address());
    expect((await frame).payload).toBeInstanceOf(Buffer);
    await context.close();
  });

  test("when the hub was restarted the page is connected again, and its vote counts again", async () => {
    const page = await visit();
    await page.getByRole("button", { name: "Water" }).click();
    await votes(page, "Tea 0, Coffee 0, Water 1");
    const { port } = new URL(await example.address());
    await example.stop();
    expect(await example.ended).toEqual({ code: 0, signal: null });
    await page.getByText("Reconnecting").waitFor();
    expect(await page.getByRole("button", { name: "Tea" }).isDisabled()).toBe(true);
    example = new ExampleProcess("script-tag", port);
    await page.getByText("Connected over WebSockets").waitFor();
    const other = await visit();
    await votes(other, "Tea 0, Coffee 0, Water 1");
  });

  test("it fits a phone", async () => {
    const page = await visit();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
  });

  async function visit(): Promise<Page> {
    const opened = await openPage(browser, await example.address(), { viewport: phone });
    visits.push(opened);
    await opened.page.getByText("Connected over WebSockets").waitFor();
    return opened.page;
  }
});

describeWhen("firefox", "the script-tag example in Firefox", () => {
  test("a vote comes back", async () => {
    const example = new ExampleProcess("script-tag");
    const firefox = await Firefox.launch();
    try {
      await firefox.open(await example.address());
      expect(await firefox.run(voteForTea, undefined)).toEqual(["Tea 1", "Coffee 0", "Water 0"]);
    } finally {
      await firefox.close();
      await example.stop();
    }
  }, 90_000);
});

/** Runs in the page: votes when that is possible, and waits until the hub has counted it. */
function voteForTea(): Promise<string[]> {
  return new Promise((resolve) => {
    const look = (): void => {
      const buttons = [...document.querySelectorAll<HTMLButtonElement>("#drinks button")];
      const [tea] = buttons;
      if (tea && !tea.disabled && !tea.ariaPressed) tea.click();
      if (tea?.textContent === "Tea 1") resolve(buttons.map(({ textContent }) => textContent));
      else requestAnimationFrame(look);
    };
    look();
  });
}

/** Waits until a page shows these numbers. */
async function votes(page: Page, expected: string): Promise<void> {
  await page.waitForFunction((numbers) => {
    const shown = [...document.querySelectorAll("#drinks button")];
    return shown.map(({ textContent }) => textContent).join(", ") === numbers;
  }, expected);
}

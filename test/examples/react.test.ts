/** The React example in real browsers: what its page shows, and how often its hub sees what StrictMode does twice. */
import type { Browser, Page } from "playwright-core";
import { launchBrowser, openPage, type WatchedPage } from "../support/browser.js";
import { ExampleProcess } from "../support/example-process.js";
import { Firefox } from "../support/firefox.js";
import { describeWhen } from "../support/requirements.js";

const phone = { width: 390, height: 844 };

/** In the page: each state that was shown. */
declare const shownStates: string[];

describeWhen("chromium", "the React example", () => {
  let browser: Browser;
  let example: ExampleProcess;
  let visit: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    browser = await launchBrowser();
  }, 30_000);

  // Each test counts what one visitor makes the hub see.
  beforeEach(async () => {
    example = new ExampleProcess("react");
    visit = await openPage(browser, await example.address(), { viewport: phone, initScript: noteStates });
    ({ page } = visit);
    await priceOf("EUR");
    await state("Connected");
  });

  afterEach(async () => {
    await page?.context().close();
    await example?.stop();
  }, 20_000);

  afterAll(() => browser?.close());

  test("it connects once and streams once, though StrictMode mounts everything twice", async () => {
    await buy();
    expect(example.output).toMatch(/connected, 1 open\nstream of EUR begins\n$/);
    expect(await page.evaluate(() => shownStates)).toEqual(["Disconnected", "Connecting", "Connected"]);
    expect(visit.faults).toEqual([]);
  });

  test("another argument ends the stream and begins another one", async () => {
    await page.getByRole("button", { name: "JPY" }).click();
    await priceOf("JPY");
    await example.printed(/stream of EUR ends/);
    expect(streams()).toEqual(["EUR begins", "JPY begins", "EUR ends"].sort());
  });

  test("a component that is unmounted ends its stream; mounted again while connected, it begins exactly one", async () => {
    await page.getByLabel("Watch").uncheck();
    await example.printed(/stream of EUR ends/);
    await page.getByLabel("Watch").check();
    await priceOf("EUR");
    await buy();
    expect(streams()).toEqual(["EUR begins", "EUR begins", "EUR ends"]);
    expect(example.count(/^connected/)).toBe(1);
  });

  test("each event is handled once, by the handler of the latest render", async () => {
    await buy();
    await page.getByRole("button", { name: "GBP" }).click();
    await priceOf("GBP");
    await buy();
    expect(await page.locator("li b").allInnerTexts()).toEqual([
      expect.stringMatching(/^\d+\.\d\d GBP$/),
      expect.stringMatching(/^\d+\.\d\d EUR$/),
    ]);
  });

  test("when the line is dropped the page says so, connects again, and streams again, once", async () => {
    const states = await statesFromNow();
    await page.getByRole("button", { name: "Drop my connection" }).click();
    await example.printed(/stream of EUR begins[^]*stream of EUR begins/);
    await state("Connected");
    await buy();
    expect(await states()).toEqual(["Reconnecting", "Connected"]);
    await example.printed(/disconnected/);
    expect(streams()).toEqual(["EUR begins", "EUR begins", "EUR ends"]);
    expect(example.count(/^connected/)).toBe(2);
    expect(example.count(/^disconnected/)).toBe(1);
  });

  test("unmounting the provider stops the connection, and mounting it again starts it", async () => {
    await page.getByRole("button", { name: "Close" }).click();
    await state("Disconnected");
    await example.printed(/disconnected, 0 open/);
    await page.getByRole("button", { name: "Open" }).click();
    await priceOf("EUR");
    expect(example.count(/^connected, 1 open/)).toBe(2);
    expect(visit.faults).toEqual([]);
  });

  test("mounting and unmounting again and again, faster than a connection is made, settles", async () => {
    const clickQuickly = (clicks: number) =>
      page.evaluate(async (times) => {
        for (let i = 0; i < times; i++) {
          document.querySelector<HTMLButtonElement>("header button")?.click();
          // At once, before its requests are answered, and about when they are.
          if (i % 3 !== 0) await new Promise((resolve) => requestAnimationFrame(resolve));
          else await Promise.resolve();
        }
      }, clicks);
    await clickQuickly(10);
    await state("Connected");
    await priceOf("EUR");
    await clickQuickly(11);
    await state("Disconnected");
    await example.printed(/disconnected, 0 open\n(stream of EUR ends\n)?$/);
    expect(example.count(/^connected/)).toBe(example.count(/^disconnected/));
    expect(example.output).not.toContain("2 open");
  });

  test("when the hub is gone it says so, and goes on with the next one at the same address", async () => {
    const states = await statesFromNow();
    const { port } = new URL(await example.address());
    await example.stop();
    expect(await example.ended).toEqual({ code: 0, signal: null });
    await state("Reconnecting");
    example = new ExampleProcess("react", port);
    await example.printed(/stream of EUR begins/);
    await state("Connected");
    expect((await states()).slice(0, 2)).toEqual(["Reconnecting", "Connected"]);
  });

  test("it fits a phone", async () => {
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
  });

  /** Waits until a price in this currency is shown. */
  async function priceOf(currency: string): Promise<void> {
    await page
      .locator("strong", { hasText: /\d/ })
      .and(page.locator(`[aria-label="Price in ${currency}"] *`))
      .waitFor();
  }

  function state(name: string): Promise<void> {
    return page.locator(`.state[data-state="${name}"]`).waitFor();
  }

  /** Buys one and waits until the hub has told it: whatever the page did before, the hub has seen. */
  async function buy(): Promise<void> {
    const before = await page.locator("li").count();
    await page.getByRole("button", { name: "Buy one" }).click();
    await page.locator("li").nth(before).waitFor();
  }

  function streams(): string[] {
    return [...example.output.matchAll(/^stream of (.*)$/gm)].map(([, what = ""]) => what).sort();
  }

  /** @returns what reads the states that were shown since now. */
  async function statesFromNow(): Promise<() => Promise<string[]>> {
    const { length } = await page.evaluate(() => shownStates);
    return async () => (await page.evaluate(() => shownStates)).slice(length);
  }
});

describeWhen("firefox", "the React example in Firefox", () => {
  test("it connects once and streams once", async () => {
    const example = new ExampleProcess("react");
    const firefox = await Firefox.launch();
    try {
      await firefox.open(await example.address());
      expect(await firefox.run(shown, undefined)).toMatch(/^\d+\.\d\d$/);
      expect(example.output).toMatch(/connected, 1 open\nstream of EUR begins\n$/);
    } finally {
      await firefox.close();
      await example.stop();
    }
  }, 90_000);
});

/** Runs in the page before anything else does. */
function noteStates(): void {
  const names: string[] = [];
  const note = (): void => {
    const name = document.querySelector(".state")?.textContent;
    if (name && name !== names.at(-1)) names.push(name);
  };
  new MutationObserver(note).observe(document, { subtree: true, characterData: true, childList: true });
  Object.assign(window, { shownStates: names });
}

/** Runs in the page: waits for the price. */
function shown(): Promise<string> {
  return new Promise((resolve) => {
    const look = (): void => {
      const text = document.querySelector("strong")?.textContent ?? "";
      if (/\d/.test(text)) resolve(text);
      else requestAnimationFrame(look);
    };
    look();
  });
}

/** The demo's page, as people use it, in a real browser against the real demo. */
import { createHash, randomBytes } from "node:crypto";
import type { Page } from "playwright-core";
import {
  chart,
  connected,
  connectionId,
  message,
  notice,
  pick,
  received,
  say,
  streamed,
} from "../support/demo-page.js";
import { DemoSite } from "../support/demo-site.js";
import { describeWhen } from "../support/requirements.js";

const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

describeWhen("chromium", "the page of the demo", () => {
  const site = new DemoSite();

  test("the bot greets, hears what is said, and answers", async () => {
    const page = await site.visit("Ada");
    await message(page, "Bot", "Hello Ada!");
    await say(page, "good morning");
    await message(page, "Bot", "Ada, you said: good morning");
    await say(page, "ping?");
    await message(page, "Bot", "pong");
    await site.demo.printed(/Ada: good morning/);
  });

  test("what one page says, the other shows, as text whatever it looks like", async () => {
    const barbara = await site.visit("Barbara");
    const margaret = await site.visit("Margaret", { viewport: phone });
    await notice(barbara, "Margaret came in");
    const text = `<img src="x" onerror="document.title='hacked'"> & <b>bold</b>`;
    await say(margaret, text);
    await message(barbara, "Margaret", text);
    expect(await barbara.locator("#messages img, #messages .words b").count()).toBe(0);
    expect(await barbara.locator("#people").innerText()).toMatch(/Bot\s+\S*\s*Barbara\s+\S*\s*Margaret/);
    await margaret.context().close();
    await notice(barbara, "Margaret left");
    await barbara.getByText("2 here").waitFor();
  });

  test("a visitor can take another name with the keyboard alone", async () => {
    const rosalind = await site.visit("Rosalind");
    const emmy = await site.visit("Emmy");
    await rosalind.getByLabel("You are").focus();
    await rosalind.keyboard.press("ControlOrMeta+A");
    await rosalind.keyboard.type("Countess");
    await rosalind.keyboard.press("Enter");
    await notice(emmy, "Rosalind is Countess now");
    await rosalind.keyboard.type("It is me");
    await rosalind.keyboard.press("Enter");
    await message(emmy, "Countess", "It is me");
  });

  test("the stream is drawn while it runs, and stands still when it is stopped", async () => {
    const page = await site.visit("Edith");
    await streamed(page, 20);
    const first = await chart(page);
    expect(first.coloured).toBeGreaterThan(50);
    await streamed(page, 50);
    expect((await chart(page)).coloured).toBeGreaterThan(first.coloured);

    await page.getByRole("button", { name: "Stop" }).click();
    const stopped = await received(page);
    const still = (await chart(page)).picture;
    // What was on its way has arrived when a later call was answered.
    await say(page, "bot, it is quiet");
    await message(page, "Bot", "Edith, you said: it is quiet");
    expect(await received(page)).toBeLessThanOrEqual(stopped + 1);
    expect((await chart(page)).picture).toBe(still);

    await page.getByRole("button", { name: "Start" }).click();
    await streamed(page, stopped + 10);
  });

  test("a file arrives at the hub byte for byte", async () => {
    const page = await site.visit("Hedy");
    const buffer = randomBytes(700_001);
    const hash = createHash("sha256").update(buffer).digest("hex");
    await page.setInputFiles("#file", { name: "noise.dat", mimeType: "application/octet-stream", buffer });
    await page.getByText("The hashes match").waitFor();
    expect(await page.locator("#hash-there").innerText()).toBe(hash);
    expect(await page.locator("#hash-here").innerText()).toBe(hash);
    expect(await page.locator("#upload-share").innerText()).toBe("0.7 MB of 0.7 MB");
    expect(await page.locator("#upload-progress").evaluate((bar) => (bar as HTMLProgressElement).value)).toBe(1);
    await notice(page, "You sent noise.dat");
  });

  test("an empty file arrives, one that is too large is refused", async () => {
    const page = await site.visit("Radia");
    await page.setInputFiles("#file", { name: "empty", mimeType: "text/plain", buffer: Buffer.alloc(0) });
    await page.getByText("The hashes match").waitFor();
    const buffer = Buffer.alloc(8 * 1024 * 1024 + 1);
    await page.setInputFiles("#file", { name: "huge", mimeType: "text/plain", buffer });
    await page.getByText("Files may have up to 8.4 MB here").waitFor();
  });

  test("a cut connection is seen reconnecting and then connected, and nothing that was said is missed", async () => {
    const frances = await site.visit("Frances");
    const katherine = await site.visit("Katherine");
    const id = await connectionId(frances);
    await streamed(frances, 3);
    await frances.getByRole("button", { name: "Cut the connection" }).click();
    await frances.locator("#state", { hasText: "Reconnecting…" }).waitFor();
    await notice(katherine, "Frances left");
    await say(katherine, "anybody there?");
    await connected(frances);

    await message(frances, "Katherine", "anybody there?");
    await notice(frances, "You are back");
    expect(await frances.locator("#messages").getByText("anybody there?", { exact: true }).count()).toBe(1);
    expect(await connectionId(frances)).not.toBe(id);
    const states = await frances.locator("#timeline li b").allInnerTexts();
    expect(states).toEqual(["Connected", "Reconnecting", "Connected", "Connecting"]);
    await streamed(frances, (await received(frances)) + 5);
    await message(frances, "Bot", "Welcome back, Frances.");
  });

  test("an upload that is cut off says so, and the next one works", async () => {
    const page = await site.visit("Joan");
    // The cut is sent first, so the upload cannot be over when it happens.
    await page.evaluate(() => {
      document.getElementById("cut")?.click();
      document.getElementById("sample")?.click();
    });
    await page.locator("#upload-verdict[data-good=false]").waitFor();
    await page.locator("#sample:enabled").click();
    await page.getByText("The hashes match").waitFor();
  });

  test.each([
    ["desktop", "light"],
    ["desktop", "dark"],
    ["phone", "light"],
    ["phone", "dark"],
  ] as const)("nothing sticks out, and nothing moves, on a %s in %s", async (device, colorScheme) => {
    const viewport = { desktop, phone }[device];
    const page = await site.visit("Wwwwwwwwwwwwwwwwwwwwwwww", { viewport, colorScheme });
    await say(page, "w".repeat(500));
    await page.locator("#messages .mine").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);

    const before = await cardBoxes(page);
    await page.locator("#sample").click();
    await page.getByText("The hashes match").waitFor();
    await page.locator("#cut").click();
    await page.locator("#state", { hasText: "Reconnecting…" }).waitFor();
    expect(await cardBoxes(page)).toEqual(before);
    await connected(page);
    expect(await cardBoxes(page)).toEqual(before);
    for (const name of ["Server-Sent Events", "Long Polling", "MessagePack", "Automatic"]) {
      await pick(page, name);
      expect(await cardBoxes(page)).toEqual(before);
    }
  });
});

async function cardBoxes(page: Page): Promise<unknown> {
  return page.evaluate(() => {
    scrollTo(0, 0);
    const elements = [...document.querySelectorAll(".bar, .facts > div, .card")];
    return elements.map((element) => [element.getAttribute("class"), JSON.stringify(element.getBoundingClientRect())]);
  });
}

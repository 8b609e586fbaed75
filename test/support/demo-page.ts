/** What visitors do on the page of the demo, and what they see there; used by the demo's browser tests. */
import type { Page } from "playwright-core";
import type { WatchedPage } from "./browser.js";

const networkWords = /^(failed: |console: (Failed to load resource|WebSocket connection) ?).*\/room(\/negotiate)?\?/;

/**
 * Takes out what browsers say by themselves about the requests of a connection that was cut or left. All else is a fault of the page,
 * failed requests for its files included.
 */
export function faultsOfPages(pages: readonly WatchedPage[]): string[] {
  return pages.flatMap(({ faults }) => faults).filter((fault) => !networkWords.test(fault));
}

/** Waits until the page is in the room. */
export async function connected(page: Page): Promise<void> {
  await page.locator("#state", { hasText: /^Connected$/ }).waitFor();
  await page.locator("#say:enabled").waitFor();
}

/** The id of the page's connection. */
export function connectionId(page: Page): Promise<string> {
  return page.locator("#connection-id").innerText();
}

/** Says something in the chat. */
export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.keyboard.press("Enter");
}

/** Waits for what somebody said. */
export async function message(page: Page, by: string, text: string): Promise<void> {
  const fromThem = page.locator(".message", { has: page.locator("b", { hasText: by }) });
  await fromThem.locator(".words", { hasText: text }).first().waitFor();
}

/** Waits for a line about coming and going. */
export async function notice(page: Page, text: string): Promise<void> {
  await page.locator(".notice", { hasText: text }).first().waitFor();
}

/** How many numbers of the stream have come. */
export async function received(page: Page): Promise<number> {
  return Number(await page.locator("#pulse-count").innerText());
}

/** Waits until so many numbers have come. */
export async function streamed(page: Page, count: number): Promise<void> {
  await page.waitForFunction((least) => Number(document.getElementById("pulse-count")?.textContent) >= least, count);
}

/** What is drawn of the stream. */
export interface ChartPicture {
  /** All of it. */
  readonly picture: string;
  /** How many pixels have the colour of the curve. */
  readonly coloured: number;
  /** The widest place between its ends where there is no curve, in pixels. */
  readonly gap: number;
}

/** Looks at the chart. */
export async function chart(page: Page): Promise<ChartPicture> {
  return page.locator("#chart").evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { width, height } = canvas;
    const pixels = canvas.getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
    let coloured = 0;
    const columns = new Set<number>();
    for (let i = 0; i < pixels.length; i += 4) {
      const [red = 0, green = 0, , alpha = 0] = pixels.slice(i, i + 4);
      if (alpha !== 255 || green <= red + 50) continue;
      coloured++;
      columns.add((i / 4) % width);
    }
    const places = [...columns].sort((a, b) => a - b);
    const gap = Math.max(0, ...places.map((place, index) => place - (places[index - 1] ?? place) - 1));
    return { picture: canvas.toDataURL(), coloured, gap };
  });
}

/** Picks a transport, an encoding or both, by the names on the page, and waits until the page is in the room again. */
export async function pick(page: Page, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const before = await connectionId(page);
    const radio = page.getByRole("radio", { name });
    if (await radio.isChecked()) continue;
    await radio.check();
    await page.waitForFunction((id) => document.getElementById("connection-id")?.textContent !== id, before);
    await connected(page);
  }
}

/** What the page says is in use. */
export async function inUse(page: Page): Promise<[transport: string, encoding: string]> {
  return [await page.locator("#transport").innerText(), await page.locator("#encoding").innerText()];
}

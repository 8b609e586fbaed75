/** The demo's page over every transport and encoding that visitors can pick, and its two kinds of reconnect. */
import { createHash, randomBytes } from "node:crypto";
import { chart, connected, connectionId, inUse, message, pick, received, say, streamed } from "../support/demo-page.js";
import { DemoSite } from "../support/demo-site.js";
import { describeWhen } from "../support/requirements.js";

/** Pixels that the chart moves in half a second, which no jitter explains. */
const GAP_PX = 13;

/** What a visitor has picked on an earlier visit of the tab. */
function picked(wire: { readonly encoding?: string; readonly isStateful?: boolean }): Record<string, string> {
  return { "hubwire-demo-wire": JSON.stringify(wire) };
}

describeWhen("chromium", "the wire of the demo", () => {
  const site = new DemoSite();

  describe.each([
    ["WebSockets", "JSON", "frames/s", "frames/s"],
    ["WebSockets", "MessagePack", "frames/s", "frames/s"],
    ["Server-Sent Events", "JSON", "events/s", "POSTs/s"],
    ["Long Polling", "JSON", "polls/s", "POSTs/s"],
    ["Long Polling", "MessagePack", "polls/s", "POSTs/s"],
  ])("%s with %s", (transport, encoding, down, up) => {
    // A name for each test: who polled and closed the page stays in the room for a while.
    const name = (first: string): string => `${first} ${transport.slice(0, 4)} ${encoding.slice(0, 4)}`;

    test("carries the chat, the stream and an upload, and the page shows it", async () => {
      const own = name("Ada");
      const page = await site.visit(own);
      await pick(page, transport, encoding);
      expect(await inUse(page)).toEqual([transport, encoding]);

      await say(page, "bot, äöü 😀");
      await message(page, "Bot", `${own}, you said: äöü 😀`);
      const buffer = randomBytes(100_003);
      await page.setInputFiles("#file", { name: "noise.dat", mimeType: "application/octet-stream", buffer });
      await page.getByText("The hashes match").waitFor();
      expect(await page.locator("#hash-there").innerText()).toBe(createHash("sha256").update(buffer).digest("hex"));

      await streamed(page, (await received(page)) + 5);
      const text = encoding === "JSON" ? /^\{"type":\d/ : /^([0-9a-f]{2} ?)+$/;
      await page.locator("#down-latest", { hasText: text }).waitFor();
      await page.locator("#up-latest", { hasText: text }).waitFor();
      await page.locator("#down-rate", { hasText: new RegExp(`^[1-9]\\d* ${down}$`) }).waitFor();
      expect(await page.locator("#up-rate").innerText()).toMatch(new RegExp(`^\\d+ ${up}$`));
    });

    test("a cut is followed by a new connection of the same kind, and nothing that was said is missed", async () => {
      const [own, others] = [name("Grace"), name("Joan")];
      const page = await site.visit(own);
      await pick(page, transport, encoding);
      const other = await site.visit(others);
      await streamed(page, 5);
      const id = await connectionId(page);
      await page.locator("#cut").click();
      await page.locator("#state", { hasText: "Reconnecting…" }).waitFor();
      await say(other, "anybody there?");
      await connected(page);
      expect(await inUse(page)).toEqual([transport, encoding]);
      expect(await connectionId(page)).not.toBe(id);
      await message(page, others, "anybody there?");
      await streamed(page, (await received(page)) + 5);
      expect((await chart(page)).gap).toBeGreaterThan(GAP_PX);

      // The hub may not have noticed that the old connection is gone; it is the same visitor all the same.
      expect(await page.getByLabel("You are").inputValue()).toBe(own);
      expect(await other.locator("#people li", { hasText: own }).count()).toBe(1);
    });
  });

  describe.each(["JSON", "MessagePack"])("stateful reconnect with %s", (encoding) => {
    const wire = { encoding: encoding.toLowerCase(), isStateful: true };

    test("after a cut the connection is the same, the curve has no gap, and what was said meanwhile arrives", async () => {
      const [own, others] = [`Radia ${encoding}`, `Hedy ${encoding}`];
      const page = await site.visit(own, { sessionStorage: picked(wire) });
      expect(await inUse(page)).toEqual(["WebSockets", encoding]);
      const other = await site.visit(others);
      await streamed(page, 10);
      const id = await connectionId(page);
      for (const round of ["first", "second"]) {
        await page.locator("#cut").click();
        await page.locator("#state", { hasText: "Resuming…" }).waitFor();
        // Both ways, while there is no socket.
        await say(page, `the ${round} from inside`);
        await say(other, `the ${round} from outside`);
        await message(other, own, `the ${round} from inside`);
        await message(page, others, `the ${round} from outside`);
        await connected(page);
        expect(await page.locator("#timeline li").first().innerText()).toMatch(/^Resumed[^]*nothing lost$/);
        expect(await connectionId(page)).toBe(id);
      }
      await streamed(page, (await received(page)) + 5);
      expect((await chart(page)).gap).toBeLessThan(GAP_PX);
      expect(await other.locator(".notice", { hasText: `${own} left` }).count()).toBe(0);
      const states = await page.locator("#timeline li b").allInnerTexts();
      expect(states).toEqual(["Resumed", "Resuming", "Resumed", "Resuming", "Connected", "Connecting"]);
    });

    test("an upload goes on over a cut", async () => {
      const page = await site.visit("Shafi", { sessionStorage: picked(wire) });
      // The cut is sent first, so the upload cannot be over when it happens.
      await page.evaluate(() => {
        document.getElementById("cut")?.click();
        document.getElementById("sample")?.click();
      });
      await page.locator("#state", { hasText: "Resuming…" }).waitFor();
      await page.getByText("The hashes match").waitFor();
    });
  });

  test("whoever picks something else while the line is dead gets it at once, and is here once", async () => {
    const page = await site.visit("Anita", { sessionStorage: picked({ isStateful: true }) });
    await page.locator("#cut").click();
    await page.locator("#state", { hasText: "Resuming…" }).waitFor();
    await pick(page, "Long Polling");
    expect(await inUse(page)).toEqual(["Long Polling", "JSON"]);
    expect(await page.getByLabel("You are").inputValue()).toBe("Anita");
    expect(await page.locator("#people li", { hasText: "Anita" }).count()).toBe(1);
  });

  test("what cannot be together is not offered, and the page says why", async () => {
    const page = await site.visit("Lynn");
    const radio = (name: string) => page.getByRole("radio", { name });
    const stateful = page.getByRole("switch", { name: "Stateful reconnect" });
    await pick(page, "MessagePack");
    expect(await radio("Server-Sent Events").isDisabled()).toBe(true);
    await page.getByText("Server-Sent Events carry no MessagePack").waitFor();
    await pick(page, "JSON", "Server-Sent Events");
    expect(await radio("MessagePack").isDisabled()).toBe(true);
    await page.getByText("Text only, so no MessagePack").waitFor();
    expect(await stateful.isDisabled()).toBe(true);
    await page.getByText("Needs WebSockets").waitFor();
    await pick(page, "WebSockets");
    expect(await radio("MessagePack").isEnabled()).toBe(true);
    expect(await stateful.isEnabled()).toBe(true);
  });

  test.each([
    ["JSON", "Server-Sent Events"],
    ["MessagePack", "Long Polling"],
  ])(
    "where no WebSocket gets through, Automatic with %s takes %s, and the page shows it",
    async (encoding, transport) => {
      const page = await site.visit("Adele", {
        sessionStorage: picked({ encoding: encoding.toLowerCase() }),
        initScript: () => {
          window.WebSocket = class {
            constructor() {
              throw new Error("Blocked.");
            }
          } as unknown as typeof WebSocket;
        },
      });
      expect(await inUse(page)).toEqual([transport, encoding]);
    },
  );

  test("whoever picks faster than connections are made gets the last choice, and is here once", async () => {
    const page = await site.visit("Frances");
    for (const name of ["Long Polling", "Server-Sent Events", "WebSockets", "MessagePack", "Long Polling"]) {
      await page.getByRole("radio", { name }).check();
    }
    await page.locator("#transport", { hasText: "Long Polling" }).waitFor();
    await page.locator("#encoding", { hasText: "MessagePack" }).waitFor();
    await connected(page);
    expect(await page.getByLabel("You are").inputValue()).toBe("Frances");
    expect(await page.locator("#people li", { hasText: "Frances" }).count()).toBe(1);
  });

  test("a reload keeps the choice", async () => {
    const page = await site.visit("Karen");
    await pick(page, "WebSockets", "MessagePack");
    const id = await connectionId(page);
    await page.reload();
    await connected(page);
    expect(await connectionId(page)).not.toBe(id);
    expect(await page.getByRole("radio", { name: "WebSockets" }).isChecked()).toBe(true);
    expect(await inUse(page)).toEqual(["WebSockets", "MessagePack"]);
  });
});

/** The script-tag client in a real browser against the real ASP.NET Core server of another origin, over every transport. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import type * as signalRTypes from "../../src/index.browser.js";
import { startAspNetCoreServer, type AspNetCoreServer } from "../support/aspnetcore-server.js";
import { launchBrowser } from "../support/browser.js";
import { describeWhen } from "../support/requirements.js";
import { LocalServer } from "../unit/platform/local-server.js";

declare const signalR: typeof signalRTypes;

const script = join(__dirname, "../../dist/browser/signalr.min.js");
const names = ["WebSockets", "ServerSentEvents", "LongPolling"] as const;
type Name = (typeof names)[number];

/** What the page did. */
interface Report {
  readonly transport: string | null;
  readonly user: string;
  readonly echo: string;
  readonly items: number[];
  readonly upload: unknown;
  readonly asked: number;
  readonly ticks: number[];
  readonly closed: string[];
}

describeWhen("dotnet", "hubs of ASP.NET Core", () => {
  describeWhen("chromium", "in a browser", () => {
    let server: AspNetCoreServer;
    let site: LocalServer;
    let browser: Browser;
    let page: Page;
    const faults: string[] = [];

    beforeAll(async () => {
      server = await startAspNetCoreServer();
      site = await LocalServer.start((request, response) => {
        if (request.url === "/signalr.js")
          response.setHeader("Content-Type", "text/javascript").end(readFileSync(script));
        else response.setHeader("Content-Type", "text/html").end("<!doctype html><link rel=icon href=data:,>");
      });
      browser = await launchBrowser();
    }, 300_000);

    beforeEach(async () => {
      page = await (await browser.newContext()).newPage();
      page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
      page.on("pageerror", (error) => faults.push(error.message));
      await page.goto(site.url());
      await page.addScriptTag({ url: "/signalr.js" });
    });

    afterEach(async () => {
      await page.context().close();
      expect(faults.splice(0)).toHaveLength(0);
    });

    afterAll(async () => {
      await browser?.close();
      await site?.close();
      await server?.stop();
    });

    test.each(names)("%s carries calls, streams and questions; token and headers travel in headers", async (name) => {
      const marker = `browser-${process.pid}-${name}`;
      const report = await page.evaluate(converse, { url: `${server.url}/secure?marker=${marker}`, name });
      expect(report).toEqual({
        transport: name,
        user: "ada",
        echo: "ä\r\n\u2028😀".repeat(10_000),
        items: [1, 2, 3],
        upload: { name: "n", count: 3, sum: 6 },
        asked: 5,
        ticks: Array.from({ length: 1_000 }, (_, index) => index),
        closed: ["Disconnected"],
      });
      const requests = (await server.requests(marker)).filter(({ method }) => method !== "OPTIONS");
      expect(requests.length).toBeGreaterThan(1);
      for (const { headers, query, isWebSocketUpgrade } of requests) {
        if (isWebSocketUpgrade) {
          expect(query["access_token"]).toBe("good-ada"); // a browser's upgrade has no headers
        } else {
          expect(headers).toMatchObject({ authorization: "Bearer good-ada", "x-custom": "mine" });
          expect(query).not.toHaveProperty("access_token");
        }
      }
    });

    test.each(names)("%s: a token is refreshed in time, in a header, at another origin", async (name) => {
      const marker = `browser-${process.pid}-refresh-${name}`;
      const report = await page.evaluate(refresh, { url: `${server.url}/refreshing?marker=${marker}`, name });
      expect(report).toEqual([3_600, 2]);
      const requests = (await server.requests(marker)).filter(({ method }) => method !== "OPTIONS");
      const refreshes = requests.filter(({ path }) => path === "/refreshing/refresh");
      expect(refreshes.map(({ headers }) => headers["authorization"])).toEqual(["Bearer good-refresh"]);
      for (const { query, isWebSocketUpgrade } of requests) {
        expect("access_token" in query).toBe(isWebSocketUpgrade);
      }
    });

    test("the browser's own EventSource can be used, with the token in the URL", async () => {
      const marker = `browser-${process.pid}-EventSource`;
      const url = `${server.url}/secure?marker=${marker}`;
      const user = await page.evaluate(async (url) => {
        const connection = new signalR.HubConnectionBuilder()
          .withUrl(url, {
            transport: signalR.HttpTransportType.ServerSentEvents,
            EventSource,
            accessTokenFactory: () => "good-ada",
          })
          .build();
        await connection.start();
        const user = await connection.invoke<string>("WhoAmI");
        await connection.stop();
        return user;
      }, url);
      expect(user).toBe("ada");
      const stream = (await server.requests(marker)).find(({ headers }) => headers["accept"] === "text/event-stream");
      expect(stream?.query["access_token"]).toBe("good-ada");
    });

    test("a page that leaves lets the server know, over an event stream", async () => {
      const connectionId = await page.evaluate(async (url) => {
        const transport = signalR.HttpTransportType.ServerSentEvents;
        const connection = new signalR.HubConnectionBuilder().withUrl(url, { transport }).build();
        await connection.start();
        return connection.connectionId;
      }, `${server.url}/hub`);
      await page.goto("about:blank");
      await server.waitForEvent("disconnected", { connectionId });
    });
  });
});

/** Runs in the page. @returns the new lifetime, and the answer of a call behind it. */
async function refresh({ url, name }: { url: string; name: Name }): Promise<unknown[]> {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl(url, {
      transport: signalR.HttpTransportType[name],
      accessTokenFactory: ({ reason }) => `good-${reason}`,
    })
    .withAuthenticationRefresh()
    .build();
  const refreshed = new Promise<unknown>((resolve) =>
    connection.onAuthenticationRefreshed(({ newTokenLifetimeInSeconds }) => resolve(newTokenLifetimeInSeconds)),
  );
  await connection.start();
  const report = [await refreshed, await connection.invoke("Add", 1, 1)];
  await connection.stop();
  return report;
}

/** Runs in the page. */
async function converse({ url, name }: { url: string; name: Name }): Promise<Report> {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl(url, {
      transport: signalR.HttpTransportType[name],
      accessTokenFactory: () => "good-ada",
      headers: { "X-Custom": "mine" },
    })
    .build();
  const ticks: number[] = [];
  const closed: string[] = [];
  connection.on("Tick", (index: number) => void ticks.push(index));
  connection.on("Sum", (left: number, right: number) => left + right);
  connection.onclose(() => closed.push(connection.state));
  await connection.start();
  const { transport } = connection;
  const user = await connection.invoke<string>("WhoAmI");
  const echo = "ä\r\n\u2028😀".repeat(10_000);
  const pieces = echo.match(/[^]{1,10000}/g) ?? [];
  const echoed = await Promise.all(pieces.map((piece) => connection.invoke<string>("Echo", piece)));
  const items: number[] = [];
  for await (const item of connection.stream<number>("Endless", 1)) if (items.push(item) === 3) break;
  const subject = new signalR.Subject<number>();
  const uploading = connection.invoke("Upload", "n", subject);
  for (const item of [1, 2, 3]) subject.next(item);
  subject.complete();
  const upload: unknown = await uploading;
  const asked = await connection.invoke<number>("AskMeForNumber", "Sum", 2, 3);
  await connection.invoke("Burst", 1_000);
  await connection.stop();
  return { transport, user, echo: echoed.join(""), items, upload, asked, ticks, closed };
}

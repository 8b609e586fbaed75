/** The two platforms: what they are made of, and what they say about themselves. */
import { readFileSync } from "node:fs";
import { InvalidArgumentError } from "../../../src/errors/call-errors.js";
import {
  browserPlatform,
  createHttpNetwork,
  browserStreams,
  DefaultHttpClient as BrowserHttpClient,
} from "../../../src/platform/browser.js";
import { DefaultHttpClient } from "../../../src/platform/node/default-http-client.js";
import { createNodeNetwork, nodePlatform } from "../../../src/platform/node/node-platform.js";
import { VERSION } from "../../../src/platform/version.js";
import { NullLogger } from "../../../src/logging/logger.js";
import { LocalServer } from "./local-server.js";

const nodeStreams = async (fetcher: typeof fetch | undefined) =>
  (await createNodeNetwork({ fetch: fetcher })).openStream;

const platforms = [
  ["browser", browserPlatform, createHttpNetwork, browserStreams],
  ["node", nodePlatform, createNodeNetwork, nodeStreams],
] as const;

describe("VERSION", () => {
  it("is the package's", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(VERSION).toBe(version);
  });
});

describe.each(platforms)("the %s platform", (_name, platform, createNetwork, streams) => {
  it("ends the turn after all promise continuations of it, in order", async () => {
    const order: string[] = [];
    platform.clock.afterTurn(() => order.push("first"));
    await new Promise<void>((resolve) => {
      platform.clock.afterTurn(() => {
        order.push("second");
        resolve();
      });
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => order.push("continuation"));
    });
    expect(order).toEqual(["continuation", "first", "second"]);
  });

  it("goes on ending turns when a callback asks for another", async () => {
    await new Promise<void>((resolve) => platform.clock.afterTurn(() => platform.clock.afterTurn(resolve)));
  });

  it("keeps absolute http(s) URLs", () => {
    expect(platform.resolveUrl("https://h/chat?a=b%2Fc")).toBe("https://h/chat?a=b%2Fc");
    expect(() => platform.resolveUrl("ftp://h/chat")).toThrow(InvalidArgumentError);
  });

  it("uses the injected fetch", async () => {
    const fetcher = jest.fn(() => Promise.resolve(new Response("mine")));
    const network = await createNetwork({ fetch: fetcher });
    await expect(network.http.send({ method: "GET", url: "http://h/" })).resolves.toMatchObject({ content: "mine" });
    network.dispose?.();
  });

  it("opens event streams with the injected fetch, or its own", async () => {
    const headers = { "Content-Type": "text/event-stream" };
    const fetcher = jest.fn(() => Promise.resolve(new Response("data: a\n\n", { headers })));
    const listener = { onBytes: jest.fn(), onEnd: jest.fn() };
    const { signal } = new AbortController();
    const request = { url: "http://h/", headers: {}, withCredentials: true, signal };
    await (
      await streams(fetcher)
    )?.(request, listener);
    expect(fetcher).toHaveBeenCalledTimes(1);
    expect(await streams(undefined)).toBeInstanceOf(Function);
  });
});

describe("the browser platform", () => {
  afterEach(() => {
    Reflect.deleteProperty(globalThis, "document");
    Reflect.deleteProperty(globalThis, "location");
  });

  it("resolves URLs against the document, in a worker against its location, and else not at all", () => {
    expect(() => browserPlatform.resolveUrl("/chat")).toThrow(InvalidArgumentError);
    Object.assign(globalThis, { location: { href: "https://worker/app/w.js" } });
    expect(browserPlatform.resolveUrl("chat")).toBe("https://worker/app/chat");
    Object.assign(globalThis, { document: { baseURI: "https://page/base/" } });
    expect(browserPlatform.resolveUrl("chat")).toBe("https://page/base/chat");
  });

  it("tells who calls in a header that pages may set", () => {
    expect(createHttpNetwork({}).headers).toEqual({
      "X-Requested-With": "XMLHttpRequest",
      "X-SignalR-User-Agent": `Microsoft SignalR/${VERSION.split(".", 2).join(".")} (${VERSION}; Unknown OS; Browser; Unknown Runtime Version)`,
    });
  });

  it("has no WebSockets where the runtime has none", async () => {
    const known = Object.hasOwn(globalThis, "WebSocket");
    expect((await browserPlatform.createNetwork({})).openSocket === undefined).toBe(!known);
  });
});

describe("a runtime whose fetch only gives whole answers", () => {
  const { Response } = globalThis;
  afterEach(() => void (globalThis.Response = Response));

  it("has no event streams", () => {
    globalThis.Response = class {} as typeof Response;
    expect(browserStreams(undefined)).toBeUndefined();
    expect(browserStreams(jest.fn())).toBeInstanceOf(Function);
    Reflect.deleteProperty(globalThis, "Response");
    expect(browserStreams(undefined)).toBeUndefined();
  });
});

describe("the Node platform", () => {
  it("tells who calls", async () => {
    expect((await createNodeNetwork({})).headers["User-Agent"]).toMatch(
      /^Microsoft SignalR\/\d+\.\d+ \(\d+\.\d+\.\d+; (Linux|macOS|Windows NT); NodeJS; \d+\.\d+\.\d+\)$/,
    );
  });

  it("refuses relative URLs", () => {
    expect(() => nodePlatform.resolveUrl("/chat")).toThrow(InvalidArgumentError);
  });
});

describe("DefaultHttpClient", () => {
  it("sends requests with the platform's client", async () => {
    const server = await LocalServer.start((_request, response) => void response.end("hello"));
    const node = new DefaultHttpClient(NullLogger.instance);
    const browser = new BrowserHttpClient(NullLogger.instance);
    await expect(node.get(server.url())).resolves.toMatchObject({ content: "hello" });
    await expect(browser.get(server.url())).resolves.toMatchObject({ content: "hello" });
    await server.close();
  });
});

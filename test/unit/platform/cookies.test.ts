/** The cookies of Node's client: what servers set and what goes back to them, with every kind of request. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { CookieJar } from "tough-cookie";
import { WebSocketServer } from "ws";
import { AccessToken } from "../../../src/http/access-token.js";
import type { CookieJarLike } from "../../../src/http/node-options.js";
import { DefaultHttpClient } from "../../../src/platform/node/default-http-client.js";
import { Cookies } from "../../../src/platform/node/cookies.js";
import { createNodeNetwork } from "../../../src/platform/node/node-platform.js";
import type { HttpNetwork, NetworkOptions } from "../../../src/platform/platform.js";
import { LocalServer } from "./local-server.js";

const servers: LocalServer[] = [];
const networks: HttpNetwork[] = [];

async function serve(listener: RequestListener): Promise<LocalServer> {
  const server = await LocalServer.start(listener);
  servers.push(server);
  return server;
}

async function network(options: NetworkOptions = {}): Promise<HttpNetwork> {
  const made = await createNodeNetwork(options);
  networks.push(made);
  return made;
}

/** Sets the cookies in the path behind `/set/`, and answers with the cookies that came. */
const setter = (request: IncomingMessage, response: ServerResponse) => {
  const { pathname } = new URL(request.url ?? "", "http://h");
  const [, wanted] = pathname.split("/set/");
  if (wanted) response.setHeader("Set-Cookie", decodeURIComponent(wanted).split("|"));
  response.end(request.headers.cookie ?? "");
};

const set = (...cookies: string[]) => `/set/${encodeURIComponent(cookies.join("|"))}`;

async function cookieOf({ http }: HttpNetwork, url: string, headers: Record<string, string> = {}): Promise<unknown> {
  return (await http.send({ method: "GET", url, headers })).content;
}

afterEach(async () => {
  for (const made of networks.splice(0)) made.dispose?.();
  for (const server of servers.splice(0)) await server.close();
});

describe("cookies in Node", () => {
  it("go back without their attributes, with the next request already", async () => {
    const server = await serve(setter);
    const client = await network();
    await client.http.send({ method: "POST", url: server.url(set("aff=1; Path=/; HttpOnly", "b=2; Max-Age=60")) });
    expect(await cookieOf(client, server.url())).toBe("aff=1");
    expect(await cookieOf(client, server.url("/set/"))).toBe("b=2; aff=1");
  });

  it("go only where they belong: host, path, TLS, time", async () => {
    const server = await serve(setter);
    const client = await network();
    const soon = "x=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
    const cookies = [
      "a=1; Path=/deep",
      "s=1; Path=/; Secure; Domain=other.example",
      "d=1; Domain=other.example; Path=/",
      soon,
    ];
    await client.http.send({ method: "POST", url: server.url(set(...cookies, "h=1; Path=/")) });
    expect(await cookieOf(client, server.url())).toBe("h=1");
    expect(await cookieOf(client, server.url("/deep/er"))).toBe("a=1; h=1");
    await client.http.send({ method: "POST", url: server.url(set("h=; Path=/; Max-Age=0")) });
    expect(await cookieOf(client, server.url())).toBe("");
  });

  it("stay with the host that set them", async () => {
    const cookies = new Cookies();
    cookies.store(["own=1", "wide=1; Domain=hub.example", "all=1; Domain=example"], "https://a.hub.example/");
    await cookies.storing;
    expect(cookies.textFor("wss://a.hub.example/")).toBe("own=1; wide=1");
    expect(cookies.textFor("https://b.hub.example/")).toBe("wide=1");
    expect(cookies.textFor("https://example/")).toBe("");
  });

  it("that are Secure do not go out in plain text", async () => {
    const jar = new CookieJar(undefined, { allowSecureOnLocal: false });
    await jar.setCookie("s=1; Secure", "https://127.0.0.1/");
    await jar.setCookie("p=1", "http://127.0.0.1/");
    const server = await serve(setter);
    expect(await cookieOf(await network({ cookieJar: jar }), server.url())).toBe("p=1");
  });

  it("of redirects count too, and each request of the chain gets its own", async () => {
    const seen: unknown[] = [];
    const server = await serve((request, response) => {
      seen.push([request.url, request.headers.cookie]);
      const [, step] = /^\/(\d)/.exec(request.url ?? "") ?? [];
      if (step === "3") return void response.end();
      response.writeHead(307, { Location: `/${Number(step) + 1}`, "Set-Cookie": `step=${step}; Path=/` }).end();
    });
    await (await network()).http.send({ method: "POST", url: server.url("/1") });
    expect(seen).toEqual([
      ["/1", undefined],
      ["/2", "step=1"],
      ["/3", "step=2"],
    ]);
  });

  it("of an answer that means failure count too", async () => {
    const server = await serve((request, response) => {
      if (request.headers.cookie) response.end(request.headers.cookie);
      else response.writeHead(503, { "Set-Cookie": "aff=2" }).end();
    });
    const client = await network();
    await expect(client.http.send({ method: "GET", url: server.url() })).rejects.toMatchObject({ statusCode: 503 });
    expect(await cookieOf(client, server.url())).toBe("aff=2");
  });

  it("join the user's own; of two with one name the user's goes", async () => {
    const server = await serve(setter);
    const client = await network();
    await client.http.send({ method: "POST", url: server.url(set("aff=1; Path=/", "session=jar; Path=/")) });
    const headers = { cookie: "session=mine; other=1" };
    expect(await cookieOf(client, server.url(), headers)).toBe("session=mine; other=1; aff=1");
    expect(await cookieOf(await network(), server.url(), headers)).toBe("session=mine; other=1");
  });

  it("go with event streams and upgrades, and come with them", async () => {
    const seen: unknown[] = [];
    const server = await serve((request, response) => {
      seen.push([request.url, request.headers.cookie]);
      const headers = { "Content-Type": "text/event-stream", "Set-Cookie": "stream=1; Path=/" };
      response.writeHead(200, headers).write(":\n\n");
    });
    const webSockets = new WebSocketServer({ server: server.server });
    webSockets.on("headers", (headers, request) => {
      seen.push([request.url, request.headers.cookie]);
      headers.push("Set-Cookie: upgrade=1; Path=/");
    });
    const client = await network();
    const listener = { onBytes: () => undefined, onEnd: () => undefined };
    const { signal } = new AbortController();
    const stream = () =>
      client.openStream?.({ url: server.url("/stream"), headers: {}, withCredentials: true, signal }, listener);
    (await stream())?.();
    await new Promise<void>((resolve) => {
      const target = { url: server.url("/socket"), token: new AccessToken(undefined) };
      const events = { onData: () => undefined, onClosed: () => resolve() };
      const socket = client.openSocket?.(target, () => void socket?.close().then(resolve), events);
    });
    (await stream())?.();
    expect(seen).toEqual([
      ["/stream", undefined],
      ["/socket", "stream=1"],
      ["/stream", "stream=1; upgrade=1"],
    ]);
    webSockets.close();
  });

  it("of a refused upgrade count too", async () => {
    const server = await serve(setter);
    server.server.on("upgrade", (_request, socket) => {
      socket.end("HTTP/1.1 403 No\r\nSet-Cookie: refused=1; Path=/\r\nContent-Length: 0\r\n\r\n");
    });
    const client = await network();
    await new Promise<void>((resolve) => {
      const events = { onData: () => undefined, onClosed: () => resolve() };
      client.openSocket?.({ url: server.url("/"), token: new AccessToken(undefined) }, () => undefined, events);
    });
    expect(await cookieOf(client, server.url())).toBe("refused=1");
  });

  it("that cannot be sent fail the upgrade that needs them, and nothing else", async () => {
    const server = await serve(setter);
    const cookieJar: CookieJarLike = { getCookieString: () => "price=1\u20ac", setCookie: () => undefined };
    const { openSocket } = await network({ cookieJar });
    const cause = await new Promise<unknown>((resolve) => {
      const events = {
        onData: () => undefined,
        onClosed: (error?: Error) => resolve(error?.cause),
      };
      openSocket?.({ url: server.url("/"), token: new AccessToken(undefined) }, () => undefined, events);
    });
    expect(cause).toMatchObject({ code: "ERR_INVALID_CHAR" });
  });

  it("are those of all networks of a connection, whichever gets the first one", async () => {
    const server = await serve(setter);
    const options = {};
    const [ofTheSocket, ofRefreshes] = [await network(options), await network(options)];
    await ofRefreshes.http.send({ method: "POST", url: server.url(set("late=1; Path=/")) });
    expect(await cookieOf(ofTheSocket, server.url())).toBe("late=1");
  });

  it("outlive the network that a connection gives back once its WebSocket is open", async () => {
    const server = await serve(setter);
    const options = {};
    const first = await network(options);
    await first.http.send({ method: "POST", url: server.url(set("aff=1; Path=/")) });
    first.dispose?.();
    expect(await cookieOf(await network(options), server.url())).toBe("aff=1");
    expect(await cookieOf(await network({}), server.url())).toBe("");
  });

  it("are shared by connections with one jar, that of tough-cookie or one that takes its time", async () => {
    const server = await serve(setter);
    const inner = new CookieJar();
    const slow: CookieJarLike = {
      getCookieString: (url) => new Promise((resolve) => setImmediate(() => resolve(inner.getCookieString(url)))),
      setCookie: async (cookie, url) => {
        await new Promise((resolve) => setImmediate(resolve));
        return inner.setCookie(cookie, url);
      },
    };
    for (const cookieJar of [new CookieJar(), slow]) {
      const [one, other] = [await network({ cookieJar }), await network({ cookieJar })];
      await one.http.send({
        method: "POST",
        url: server.url(set("shared=1; Path=/", "foreign=1; Domain=other.example", "nonsense")),
      });
      expect(await cookieOf(other, server.url())).toBe("shared=1");
    }
  });

  it("cannot be had of a jar that fails, and no request waits for one that never answers", async () => {
    const server = await serve(setter);
    const failing: CookieJarLike = {
      getCookieString: () => Promise.reject(new Error("the disk is full")),
      setCookie: () => Promise.reject(new Error("the disk is full")),
    };
    await expect(cookieOf(await network({ cookieJar: failing }), server.url())).rejects.toThrow("the disk is full");
    const silent: CookieJarLike = { getCookieString: () => new Promise(() => undefined), setCookie: () => undefined };
    const { http } = await network({ cookieJar: silent });
    const controller = new AbortController();
    const waiting = http.send({ method: "GET", url: server.url(), abortSignal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
  });

  it("do not become more and more: the oldest give way", async () => {
    const cookies = new Cookies();
    for (let index = 0; index < 700; index++) cookies.store([`c${index}=1`], "http://h/");
    await cookies.storing;
    const pairs = cookies.textFor("http://h/").split("; ");
    expect(pairs.length).toBeLessThan(700);
    expect(pairs).toContain("c699=1");
    expect(pairs).not.toContain("c0=1");
  });

  it("make no jar, and wait for nothing, where no server sets any", async () => {
    const server = await serve(setter);
    const cookies = new Cookies();
    cookies.store(undefined, server.url());
    expect([cookies.isEmpty, cookies.storing, cookies.textFor(server.url())]).toEqual([true, undefined, ""]);
  });

  it("are told to an injected WebSocket or EventSource, which do not go through the client", async () => {
    const server = await serve(setter);
    class Injected {}
    const WebSocket = Injected as unknown as NonNullable<NetworkOptions["WebSocket"]>;
    const EventSource = Injected as unknown as NonNullable<NetworkOptions["EventSource"]>;
    for (const [options, told] of [
      [{ WebSocket }, "aff=1"],
      [{ EventSource }, "aff=1"],
      [{}, ""],
    ] as const) {
      const { http } = await network(options);
      await http.send({ method: "POST", url: server.url(set("aff=1; Path=/")) });
      expect(http.getCookieString(server.url("/hub"))).toBe(told);
    }
    const client = new DefaultHttpClient();
    await client.post(server.url(set("aff=1; Path=/")));
    expect(client.getCookieString(server.url("/hub"))).toBe("aff=1");
  });
});

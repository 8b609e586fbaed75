/** Node's HTTP client against real servers. */
import { AbortScope } from "../../../src/common/abort-scope.js";
import { AbortError, HttpError, TimeoutError } from "../../../src/errors/http-errors.js";
import type { PollRequest } from "../../../src/http/http-client.js";
import { NodeHttpClient } from "../../../src/platform/node/node-http-client.js";
import { FakeClock } from "../../support/fake-clock.js";
import { LocalServer } from "./local-server.js";

const clock = new FakeClock();
const client = new NodeHttpClient(clock);
const servers: LocalServer[] = [];

async function serve(...parameters: Parameters<typeof LocalServer.start>): Promise<LocalServer> {
  const server = await LocalServer.start(...parameters);
  servers.push(server);
  return server;
}

afterEach(async () => {
  client.dispose();
  for (const server of servers.splice(0)) await server.close();
  expect(clock.pendingTimers).toBe(0);
});

describe("NodeHttpClient", () => {
  it("sends method, headers and body, and answers with text or bytes", async () => {
    const server = await serve((request, response) => {
      request.on("data", (chunk) =>
        response.write(`${request.method} ${String(request.headers["x-a"])} ${String(chunk)}`),
      );
      request.on("end", () => response.end("ü"));
    });
    const request = { content: "ä", headers: { "X-A": "1" } };
    await expect(client.post(server.url(), request)).resolves.toMatchObject({ statusCode: 200, content: "POST 1 äü" });
    const { content } = await client.get(server.url(), { responseType: "arraybuffer" });
    expect(content).toEqual(new Uint8Array([0xc3, 0xbc]).buffer);
  });

  it("names length and type of a body, and sends an empty POST with length 0 and no type", async () => {
    const seen: unknown[] = [];
    const server = await serve((request, response) => {
      const { "content-length": length, "content-type": type, "transfer-encoding": encoding } = request.headers;
      seen.push([length, type, encoding]);
      response.end();
    });
    await client.post(server.url(), { content: "" });
    await client.post(server.url(), { content: "ä" });
    await client.post(server.url(), { content: new Uint8Array([1, 2, 3]).buffer });
    expect(seen).toEqual([
      ["0", undefined, undefined],
      ["2", "text/plain;charset=UTF-8", undefined],
      ["3", "application/octet-stream", undefined],
    ]);
  });

  it("uses one connection for requests that follow each other", async () => {
    const server = await serve();
    await client.get(server.url());
    await client.get(server.url());
    expect(server.connections).toBe(1);
  });

  it("uses none that the server may have closed by now, as it says how long it keeps them (5 s in Node)", async () => {
    const server = await serve();
    await client.post(server.url(), { content: "a" });
    clock.advance(3_999);
    await client.post(server.url(), { content: "b" });
    expect(server.connections).toBe(1);
    clock.advance(4_000);
    await client.post(server.url(), { content: "c" });
    expect(server.connections).toBe(2);
  });

  it("goes on using one whose server says nothing about that", async () => {
    const server = await serve((_request, response) => response.setHeader("Keep-Alive", "max=100").end());
    await client.post(server.url(), { content: "a" });
    clock.advance(3_600_000);
    await client.post(server.url(), { content: "b" });
    expect(server.connections).toBe(1);
  });

  it("rejects with the body, or the status text, of a failure", async () => {
    const server = await serve((request, response) => {
      response.writeHead(404, "Gone Fishing").end(request.url === "/body" ? "nothing here" : "");
    });
    await expect(client.get(server.url("/body"))).rejects.toEqual(new HttpError("nothing here", 404));
    await expect(client.get(server.url())).rejects.toEqual(new HttpError("Gone Fishing", 404));
  });

  it("tells how long the server asked to wait", async () => {
    const server = await serve((_request, response) => void response.writeHead(429, { "Retry-After": "7" }).end());
    await expect(client.get(server.url())).rejects.toMatchObject({ statusCode: 429, retryAfter: 7_000 });
  });

  it("sets no timer of its own where that of the attempt comes first", async () => {
    const server = await serve(() => undefined);
    for (const [ofAttempt, ofRequest, timers] of [
      [30, 100, 1],
      [100, 30, 2],
    ] as const) {
      const reason = new TimeoutError("the attempt took too long");
      const scope = new AbortScope(clock, undefined, ofAttempt, () => reason);
      const waiting = client.get(server.url(), { timeout: ofRequest, abortSignal: scope });
      expect(clock.pendingTimers).toBe(timers);
      const outcome = expect(waiting).rejects.toMatchObject({
        message: timers === 1 ? reason.message : expect.not.stringContaining("attempt"),
      });
      clock.advance(30);
      await outcome;
      scope.dispose();
    }
  });

  it("gives up after the timeout, in every phase, and drops the connection", async () => {
    const server = await serve((request, response) => {
      if (request.url === "/body") response.write("half");
    });
    for (const path of ["/silent", "/body"]) {
      const arrived = new Promise((resolve) => server.server.once("request", resolve));
      const waiting = client.get(server.url(path), { timeout: 100 });
      await arrived;
      clock.advance(100);
      await expect(waiting).rejects.toBeInstanceOf(TimeoutError);
      await Promise.all([...server.sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
    }
  });

  it("gives up when the signal fires, also before the start", async () => {
    const server = await serve(() => undefined);
    const controller = new AbortController();
    const arrived = new Promise((resolve) => server.server.once("request", resolve));
    const waiting = client.get(server.url(), { abortSignal: controller.signal });
    await arrived;
    controller.abort();
    await expect(waiting).rejects.toBeInstanceOf(AbortError);
    await expect(client.get(server.url(), { abortSignal: controller.signal })).rejects.toBeInstanceOf(AbortError);
    expect(server.connections).toBe(1);
  });

  it("says why there is no connection, for a name with several addresses too", async () => {
    const server = await serve();
    const { port } = new URL(server.url());
    await server.close();
    await expect(client.get(`http://127.0.0.1:${port}/`)).rejects.toThrow(/ECONNREFUSED/);
    await expect(client.get(`http://localhost:${port}/`)).rejects.toThrow(/ECONNREFUSED/);
  });

  it("rejects when the answer breaks off", async () => {
    const server = await serve((request, response) => {
      response.writeHead(200, { "Content-Length": "10" }).write("half");
      setImmediate(() => request.socket.destroy());
    });
    await expect(client.get(server.url())).rejects.toThrow();
  });

  it("refuses an answer that is too large", async () => {
    const server = await serve((_request, response) => {
      const piece = Buffer.alloc(1024 * 1024);
      const write = () => {
        while (!response.destroyed && response.write(piece));
      };
      response.on("drain", write);
      write();
    });
    await expect(client.get(server.url())).rejects.toMatchObject({ code: "limit-exceeded" });
  });
});

describe("a kept-alive connection that died while idle", () => {
  /** Answers the first request of each connection and resets it at the second. */
  async function resetting(): Promise<{ server: LocalServer; bodies: string[] }> {
    const used = new Set<unknown>();
    const bodies: string[] = [];
    const server = await serve((request, response) => {
      request.on("data", (chunk) => bodies.push(String(chunk)));
      if (used.has(request.socket)) return void request.socket.resetAndDestroy();
      used.add(request.socket);
      response.end("fine");
    });
    return { server, bodies };
  }

  it("is replaced by a fresh one", async () => {
    const { server } = await resetting();
    await client.post(server.url());
    await expect(client.post(server.url())).resolves.toMatchObject({ content: "fine" });
    expect(server.connections).toBe(2);
  });

  it("fails a request with a body, which may have been handled", async () => {
    const { server, bodies } = await resetting();
    await client.post(server.url(), { content: "one" });
    await expect(client.post(server.url(), { content: "two" })).rejects.toThrow();
    expect(bodies.filter((body) => body === "two").length).toBeLessThanOrEqual(1);
    expect(server.connections).toBe(1);
  });

  it("fails a poll, whose answer may have been on its way, with the runtime's own error", async () => {
    const { server } = await resetting();
    await client.post(server.url());
    const poll: PollRequest = { method: "GET", url: server.url(), isPoll: true };
    await expect(client.send(poll)).rejects.toThrow(/hang up|ECONNRESET/);
    expect(server.connections).toBe(1);
  });

  it("is not blamed when a fresh connection is reset", async () => {
    const server = await serve((request) => void request.socket.resetAndDestroy());
    await expect(client.post(server.url())).rejects.toThrow(/hang up|ECONNRESET/);
    expect(server.connections).toBe(1);
  });
});

describe("redirects", () => {
  it.each([
    [301, "GET", ""],
    [302, "GET", ""],
    [303, "GET", ""],
    [307, "POST", "body"],
    [308, "POST", "body"],
  ])("%i turns a POST into %s", async (status, method, body) => {
    const server = await serve((request, response) => {
      if (request.url === "/") return void response.writeHead(status, { Location: "/next?a=1" }).end("moved");
      response.write(`${request.method} ${request.url} ${request.headers["content-type"] ?? "-"} `);
      request.pipe(response);
    });
    const type = body ? "text/plain;charset=UTF-8" : "-";
    const { content } = await client.post(server.url(), { content: "body" });
    expect(content).toBe(`${method} /next?a=1 ${type} ${body}`);
  });

  it("keep the token on the same origin and drop it for another", async () => {
    const seen: Record<string, string | undefined> = {};
    const other = await serve((request, response) => {
      seen["other"] = `${request.headers.authorization} ${String(request.headers["x-a"])}`;
      response.end();
    });
    const server = await serve((request, response) => {
      seen[request.url ?? ""] = request.headers.authorization;
      response.writeHead(307, { Location: request.url === "/" ? "/second" : other.url() }).end();
    });
    await client.post(server.url(), { headers: { authorization: "Bearer t", "X-A": "1" } });
    expect(seen).toEqual({ "/": "Bearer t", "/second": "Bearer t", other: "undefined 1" });
  });

  it("end after twenty", async () => {
    let requests = 0;
    const server = await serve((_request, response) => {
      requests++;
      response.writeHead(302, { Location: "/" }).end();
    });
    await expect(client.get(server.url())).rejects.toEqual(new HttpError("Too many redirects", 302));
    expect(requests).toBe(21);
  });

  it("lead to http(s) only", async () => {
    const server = await serve((_request, response) => void response.writeHead(302, { Location: "file:///x" }).end());
    await expect(client.get(server.url())).rejects.toThrow("another protocol");
  });
});

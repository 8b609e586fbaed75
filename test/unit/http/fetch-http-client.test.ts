/** The HTTP client over `fetch`, with Node's own fetch against a real server, and with scripted ones. */
import { AbortError, HttpError, TimeoutError } from "../../../src/errors/http-errors.js";
import { FetchHttpClient } from "../../../src/http/fetch-http-client.js";
import { FakeClock } from "../../support/fake-clock.js";
import { LocalServer } from "../platform/local-server.js";

const never = () => new Promise<never>(() => undefined);

describe("FetchHttpClient against a server", () => {
  let server: LocalServer;
  const seen: { method: string | undefined; type: string | undefined; length: string | undefined; body: string }[] = [];

  beforeAll(async () => {
    server = await LocalServer.start((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += String(chunk)));
      request.on("end", () => {
        const { "content-type": type, "content-length": length } = request.headers;
        seen.push({ method: request.method, type, length, body });
        if (request.url === "/missing") response.writeHead(404, "Gone Fishing");
        if (request.url === "/busy") response.writeHead(503, "Busy", { "Retry-After": "7" });
        if (request.url === "/refused") response.writeHead(403).write("not you");
        response.end(request.url === "/missing" ? "" : "hallo");
      });
    });
  });
  afterAll(() => server.close());

  const client = new FetchHttpClient(new FakeClock());

  it("answers with text, or with bytes when asked for", async () => {
    await expect(client.get(server.url())).resolves.toMatchObject({
      statusCode: 200,
      statusText: "OK",
      content: "hallo",
    });
    const { content } = await client.get(server.url(), { responseType: "arraybuffer" });
    expect(new TextDecoder().decode(content as ArrayBuffer)).toBe("hallo");
  });

  it("sends no content type with an empty body, text as text, and bytes as bytes", async () => {
    seen.length = 0;
    await client.post(server.url(), { content: "" });
    await client.post(server.url(), { content: "x" });
    await client.post(server.url(), { content: new Uint8Array([121]).buffer });
    expect(seen).toEqual([
      { method: "POST", type: undefined, length: "0", body: "" },
      { method: "POST", type: "text/plain;charset=UTF-8", length: "1", body: "x" },
      { method: "POST", type: "application/octet-stream", length: "1", body: "y" },
    ]);
  });

  it("rejects with the body, or the status text, of a failure", async () => {
    await expect(client.get(server.url("/refused"))).rejects.toEqual(new HttpError("not youhallo", 403));
    await expect(client.get(server.url("/missing"))).rejects.toEqual(new HttpError("Gone Fishing", 404));
    await expect(client.get(server.url("/busy"))).rejects.toMatchObject({ statusCode: 503, retryAfter: 7_000 });
  });
});

describe("FetchHttpClient with an injected fetch", () => {
  it("hands over method, headers, credentials and cache mode", async () => {
    const fetcher = jest.fn((..._args: Parameters<typeof fetch>) => Promise.resolve(new Response("")));
    const client = new FetchHttpClient(new FakeClock(), fetcher);
    await client.send({ method: "DELETE", url: "http://h/", headers: { A: "1" }, withCredentials: true });
    await client.get("http://h/");
    const [first, second] = fetcher.mock.calls;
    expect(first).toEqual([
      "http://h/",
      expect.objectContaining({ method: "DELETE", headers: { A: "1" }, credentials: "include", cache: "no-cache" }),
    ]);
    expect(second?.[1]).toMatchObject({ credentials: "same-origin" });
  });

  it("gives up after the timeout, although fetch ignores its signal, and leaves no timer", async () => {
    const clock = new FakeClock();
    const signals: (AbortSignal | null | undefined)[] = [];
    const client = new FetchHttpClient(clock, (_url, init) => {
      signals.push(init?.signal);
      return never();
    });
    const waiting = client.get("http://h/", { timeout: 100 });
    clock.advance(100);
    await expect(waiting).rejects.toBeInstanceOf(TimeoutError);
    expect(signals[0]?.aborted).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it("bounds the body too", async () => {
    const clock = new FakeClock();
    const body = new ReadableStream({ pull: never });
    const client = new FetchHttpClient(clock, () => Promise.resolve(new Response(body)));
    const waiting = client.get("http://h/", { timeout: 100 });
    await clock.settle();
    clock.advance(100);
    await expect(waiting).rejects.toBeInstanceOf(TimeoutError);
  });

  it("gives up when a DOM signal or an official one fires", async () => {
    const client = new FetchHttpClient(new FakeClock(), never);
    const controller = new AbortController();
    const dom = client.get("http://h/", { abortSignal: controller.signal });
    controller.abort();
    await expect(dom).rejects.toBeInstanceOf(AbortError);

    const abortSignal = { aborted: false, onabort: null as (() => void) | null };
    const official = client.get("http://h/", { abortSignal });
    abortSignal.onabort?.();
    await expect(official).rejects.toBeInstanceOf(AbortError);
  });
});

/** Both ways to open an event stream, over `fetch` and over `node:http`, against real servers: they behave the same. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { AbortError, HttpError } from "../../../src/errors/http-errors.js";
import { fetchStreams } from "../../../src/http/fetch-stream.js";
import type { OpenStream } from "../../../src/http/open-stream.js";
import { NodeHttpClient } from "../../../src/platform/node/node-http-client.js";
import { FakeClock } from "../../support/fake-clock.js";
import { LocalServer } from "./local-server.js";

const EVENT_STREAM = { "Content-Type": "text/event-stream; charset=utf-8" };
const client = new NodeHttpClient(new FakeClock());

/** Writes down what a stream brings. */
class Recorder {
  text = "";
  readonly ends: unknown[] = [];
  #changed: (() => void) | undefined;

  readonly onBytes = (chunk: Uint8Array): void => {
    this.text += new TextDecoder().decode(chunk);
    this.#changed?.();
  };

  readonly onEnd = (error?: unknown): void => {
    this.ends.push(error);
    this.#changed?.();
  };

  async until(condition: (recorder: this) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => (this.#changed = resolve));
  }
}

describe.each<[string, OpenStream]>([
  ["fetch", fetchStreams()],
  ["node:http", client.openStream],
])("a stream over %s", (_name, openStream) => {
  let server: LocalServer;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let recorder: Recorder;
  let controller: AbortController;
  let response: ServerResponse;

  beforeEach(async () => {
    recorder = new Recorder();
    controller = new AbortController();
    answer = (_request, to) => void to.writeHead(200, EVENT_STREAM).write(": hi\n");
    server = await LocalServer.start((request, to) => {
      response = to;
      answer(request, to);
    });
  });
  afterEach(async () => {
    client.dispose();
    await server.close();
  });

  const open = (headers: Record<string, string> = {}, path = "/") =>
    openStream({ url: server.url(path), headers, withCredentials: true, signal: controller.signal }, recorder);
  const gone = () => new Promise((resolve) => response.once("close", resolve));

  it("sends the headers, and brings bytes as they come", async () => {
    let seen: IncomingMessage | undefined;
    answer = (request, to) => {
      seen = request;
      to.writeHead(200, EVENT_STREAM).write(": hi\n");
    };
    const close = await open({ Accept: "text/event-stream", Authorization: "Bearer x" });
    expect(seen).toMatchObject({ method: "GET", headers: { accept: "text/event-stream", authorization: "Bearer x" } });
    await recorder.until(({ text }) => text === ": hi\n");
    response.write("data: ä\n");
    await recorder.until(({ text }) => text === ": hi\ndata: ä\n");
    expect(recorder.ends).toHaveLength(0);
    close();
    await gone();
  });

  it("is open when its first bytes are there, not before", async () => {
    answer = (_request, to) => void to.writeHead(200, EVENT_STREAM).flushHeaders();
    const arrived = new Promise((resolve) => server.server.once("request", resolve));
    let isOpen = false;
    const opening = open().then((close) => {
      isOpen = true;
      close();
    });
    await arrived;
    await new Promise((resolve) => server.server.getConnections(resolve));
    expect(isOpen).toBe(false);
    response.write(":\n");
    await opening;
  });

  it("ends cleanly when the server ends it", async () => {
    await open();
    response.end("data: last\n\n");
    await recorder.until(({ ends }) => ends.length > 0);
    expect(recorder).toMatchObject({ text: ": hi\ndata: last\n\n", ends: [undefined] });
  });

  it("ends with an error when it breaks", async () => {
    await open();
    response.destroy();
    await recorder.until(({ ends }) => ends.length > 0);
    expect(recorder.ends).toEqual([expect.objectContaining({ message: expect.any(String) })]);
  });

  it("drops the connection when it is closed", async () => {
    const close = await open();
    close();
    await gone();
  });

  it.each([401, 404, 204, 503])(
    "rejects with the status when that is not 200 (%s), and keeps no connection",
    async (status) => {
      answer = (_request, to) => void to.writeHead(status).end(status === 204 ? undefined : "never mind");
      await expect(open()).rejects.toMatchObject({ name: "HttpError", statusCode: status });
      await expect(open()).rejects.toBeInstanceOf(HttpError);
      expect(recorder.text).toBe("");
      expect(recorder.ends).toHaveLength(0);
    },
  );

  it("rejects an answer of another kind", async () => {
    answer = (_request, to) => void to.writeHead(200, { "Content-Type": "text/html" }).write("<html>");
    await expect(open()).rejects.toThrow("not an event stream");
    await gone();
    expect(recorder.text).toBe("");
  });

  it("rejects a stream that ends before it has begun", async () => {
    answer = (_request, to) => void to.writeHead(200, EVENT_STREAM).end();
    await expect(open()).rejects.toThrow("empty");
  });

  it("rejects when there is no answer", async () => {
    answer = (_request, to) => void to.destroy();
    await expect(open()).rejects.toThrow();
    expect(recorder.ends).toHaveLength(0);
  });

  it.each(["no answer", "a head alone"])(
    "is given up with the signal, with %s, and the connection is dropped",
    async (what) => {
      answer = (_request, to) => what !== "no answer" && to.writeHead(200, EVENT_STREAM).flushHeaders();
      const arrived = new Promise((resolve) => server.server.once("request", resolve));
      const opening = open();
      await arrived;
      controller.abort();
      await expect(opening).rejects.toBeInstanceOf(AbortError);
      await gone();
    },
  );

  it("is not given up by the signal once it is open", async () => {
    const close = await open();
    controller.abort();
    response.write("data: on\n");
    await recorder.until(({ text }) => text.endsWith("on\n"));
    close();
  });

  it("follows redirects, without the token to another origin", async () => {
    const other = await LocalServer.start((request, to) => {
      to.writeHead(200, EVENT_STREAM).write(
        `${request.headers.authorization ?? "none"} ${request.headers["x-a"] as string}`,
      );
    });
    answer = (_request, to) => void to.writeHead(307, { Location: other.url("/there") }).end();
    const close = await open({ Authorization: "Bearer x", "X-A": "1" });
    await recorder.until(({ text }) => text !== "");
    expect(recorder.text).toBe("none 1");
    close();
    await other.close();
  });
});

describe("a stream over an injected fetch", () => {
  it("is asked for with credentials, past all caches", async () => {
    const fetcher = jest.fn((..._args: Parameters<typeof fetch>) =>
      Promise.resolve(new Response("data: a\n\n", { headers: EVENT_STREAM })),
    );
    const openStream = fetchStreams(fetcher);
    const { signal } = new AbortController();
    for (const withCredentials of [true, false])
      await openStream({ url: "http://h/", headers: { A: "1" }, withCredentials, signal }, new Recorder());
    const options = fetcher.mock.calls.map(([, init]) => init);
    expect(options[0]).toMatchObject({ headers: { A: "1" }, credentials: "include", cache: "no-store" });
    expect(options[1]).toMatchObject({ credentials: "same-origin" });
  });

  it("that gives no body rejects", async () => {
    const openStream = fetchStreams(() => Promise.resolve(new Response(null, { headers: EVENT_STREAM })));
    const { signal } = new AbortController();
    const opening = openStream({ url: "http://h/", headers: {}, withCredentials: true, signal }, new Recorder());
    await expect(opening).rejects.toThrow("empty");
  });

  it("that never answers and knows no signals is given up all the same", async () => {
    const openStream = fetchStreams(() => new Promise<never>(() => undefined));
    const controller = new AbortController();
    const { signal } = controller;
    const opening = openStream({ url: "http://h/", headers: {}, withCredentials: true, signal }, new Recorder());
    controller.abort();
    await expect(opening).rejects.toBeInstanceOf(AbortError);
  });
});

describe("a stream over node:http on a kept-alive connection", () => {
  it("that died meanwhile is opened on a fresh one", async () => {
    let requests = 0;
    const server = await LocalServer.start((request, to) => {
      if (request.method === "POST") to.end();
      else if (++requests === 1) request.socket.resetAndDestroy();
      else to.writeHead(200, EVENT_STREAM).write(":\n");
    });
    await client.post(server.url());
    const { signal } = new AbortController();
    const close = await client.openStream(
      { url: server.url(), headers: {}, withCredentials: true, signal },
      new Recorder(),
    );
    expect(requests).toBe(2);
    close();
    client.dispose();
    await server.close();
  });
});

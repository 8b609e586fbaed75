/** An HTTP proxy as companies have them: it refuses upgrades, keeps streams to itself or turns requests away; for tests of the fallback. */
import { createServer, request as forward, type IncomingMessage, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

/** What the proxy does with a request: passes it on, answers with a status, keeps back the body of the answer, or never answers. */
export type Treatment = "pass" | "buffer" | "silence" | number;

/** The kinds of requests by which a client connects. */
export type Opening = "upgrade" | "stream" | "poll";

/** Listens on a free port and passes requests on to one server, as far as its rules allow. */
export class HttpProxy {
  readonly #target: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** What happens to the requests by which a client connects; all others pass. */
  rules: Partial<Record<Opening, Treatment>> = {};
  /** Files that it answers with itself, by path; so that pages are of the same origin as the hub. */
  readonly files = new Map<string, { readonly type: string; readonly content: string | Buffer }>();
  /** The openings and negotiations so far. */
  readonly seen: string[] = [];

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((request, response) => {
      const file = this.files.get(request.url ?? "");
      if (file) return void response.setHeader("Content-Type", file.type).end(file.content);
      const treatment = this.#treat(request);
      if (typeof treatment === "number") return void response.writeHead(treatment).end("Not through here.");
      if (treatment === "silence") return;
      const { method, url, headers } = request;
      const { hostname, port } = this.#target;
      const passed = forward({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
        this.#track(answer.socket);
        if (treatment === "buffer") return;
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
        answer.on("error", () => response.destroy());
      });
      passed.on("error", () => response.destroy());
      response.on("close", () => passed.destroy());
      request.pipe(passed);
    });
    this.#server.on("connection", (socket: Socket) => this.#track(socket));
    this.#server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
      const treatment = this.#treat(request);
      if (treatment === "silence") return;
      if (treatment !== "pass") return void socket.end(`HTTP/1.1 ${treatment} No\r\nContent-Length: 0\r\n\r\n`);
      const upstream = connect(Number(this.#target.port), this.#target.hostname);
      this.#track(upstream);
      const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
      upstream.write(`GET ${request.url} HTTP/1.1\r\n${lines.join("")}\r\n`);
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
      upstream.on("close", () => socket.destroy());
      socket.on("close", () => upstream.destroy());
    });
  }

  /** Starts a proxy. @param target Address of the server. */
  static async start(target: string): Promise<HttpProxy> {
    const proxy = new HttpProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  /** The address to connect to. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #treat({ method, url = "", headers }: IncomingMessage): Treatment {
    if (url.includes("/negotiate")) this.seen.push("negotiate");
    if (method !== "GET") return "pass";
    const opening = headers.upgrade ? "upgrade" : headers.accept === "text/event-stream" ? "stream" : "poll";
    if (opening !== "poll" || this.seen.at(-1) !== "poll") this.seen.push(opening);
    return this.rules[opening] ?? "pass";
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined); // "close" follows
    socket.on("close", () => this.#sockets.delete(socket));
  }
}

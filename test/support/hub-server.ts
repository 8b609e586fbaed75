/** A hub server on a free port, and raw HTTP and WebSocket clients for it: tests see every byte of what it answers. */
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket } from "ws";
import type { HubMessage } from "../../src/protocol/messages.js";
import { createHubServer, type HubServer, type HubServerOptions } from "../../src/server/index.js";

/** Whatever {@link listen} has started, to be stopped after each test. */
const running: (() => Promise<void>)[] = [];

/** Stops everything that the test has started. */
export async function stopAll(): Promise<void> {
  for (const stop of running.splice(0)) await stop();
}

/** Makes an HTTP server listen on a free port until {@link stopAll}. @returns the port. */
export async function listen(
  server: Server,
  beforeClosing: () => Promise<void> = async () => undefined,
): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  running.push(async () => {
    await beforeClosing();
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return (server.address() as AddressInfo).port;
}

/** A hub server attached to an HTTP server. */
export interface RunningHubServer {
  readonly hubs: HubServer;
  readonly http: Server;
  readonly port: number;
}

/** Starts one. @param otherwise Answers what is not for hubs. */
export async function startHubServer(
  map: (hubs: HubServer) => void,
  options: HubServerOptions = {},
  otherwise: RequestListener = (_request, response) => response.writeHead(404).end("not a hub"),
): Promise<RunningHubServer> {
  const hubs = createHubServer({ logger: null, ...options });
  map(hubs);
  const http = hubs.attach(createServer(otherwise));
  const port = await listen(http, () => hubs.close());
  return { hubs, http, port };
}

/** An HTTP answer. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request exactly as given. */
export async function send(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<RawAnswer> {
  const request = httpRequest({ port, host: "127.0.0.1", method, path, headers, agent: false });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body: text };
}

/** What a negotiate request is answered with. */
export interface Negotiated {
  readonly connectionId: string;
  readonly connectionToken: string;
  readonly error?: string;
  readonly negotiateVersion: number;
  readonly availableTransports: readonly { readonly transport: string }[];
}

/** Negotiates. @param query Without its question mark. */
export async function negotiate(
  port: number,
  path: string,
  query = "negotiateVersion=1",
  headers: Record<string, string> = {},
): Promise<Negotiated> {
  const { body } = await send(port, "POST", `${path}/negotiate?${query}`, headers);
  return JSON.parse(body) as Negotiated;
}

/** Tries to open a WebSocket that is to be refused. @returns the answer. */
export async function refused(port: number, path: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  socket.on("error", () => undefined);
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

/** A client that speaks the hub protocol by hand. */
export class RawClient {
  readonly socket: WebSocket;
  /** The close code and reason, once the socket is closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #records: string[] = [];
  readonly #readers: ((record: string | undefined) => void)[] = [];
  #isClosed = false;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => {
        this.#isClosed = true;
        for (const reader of this.#readers.splice(0)) reader(undefined);
        resolve({ code, reason: reason.toString() });
      });
    });
    socket.on("error", () => undefined);
    socket.on("message", (data: Buffer) => {
      for (const record of data.toString().split("\u001e").slice(0, -1)) {
        const reader = this.#readers.shift();
        if (reader === undefined) this.#records.push(record);
        else reader(record);
      }
    });
  }

  /** Opens the socket; the handshake comes after. */
  static async open(port: number, path: string, headers: Record<string, string> = {}): Promise<RawClient> {
    const client = new RawClient(new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers, perMessageDeflate: false }));
    await once(client.socket, "open");
    return client;
  }

  /** Opens the socket and performs the handshake. */
  static async connect(port: number, path: string, headers: Record<string, string> = {}): Promise<RawClient> {
    const client = await RawClient.open(port, path, headers);
    client.sendText('{"protocol":"json","version":1}\u001e');
    expect(await client.next()).toEqual({});
    return client;
  }

  /** Sends a frame. */
  sendText(text: string): void {
    this.socket.send(text);
  }

  /** Calls a method. */
  call(invocationId: string, target: string, ...args: unknown[]): void {
    this.sendText(`${JSON.stringify({ type: 1, invocationId, target, arguments: args })}\u001e`);
  }

  /** The next record; `undefined` when the socket is closed. */
  async next(): Promise<HubMessage | undefined> {
    const record = this.#records.shift() ?? (await this.#arrival());
    return record === undefined ? undefined : (JSON.parse(record) as HubMessage);
  }

  /** Everything that still comes, until the socket is closed. */
  async rest(): Promise<HubMessage[]> {
    const messages: HubMessage[] = [];
    for (let message = await this.next(); message !== undefined; message = await this.next()) messages.push(message);
    return messages;
  }

  #arrival(): Promise<string | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#readers.push(resolve));
  }
}

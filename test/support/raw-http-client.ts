/** Clients that speak Server-Sent Events and Long Polling by hand, one request at a time: tests see every byte of every answer. */
import { once } from "node:events";
import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import type { HubMessage } from "../../src/protocol/messages.js";
import { negotiate, send, type RawAnswer } from "./hub-server.js";

/** Opens every hub connection. */
export const HANDSHAKE = '{"protocol":"json","version":1}\u001e';

/** A call as a record. */
export function callOf(invocationId: string, target: string, ...args: unknown[]): string {
  return `${JSON.stringify({ type: 1, invocationId, target, arguments: args })}\u001e`;
}

/** The messages of a body. */
export function messagesOf(body: string): HubMessage[] {
  return body
    .split("\u001e")
    .slice(0, -1)
    .map((record) => JSON.parse(record) as HubMessage);
}

/** A request that was sent and can be given up. */
export interface OpenRequest {
  readonly request: ClientRequest;
  /** Its answer as far as the headers; rejects when the request is given up, or its connection breaks. */
  readonly response: Promise<IncomingMessage>;
  /** The whole answer. Nothing of its body is read before this is called. */
  readonly answer: () => Promise<RawAnswer>;
}

/** What a client without a WebSocket does: requests with the connection's token. */
export class RawHttpClient {
  readonly port: number;
  /** With the token in its query. */
  readonly path: string;
  readonly headers: Record<string, string>;

  constructor(port: number, path: string, headers: Record<string, string> = {}) {
    this.port = port;
    this.path = path;
    this.headers = headers;
  }

  /** Negotiates; nothing is open after that. */
  static async negotiated(port: number, path: string, headers: Record<string, string> = {}): Promise<RawHttpClient> {
    const { connectionToken } = await negotiate(port, path, "negotiateVersion=1", headers);
    return new RawHttpClient(port, `${path}?id=${connectionToken}`, headers);
  }

  /** A Long Polling connection behind its handshake. */
  static async longPolling(port: number, path: string, headers: Record<string, string> = {}): Promise<RawHttpClient> {
    const client = await RawHttpClient.negotiated(port, path, headers);
    expect(await client.poll()).toMatchObject({ status: 200, body: "" });
    await client.post(HANDSHAKE);
    expect(await client.poll()).toMatchObject({ status: 200, body: "{}\u001e" });
    return client;
  }

  /** Asks and waits for the answer. */
  send(method: string, body?: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
    return send(this.port, method, this.path, { ...this.headers, ...headers }, body);
  }

  /** One poll. */
  poll(): Promise<RawAnswer> {
    return this.send("GET");
  }

  /** Polls until there is a message. @returns it and those that came with it. */
  async pollMessages(): Promise<HubMessage[]> {
    for (;;) {
      const answer = await this.poll();
      expect(answer.status).toBe(200);
      if (answer.body !== "") return messagesOf(answer.body);
    }
  }

  /** Sends data, which the server has to accept. */
  async post(data: string): Promise<void> {
    expect(await this.send("POST", data)).toMatchObject({ status: 200, body: "" });
  }

  /** Begins a request. The body is the caller's to write and end, unless there is one. */
  begin(method: string, body?: string, headers: Record<string, string> = {}): OpenRequest {
    const all = { ...this.headers, ...headers };
    const options = { port: this.port, host: "127.0.0.1", method, path: this.path, headers: all, agent: false };
    const request = httpRequest(options);
    const response = once(request, "response").then(([message]) => message as IncomingMessage);
    response.catch(() => undefined);
    request.on("error", () => undefined);
    if (body === undefined) request.flushHeaders();
    else request.end(body);
    return { request, response, answer: async () => readAnswer(await response) };
  }
}

async function readAnswer(response: IncomingMessage): Promise<RawAnswer> {
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

/** A stream of events, read byte by byte. */
export class RawStream extends RawHttpClient {
  readonly response: IncomingMessage;
  /** Settles when the stream has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Everything that has come, as it came. */
  text = "";
  #isEnded = false;
  #arrived: () => void = () => undefined;
  #taken = 0;

  private constructor(client: RawHttpClient, response: IncomingMessage) {
    super(client.port, client.path, client.headers);
    this.response = response;
    response.setEncoding("utf8");
    response.on("data", (text: string) => {
      this.text += text;
      this.#arrived();
    });
    response.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      response.on("close", () => {
        this.#isEnded = true;
        this.#arrived();
        resolve();
      });
    });
  }

  /** Opens the stream of a negotiated connection. */
  static async open(client: RawHttpClient): Promise<RawStream> {
    const headers = { ...client.headers, accept: "text/event-stream" };
    const request = httpRequest({ port: client.port, host: "127.0.0.1", path: client.path, headers, agent: false });
    request.on("error", () => undefined);
    request.end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    return new RawStream(client, response);
  }

  /** Negotiates, opens the stream, and performs the handshake. */
  static async connect(port: number, path: string, headers: Record<string, string> = {}): Promise<RawStream> {
    const stream = await RawStream.open(await RawHttpClient.negotiated(port, path, headers));
    await stream.post(HANDSHAKE);
    expect(await stream.next()).toEqual([{}]);
    return stream;
  }

  /** The messages of the next event; `undefined` when the stream has ended. */
  async next(): Promise<HubMessage[] | undefined> {
    for (;;) {
      const end = this.text.indexOf("\r\n\r\n", this.#taken);
      if (end >= 0) {
        const event = this.text.slice(this.#taken, end);
        this.#taken = end + 4;
        return messagesOf(event.slice(event.indexOf("data: ") + 6));
      }
      if (this.#isEnded) return undefined;
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
  }

  /** All messages until the stream ends. */
  async rest(): Promise<HubMessage[]> {
    const messages: HubMessage[] = [];
    for (let event = await this.next(); event !== undefined; event = await this.next()) messages.push(...event);
    return messages;
  }

  /** Gives the stream up. */
  destroy(): void {
    this.response.destroy();
  }
}

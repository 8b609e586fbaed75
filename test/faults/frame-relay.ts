/** A WebSocket relay in front of a real server that cuts the server's messages into other frames than it sent; for the splitting tests. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

/** Sends the frames that a message of the server becomes, at once or later. */
export type Reframe = (message: string, send: (frame: string | Buffer) => void) => void;

/** Takes WebSockets at any path, without negotiation, and opens one of its own to the server for each. */
export class FrameRelay {
  readonly #server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  readonly #target: string;
  /** Made anew for every connection. */
  reframe: () => Reframe = () => (message, send) => send(message);

  private constructor(target: string) {
    this.#target = target;
    this.#server.on("connection", (client, request) => this.#relay(client, request.url ?? "/"));
  }

  /** Starts a relay. @param target The `http:` address of the server. */
  static async start(target: string): Promise<FrameRelay> {
    const relay = new FrameRelay(target.replace(/^http/, "ws"));
    await once(relay.#server, "listening");
    return relay;
  }

  /** The address to connect to, with `skipNegotiation`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
    await once(this.#server, "close");
  }

  #relay(client: WebSocket, path: string): void {
    const server = new WebSocket(this.#target + path);
    const reframe = this.reframe();
    const opened = once(server, "open");
    client.on("message", (data: Buffer) => void opened.then(() => server.send(data.toString())));
    server.on("message", (data: Buffer) => reframe(data.toString(), (frame) => client.send(frame)));
    client.on("close", () => server.terminate());
    server.on("close", () => client.close());
    server.on("error", () => client.terminate());
  }
}

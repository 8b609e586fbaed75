/** Accepts WebSockets for a hub (TRANSPORTS §3); one row in the hub's table of transports. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Clock } from "../common/clock.js";
import { AcceptedSocket, type AcceptingHost } from "./accepted-socket.js";
import type { ServerConnection } from "./server-connection.js";
import { WebSocketFrames } from "./websocket-frames.js";
import type { WorkCounter } from "./work-counter.js";

/** Settings, as `webSockets` of the hub's options. */
export interface WebSocketSettings {
  readonly closeTimeout: number;
  readonly maximumFrameSize: number;
}

/** Turns upgrade requests into connections. */
export class WebSocketEndpoint {
  readonly #host: AcceptingHost;
  readonly #server: WebSocketServer;

  constructor(clock: Clock, work: WorkCounter, settings: WebSocketSettings) {
    this.#host = { clock, work, closeTimeoutMs: settings.closeTimeout, frames: new WebSocketFrames() };
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: Number.isFinite(settings.maximumFrameSize) ? settings.maximumFrameSize : 0,
      handleProtocols: () => false, // clients ask for none (TRANSPORTS §3)
    });
  }

  /**
   * Answers the request: accepts it, or refuses it with status 400 when it is no proper upgrade.
   * @returns the connection, if there is one.
   */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): ServerConnection | undefined {
    let client: ServerConnection | undefined;
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      // It closes with code 1000, as ASP.NET Core does: the Close message has told of an error, and the .NET client would prefer the code.
      client = new AcceptedSocket(webSocket, socket, this.#host);
    });
    return client;
  }
}

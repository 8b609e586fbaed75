/** Accepts WebSockets for a hub (TRANSPORTS §3); one row in the hub's table of transports. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import type { Clock } from "../common/clock.js";
import type { Chunk } from "../protocol/hub-protocol.js";
import { TransferFormat } from "../protocol/messages.js";
import { silentListener } from "../transports/silent-listener.js";
import { SocketConnection } from "../transports/socket-connection.js";
import type { SocketListener } from "../transports/socket.js";
import { AcceptedSocket } from "./accepted-socket.js";
import type { ServerConnection } from "./server-connection.js";
import { WebSocketFrames } from "./websocket-frames.js";
import type { WorkCounter } from "./work-counter.js";

const NORMAL = 1000;
const NO_STATUS = 1005;
const LOST = 1006;

const transferFormats: TransferFormat = TransferFormat.Text | TransferFormat.Binary;

/** Settings, as `webSockets` of the hub's options. */
export interface WebSocketSettings {
  readonly closeTimeout: number;
  readonly maximumFrameSize: number;
}

/** Turns upgrade requests into connections. */
export class WebSocketEndpoint {
  readonly #clock: Clock;
  readonly #work: WorkCounter;
  readonly #closeTimeoutMs: number;
  readonly #server: WebSocketServer;
  readonly #frames = new WebSocketFrames();

  constructor(clock: Clock, work: WorkCounter, settings: WebSocketSettings) {
    this.#clock = clock;
    this.#work = work;
    this.#closeTimeoutMs = settings.closeTimeout;
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
      client = this.#connect(webSocket, socket);
    });
    return client;
  }

  #connect(webSocket: WebSocket, stream: Duplex): ServerConnection {
    this.#work.enter();
    const attach = (listener: SocketListener) => new AcceptedSocket(webSocket, stream, this.#frames, listener);
    return new WebSocketConnection(attach, this.#clock, this.#closeTimeoutMs, this.#work);
  }
}

/** One accepted WebSocket. */
class WebSocketConnection implements ServerConnection, SocketListener {
  readonly connection: SocketConnection;
  readonly transport = "WebSockets";
  readonly transferFormats = transferFormats;
  readonly #socket: AcceptedSocket;
  readonly #work: WorkCounter;

  /** @param work Left when the socket is closed. */
  constructor(
    attach: (listener: SocketListener) => AcceptedSocket,
    clock: Clock,
    closeTimeoutMs: number,
    work: WorkCounter,
  ) {
    const socket = attach(this);
    this.#socket = socket;
    this.#work = work;
    // Always with code 1000, as ASP.NET Core does: the Close message has told of an error, and the .NET client would prefer the code.
    this.connection = new SocketConnection(() => socket, silentListener, clock, closeTimeoutMs);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  terminate(): void {
    this.connection.terminate();
  }

  onMessage(chunk: Chunk): void {
    this.connection.onMessage(chunk);
  }

  // A closing handshake is a clean end to a server, whatever code the client gives: browsers give none, or "going away". The hub
  // decides about those with none.
  onClose(code: number, reason: string, cause?: unknown): void {
    const isGraceful = code !== LOST && code !== NO_STATUS && cause === undefined;
    this.connection.onClose(isGraceful ? NORMAL : code, reason, cause);
    this.#work.leave();
  }
}

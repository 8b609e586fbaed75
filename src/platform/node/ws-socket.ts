/** Connections over `ws` WebSockets: those that the client opens and those that a server accepts. */
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Clock } from "../../common/clock.js";
import { LimitError } from "../../errors/call-errors.js";
import { ConnectionError } from "../../errors/connection-errors.js";
import type { Encoded } from "../../protocol/hub-protocol.js";
import type { ConnectionListener } from "../../session/connection.js";
import { HIGH_WATER_MARK, SocketConnection } from "../../transports/socket-connection.js";

// Of bytes that are not its own `ws` makes one masked buffer together with their head; a text would be two writes to the network.
const TEXT = { binary: false };
const BINARY = { binary: true };

/** {@link SocketConnection} over `ws`. Text arrives as a string, binary as bytes. */
export class WsSocket extends SocketConnection {
  /** What it writes to, once it is open. */
  protected stream: Duplex | undefined;
  #socket: WebSocket;
  #cause: unknown;

  /** @param socket Open or connecting; nothing that arrives after this call is lost. */
  constructor(socket: WebSocket, clock: Clock, closeTimeoutMs: number, listener: ConnectionListener) {
    super(clock, closeTimeoutMs, listener);
    this.#socket = socket;
    this.attach(socket);
  }

  /** Goes on with another WebSocket: the client's second try. */
  protected attach(socket: WebSocket): void {
    this.#cause = undefined;
    this.#socket = socket;
    if (socket.readyState === socket.OPEN) this.listen();
    socket.on("error", (error) => (this.#cause ??= describeError(error)));
    socket.on("close", (code, reason) => this.onClose(code, reason.toString(), this.#cause));
  }

  /**
   * Takes messages from now on. Only once it is open: Node's table of listeners, which keeps the largest size it ever had, is half as
   * large with no more than three kinds at a time.
   */
  protected listen(): void {
    // Not event objects: they cost a few percent of a small message.
    this.#socket.on("message", (data: Buffer, isBinary: boolean) => {
      this.listener.onData(isBinary ? data : data.toString());
    });
  }

  /** Sends one message. */
  send(data: Encoded): Promise<void> | undefined {
    const socket = this.#socket;
    const isText = typeof data === "string";
    const bytes = isText ? Buffer.from(data) : data;
    const options = isText ? TEXT : BINARY;
    if (socket.bufferedAmount + data.length <= HIGH_WATER_MARK) {
      socket.send(bytes, options);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      socket.send(bytes, options, (error) => {
        if (error) reject(new ConnectionError("connection-lost", "The WebSocket is closed.", { cause: error }));
        else resolve();
      });
    });
  }

  /** See {@link Connection}: a frame is a write to the network, which costs more than everything else about it. */
  cork(): void {
    this.stream?.cork();
  }

  /** See {@link cork}. */
  uncork(): void {
    this.stream?.uncork();
  }

  protected startClosing(code: number): void {
    // The peer's answer waits behind what was not read.
    this.resume();
    this.#socket.close(code);
  }

  protected drop(): void {
    this.#socket.terminate();
  }

  /** Stops reading, so that the peer has to wait. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads on. */
  resume(): void {
    this.#socket.resume();
  }
}

function describeError(error: Error & { code?: string }): Error {
  if (error.code !== "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return error;
  return new LimitError("maximumFrameSize", "A WebSocket message is too large.");
}

/** The socket port over a WebSocket that a server accepted: as `ws` does it, but small messages go to the stream below it as ready frames. */
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { WsSocket } from "../platform/node/ws-socket.js";
import type { Encoded } from "../protocol/hub-protocol.js";
import { HIGH_WATER_MARK, type SocketListener } from "../transports/socket.js";
import type { WebSocketFrames } from "./websocket-frames.js";

/** Messages up to this length are copied behind their head; for larger ones `ws` writes the two apart. */
const COPIED_SIZE = 16 * 1024;

/**
 * `ws` takes two writes, a gathering of both and half a dozen objects for each frame, which is a third of what a small message costs.
 * Whole frames may be written beside those of `ws`, because it holds none back as long as nothing is compressed.
 */
export class AcceptedSocket extends WsSocket {
  readonly #webSocket: WebSocket;
  readonly #stream: Duplex;
  readonly #frames: WebSocketFrames;

  /**
   * @param webSocket Open, without compression.
   * @param stream What it writes to.
   */
  constructor(webSocket: WebSocket, stream: Duplex, frames: WebSocketFrames, listener: SocketListener) {
    super(webSocket, listener);
    this.#webSocket = webSocket;
    this.#stream = stream;
    this.#frames = frames;
  }

  /** Sends one message. @returns what every socket does. */
  override send(data: Encoded): Promise<void> | undefined {
    const webSocket = this.#webSocket;
    const { length } = data;
    const isPlain = length <= COPIED_SIZE && this.#stream.writableLength + length <= HIGH_WATER_MARK;
    if (!isPlain || webSocket.readyState !== webSocket.OPEN) return super.send(data);
    this.#stream.write(this.#frames.frameOf(data));
    return undefined;
  }
}

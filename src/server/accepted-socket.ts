/** A WebSocket that a server accepted: as `ws` does it, but small messages go to the stream below it as ready frames. */
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Clock } from "../common/clock.js";
import { WsSocket } from "../platform/node/ws-socket.js";
import type { Encoded } from "../protocol/hub-protocol.js";
import { TransferFormat } from "../protocol/messages.js";
import { silentListener } from "../transports/silent-listener.js";
import { HIGH_WATER_MARK } from "../transports/socket-connection.js";
import type { ServerConnection } from "./server-connection.js";
import type { WebSocketFrames } from "./websocket-frames.js";
import type { WorkCounter } from "./work-counter.js";

/** Messages up to this length are copied behind their head; for larger ones `ws` writes the two apart. */
const COPIED_SIZE = 16 * 1024;

const NORMAL = 1000;
const NO_STATUS = 1005;
const LOST = 1006;

/** What accepted sockets share. */
export interface AcceptingHost {
  readonly clock: Clock;
  /** Left when a socket is closed. */
  readonly work: WorkCounter;
  /** How long a client may take to answer the closing handshake. */
  readonly closeTimeoutMs: number;
  readonly frames: WebSocketFrames;
}

/**
 * `ws` takes two writes, a gathering of both and half a dozen objects for each frame, which is a third of what a small message costs.
 * Whole frames may be written beside those of `ws`, because it holds none back as long as nothing is compressed.
 */
export class AcceptedSocket extends WsSocket implements ServerConnection {
  readonly transport = "WebSockets";
  readonly transferFormats: TransferFormat = TransferFormat.Text | TransferFormat.Binary;
  declare protected stream: Duplex;
  readonly #webSocket: WebSocket;
  readonly #host: AcceptingHost;

  /**
   * @param webSocket Open, without compression.
   * @param stream What it writes to.
   */
  constructor(webSocket: WebSocket, stream: Duplex, host: AcceptingHost) {
    super(webSocket, host.clock, host.closeTimeoutMs, silentListener);
    this.#webSocket = webSocket;
    this.stream = stream;
    this.#host = host;
    host.work.enter();
  }

  /** Carries the chunks. */
  get connection(): this {
    return this;
  }

  /** Sends one message. @returns what every socket does. */
  override send(data: Encoded): Promise<void> | undefined {
    const webSocket = this.#webSocket;
    const { stream } = this;
    const { length } = data;
    const isPlain = length <= COPIED_SIZE && stream.writableLength + length <= HIGH_WATER_MARK;
    if (!isPlain || webSocket.readyState !== webSocket.OPEN) return super.send(data);
    stream.write(this.#host.frames.frameOf(data));
    return undefined;
  }

  // A closing handshake is a clean end to a server, whatever code the client gives: browsers give none, or "going away". The hub
  // decides about those with none.
  protected override onClose(code: number, reason: string, cause: unknown): void {
    const isGraceful = code !== LOST && code !== NO_STATUS && cause === undefined;
    super.onClose(isGraceful ? NORMAL : code, reason, cause);
    this.#host.work.leave();
  }
}

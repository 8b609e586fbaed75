/** A connection of a client that listens to Server-Sent Events, and POSTs what it says (TRANSPORTS §4). Text only. */
import type { ServerResponse } from "node:http";
import type { TimerHandle } from "../common/clock.js";
import { Deferred, ignoreRejection } from "../common/deferred.js";
import { ConnectionError } from "../errors/connection-errors.js";
import type { Encoded } from "../protocol/hub-protocol.js";
import { TransferFormat } from "../protocol/messages.js";
import type { Connection, ConnectionListener } from "../session/connection.js";
import { silentListener } from "../transports/silent-listener.js";
import type { HttpAnswer } from "./http-answer.js";
import type { HubRuntime } from "./hub-runtime.js";
import { PostIntake, type PostReceiver } from "./post-intake.js";
import { CLOSE_TIMEOUT_MS, tornRequest, type ServerConnection } from "./server-connection.js";

const HEADERS: HttpAnswer["headers"] = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-cache,no-store",
  Pragma: "no-cache",
  // So that nothing on the way compresses, which means to collect first; the other header says the same to nginx.
  "Content-Encoding": "identity",
  "X-Accel-Buffering": "no",
};

/** A comment: browsers only tell that a stream is open when something has come. */
const OPENING = ":\r\n";

enum Phase {
  Open,
  /** Closed by the hub: what was written before still goes out. */
  Closing,
  Over,
}

/** One connection: as long as its stream. */
export class ServerSentEventsConnection implements ServerConnection, Connection, PostReceiver {
  readonly transport = "ServerSentEvents";
  readonly transferFormats = TransferFormat.Text;
  readonly inherentKeepAlive = false;
  readonly confirmsSends = false;
  readonly posts: PostIntake;
  listener: ConnectionListener = silentListener;
  readonly #runtime: HubRuntime;
  readonly #response: ServerResponse;
  readonly #gone = new Deferred<void>();
  #phase = Phase.Open;
  #room: Deferred<void> | undefined;
  #timer: TimerHandle;

  /**
   * Opens the stream.
   * @param response One that nothing was written to.
   * @param headers To be sent with ours.
   */
  constructor(runtime: HubRuntime, response: ServerResponse, headers: HttpAnswer["headers"]) {
    this.#runtime = runtime;
    this.#response = response;
    this.posts = new PostIntake(this, runtime.options.applicationMaxBufferSize);
    runtime.work.enter();
    response.on("drain", () => this.#onDrain());
    response.on("close", () => this.#onClose());
    response.on("error", () => undefined); // a stream that breaks closes too
    response.writeHead(200, { ...HEADERS, ...headers });
    response.write(OPENING);
  }

  get connection(): Connection {
    return this;
  }

  send(data: Encoded): Promise<void> | undefined {
    const response = this.#response;
    if (response.write(toEvent(data)) || response.writableLength <= this.#runtime.options.transportMaxBufferSize) {
      return undefined;
    }
    return (this.#room ??= new Deferred()).promise;
  }

  close(): Promise<void> {
    if (this.#phase === Phase.Open) {
      this.#end(Phase.Closing);
      this.#timer = this.#runtime.clock.setTimeout(() => this.terminate(), CLOSE_TIMEOUT_MS);
      this.#response.end();
    }
    return this.#gone.promise;
  }

  terminate(): void {
    this.#end(Phase.Over);
    this.#response.destroy();
  }

  pause(): void {
    this.posts.pause();
  }

  resume(): void {
    this.posts.resume();
  }

  onPosted(chunk: Uint8Array): void {
    this.listener.onData(chunk);
  }

  onTorn(): void {
    const { listener } = this;
    this.terminate();
    listener.onClosed(tornRequest());
  }

  #onDrain(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  #onClose(): void {
    const { listener } = this;
    const error = new ConnectionError("connection-lost", "The stream of events was closed.");
    this.#end(Phase.Over);
    this.#runtime.clock.clearTimeout(this.#timer);
    if (this.#room !== undefined) {
      ignoreRejection(this.#room.promise);
      this.#room.reject(error);
    }
    this.#runtime.work.leave();
    this.#gone.resolve();
    listener.onClosed(error);
  }

  #end(phase: Phase.Closing | Phase.Over): void {
    this.#phase = phase;
    this.listener = silentListener;
    this.posts.end();
  }
}

/** One event. Whoever reads it puts a line feed between the lines, so no kind of line end in the data ends an event. */
function toEvent(data: Encoded): string {
  const text = typeof data === "string" ? data : Buffer.from(data).toString();
  // Encodings as text have no line ends of their own, as a rule.
  const lines = /[\r\n]/.test(text) ? text.replaceAll(/\r\n|\r|\n/g, "\r\ndata: ") : text;
  return `data: ${lines}\r\n\r\n`;
}

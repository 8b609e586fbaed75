/** The connection of the transports that send by POST: Server-Sent Events and Long Polling bring what arrives, this does the rest. */
import { AbortScope, bounded, type Abortable } from "../common/abort-scope.js";
import { ConnectionError } from "../errors/connection-errors.js";
import { HttpError } from "../errors/http-errors.js";
import { HubwireError } from "../errors/hubwire-error.js";
import { messageOf } from "../errors/to-error.js";
import { sendRequest } from "../http/http-context.js";
import type { Encoded } from "../protocol/hub-protocol.js";
import type { Connection } from "../session/connection.js";
import { silentListener } from "./silent-listener.js";
import type { TransportContext } from "./transport-context.js";
import type { ConnectRequest } from "./transport.js";

/** How long each step of ending may take: the last POST, the goodbye, the server's last word. */
const STEP_MS = 1_000;

/** {@link Connection} whose sends are requests. Whoever sends waits for each, so they are in order and what waits shares the next. */
export class PostConnection implements Connection {
  /** Who gets what arrives. */
  listener;
  /** See {@link Connection}. */
  readonly inherentKeepAlive: boolean;
  /** The answer to a POST is the server's receipt. */
  readonly confirmsSends = true;
  /** Fires when the connection is over: gives up all its requests. */
  readonly signal = new AbortScope();
  readonly #context: TransportContext;
  readonly #url: string;
  #goodbye: ((signal: Abortable) => Promise<unknown>) | undefined;
  #sending: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  /** @param goodbye Tells the server that the client ends the connection, where the transport has no other sign of it. */
  constructor(
    context: TransportContext,
    { url, listener }: ConnectRequest,
    goodbye?: (signal: Abortable) => Promise<unknown>,
  ) {
    this.listener = listener;
    this.inherentKeepAlive = goodbye !== undefined;
    this.#context = context;
    this.#url = url;
    this.#goodbye = goodbye;
  }

  /** Posts a chunk. Rejects with why it could not be delivered; the connection is over then, because a message is lost. */
  send(data: Encoded): Promise<void> {
    return (this.#sending = this.#post(data));
  }

  /** The connection ended by itself: cleanly, or because of an error. */
  end(error?: HubwireError): void {
    if (this.#closed !== undefined && error === undefined) {
      // The server parted first. The answer of the last POST may still be on its way, and there is nobody to say goodbye to.
      this.#goodbye = undefined;
      return;
    }
    const { listener } = this;
    this.#over(error);
    listener.onClosed(error);
  }

  /** Lets the last POST finish and says goodbye, each for a second at most. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  /** Lets time pass, but not more than the connection has left. */
  pause(ms: number): Promise<void> {
    return this.#patiently(() => new Promise(() => undefined), this.signal, ms);
  }

  async #close(): Promise<void> {
    this.listener = silentListener;
    await this.#patiently(() => this.#sending);
    if (this.signal.aborted) return; // it ended meanwhile
    this.#over();
    if (this.#goodbye) await this.#patiently(this.#goodbye);
  }

  /** Waits a while for something that does not matter in the end. */
  async #patiently(
    step: (signal: Abortable) => Promise<unknown> | undefined,
    signal?: Abortable,
    ms = STEP_MS,
  ): Promise<void> {
    try {
      await bounded(step, this.#context.clock, signal, ms);
    } catch {
      // Failed or late: the connection is given up all the same.
    }
  }

  #over(reason: HubwireError = new ConnectionError("connection-lost", "The connection is closed.")): void {
    this.listener = silentListener;
    this.signal.abort(reason);
  }

  async #post(data: Encoded): Promise<void> {
    const content = typeof data === "string" ? data : wholeBuffer(data);
    try {
      await sendRequest(this.#context, { method: "POST", url: this.#url, content }, this.signal);
    } catch (error) {
      this.#sending = undefined;
      // A server that has ended the connection refuses requests; what it said about that may still be on its way.
      if (error instanceof HttpError) await this.pause(STEP_MS);
      const loss = endError(error);
      this.end(loss);
      throw loss;
    }
  }
}

/** The error that ends a connection: hubwire's own as it is, that of the runtime as the cause. */
export function endError(thrown: unknown): HubwireError {
  if (thrown instanceof HubwireError) return thrown;
  return new ConnectionError("connection-lost", `The connection broke: ${messageOf(thrown)}`, { cause: thrown });
}

// Bodies are ArrayBuffers in the official shape of requests.
function wholeBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer } = bytes;
  return buffer.byteLength === bytes.length && buffer instanceof ArrayBuffer ? buffer : new Uint8Array(bytes).buffer;
}

/** The client's side of the hub handshake, and the bridge from it to the session that takes over (HUB_PROTOCOL §3). */
import { bounded, type Abortable } from "../common/abort-scope.js";
import type { Clock } from "../common/clock.js";
import { Deferred, ignoreRejection } from "../common/deferred.js";
import { ConnectionError, HandshakeError } from "../errors/connection-errors.js";
import { TimeoutError } from "../errors/http-errors.js";
import { toError } from "../errors/to-error.js";
import {
  HandshakeReader,
  parseHandshakeResponse,
  writeHandshake,
  type HandshakeRequest,
} from "../protocol/handshake.js";
import type { Chunk } from "../protocol/hub-protocol.js";
import type { Connection } from "../session/connection.js";
import { HeldEvents } from "../transports/held-events.js";

/** Largest answer accepted, in characters. */
const MAXIMUM_RESPONSE_SIZE = 64 * 1024;

/** Listens on a new connection: reads the server's answer, and keeps what arrives behind it until a session takes over. */
export class ClientHandshake extends HeldEvents {
  #reader: HandshakeReader | undefined = new HandshakeReader(MAXIMUM_RESPONSE_SIZE); // until there is an answer
  readonly #answered = new Deferred<void>();

  constructor() {
    super();
    ignoreRejection(this.#answered.promise); // the connection may end before anybody performs the handshake
  }

  /**
   * Asks for an encoding and waits for the answer.
   * @throws HandshakeError when the server refuses; TimeoutError (`handshake-timeout`); ConnectionError; the signal's error.
   */
  async perform(
    connection: Connection,
    request: HandshakeRequest,
    limits: { readonly clock: Clock; readonly timeoutMs: number; readonly signal: Abortable },
  ): Promise<void> {
    const { clock, timeoutMs, signal } = limits;
    const exchange = () => {
      const sent = connection.send(writeHandshake(request));
      // What ends the connection behind the answer is for the session to hear, with the server's last words in front of it.
      const delivered = sent?.catch((thrown: unknown) => {
        if (this.#reader) throw thrown;
      });
      const { promise } = this.#answered;
      return delivered ? Promise.all([delivered, promise]) : promise;
    };
    await bounded<unknown>(exchange, clock, signal, timeoutMs, () => {
      return new TimeoutError(`The server did not answer the handshake within ${timeoutMs} ms.`, "handshake-timeout");
    });
  }

  /** Called by the connection. */
  override onData(chunk: Chunk): void {
    if (!this.#reader) return super.onData(chunk);
    try {
      const answer = this.#reader.read(chunk);
      if (answer === undefined) return;
      const { error } = parseHandshakeResponse(answer.record);
      if (error !== undefined) throw new HandshakeError(`Server returned handshake error: ${error}`);
      this.#reader = undefined;
      if (answer.rest !== undefined) super.onData(answer.rest);
      this.#answered.resolve();
    } catch (thrown) {
      this.#answered.reject(toError(thrown));
    }
  }

  /** Called by the connection. */
  override onClosed(error: Error | undefined): void {
    if (!this.#reader) return super.onClosed(error);
    const text = "The connection was closed before the handshake was answered.";
    this.#answered.reject(error ?? new ConnectionError("connection-lost", text));
  }
}

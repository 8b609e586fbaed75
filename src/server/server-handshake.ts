/** The server's side of the hub handshake: the client names an encoding, the server accepts it or says why not (HUB_PROTOCOL §3). */
import { LimitError } from "../errors/call-errors.js";
import { HandshakeReader, parseHandshakeRequest, writeHandshake } from "../protocol/handshake.js";
import type { Chunk, Encoded, HubProtocol } from "../protocol/hub-protocol.js";
import { TransferFormat } from "../protocol/messages.js";
import type { ConnectionListener } from "../session/connection.js";
import { errorText, HANDSHAKE_CANCELED, HANDSHAKE_FAILED } from "./error-text.js";
import type { ResolvedHubOptions } from "./options.js";
import type { ServerConnection } from "./server-connection.js";

/** What client and server agreed on. */
export interface Agreement {
  readonly protocol: HubProtocol;
  /** The version that the client named: 2 with stateful reconnect, else 1. */
  readonly version: number;
  /** Hub messages that came in the same chunk. */
  readonly rest: Chunk | undefined;
}

/** What becomes of a handshake; one of the two is called, once. */
export interface HandshakeOutcome {
  /** The client was told yes. */
  onAgreed(agreement: Agreement): void;
  /** The connection is over, whoever ended it. @param problem What the client was told, if anything. */
  onFailed(problem: string | undefined): void;
}

/** A reason that the client is told as it is. */
class Refusal extends Error {}

/** Listens on a new connection until the handshake is done. */
export class ServerHandshake implements ConnectionListener {
  readonly #client: ServerConnection;
  readonly #options: ResolvedHubOptions;
  readonly #outcome: HandshakeOutcome;
  readonly #reader: HandshakeReader;

  constructor(client: ServerConnection, options: ResolvedHubOptions, outcome: HandshakeOutcome) {
    this.#client = client;
    this.#options = options;
    this.#outcome = outcome;
    this.#reader = new HandshakeReader(options.maximumReceiveMessageSize);
  }

  /** Called by the connection. */
  onData(chunk: Chunk): void {
    let agreed: Agreement | undefined;
    try {
      const request = this.#reader.read(chunk);
      if (request === undefined) return;
      agreed = { ...this.#choose(request.record), rest: request.rest };
    } catch (thrown) {
      return this.#refuse(this.#textOf(thrown));
    }
    this.#send(encodeFor(agreed.protocol, writeHandshake({})));
    this.#outcome.onAgreed(agreed);
  }

  /** Called by the connection. */
  onClosed(): void {
    this.#outcome.onFailed(undefined);
  }

  /** The client took too long. */
  cancel(): void {
    this.#refuse(HANDSHAKE_CANCELED);
  }

  #choose(record: string): Omit<Agreement, "rest"> {
    const { protocol: name, version } = parseHandshakeRequest(record);
    const protocol = this.#options.protocols.find((known) => known.name.toLowerCase() === name.toLowerCase());
    if (protocol === undefined) throw new Refusal(`The protocol '${name}' is not supported.`);
    if (version > protocol.version) {
      throw new Refusal(`The server does not support version ${version} of the '${name}' protocol.`);
    }
    if ((this.#client.transferFormats & protocol.transferFormat) === 0) {
      const format = TransferFormat[protocol.transferFormat];
      const reason = `The transport does not support '${format}' transfer format.`;
      throw new Refusal(`Cannot use the '${name}' protocol on the current transport. ${reason}`);
    }
    return { protocol, version };
  }

  #textOf(thrown: unknown): string {
    if (thrown instanceof Refusal) return thrown.message;
    if (thrown instanceof LimitError) return HANDSHAKE_CANCELED;
    return errorText(HANDSHAKE_FAILED, thrown, this.#options.enableDetailedErrors);
  }

  #refuse(problem: string): void {
    this.#send(writeHandshake({ error: problem }));
    this.#outcome.onFailed(problem);
  }

  #send(data: Encoded): void {
    // A connection that breaks tells its listener.
    this.#client.connection.send(data)?.then(undefined, () => undefined);
  }
}

// The answer is text, but already in the kind of frames that the encoding uses.
function encodeFor(protocol: HubProtocol, text: string): Encoded {
  return protocol.transferFormat === TransferFormat.Binary ? new TextEncoder().encode(text) : text;
}

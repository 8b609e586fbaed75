/** What an encoding of hub messages is. JSON and MessagePack implement it; a user's own may implement only the official part. */
import type { Log, Logger } from "../logging/logger.js";
import type { HubMessage as LooseHubMessage } from "./loose-messages.js";
import type { HubMessage, TransferFormat } from "./messages.js";

/**
 * What a transport delivers. Bytes may be any view, and are not written to again by whoever delivers them: large byte arrays inside
 * messages are views of them. Nobody else keeps or changes them after the call.
 */
export type Chunk = string | ArrayBuffer | Uint8Array;

/** One encoded message, or several put together. */
export type Encoded = string | Uint8Array;

/** The official shape of an encoding: whole chunks in, a list of messages out. */
export interface CustomHubProtocol {
  /** Name that the handshake tells the server. */
  readonly name: string;
  /** Highest version of the encoding that this object knows. */
  readonly version: number;
  /** Whether messages travel as strings or as bytes. */
  readonly transferFormat: TransferFormat;
  /** Decodes a chunk that holds whole messages only. */
  parseMessages(input: string | ArrayBuffer, logger: Logger): LooseHubMessage[];
  /** Encodes one message, framing included. */
  writeMessage(message: LooseHubMessage): string | ArrayBuffer;
}

/** Turns what arrives on one connection into messages, whatever way it was cut into chunks. */
export interface MessageDecoder {
  /**
   * Takes the next chunk and hands over every message that it completes, in order.
   * @throws ProtocolError when the peer broke the protocol; the decoder is of no use afterwards.
   * @throws LimitError when a message is larger than the limit.
   */
  decode(chunk: Chunk, deliver: (message: HubMessage) => void): void;
}

/** Bounds for a {@link MessageDecoder}. */
export interface DecoderOptions {
  /** Largest message accepted, in bytes with its framing. */
  readonly maximumMessageSize: number;
  /** Told about messages that are skipped. */
  readonly log: Log;
}

/** An encoding as hubwire uses it: writes messages, and makes one incremental decoder for each connection. */
export interface HubProtocol {
  /** Name in the handshake. */
  readonly name: string;
  /** Highest version: 2 means that Ack and Sequence are known. */
  readonly version: number;
  /** Whether messages travel as strings or as bytes. */
  readonly transferFormat: TransferFormat;
  /** Encodes one message, framing included. @throws InvalidArgumentError (`not-serializable`). */
  encode(message: HubMessage): Encoded;
  /** Makes the decoder of one connection. */
  createDecoder(options: DecoderOptions): MessageDecoder;
}

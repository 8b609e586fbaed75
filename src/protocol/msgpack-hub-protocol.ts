/** The MessagePack encoding of hub messages (HUB_PROTOCOL §4); the same class for both ends. */
import { InvalidArgumentError, ProtocolError } from "../errors/call-errors.js";
import { messageOf } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import { Log, NullLogger, type Logger } from "../logging/logger.js";
import { FrameSplitter } from "./binary-framing.js";
import { toBytes } from "./bytes.js";
import type { Chunk, CustomHubProtocol, DecoderOptions, HubProtocol, MessageDecoder } from "./hub-protocol.js";
import { TransferFormat, type HubMessage } from "./messages.js";
import { createExtensionCodec } from "./msgpack-extensions.js";
import { MessagePackMessageReader } from "./msgpack-message-reader.js";
import type { HubMessage as LooseHubMessage } from "./loose-messages.js";
import { writeMessagePack } from "./msgpack-message-writer.js";
import { checkMessagePackOptions, type MessagePackOptions } from "./msgpack-options.js";
import { MessagePackReader } from "./msgpack-reader.js";
import { MessagePackWriter } from "./msgpack-writer.js";

/** Hub messages as MessagePack. Works on WebSockets and Long Polling. One object serves any number of connections. */
export class MessagePackHubProtocol implements HubProtocol, CustomHubProtocol {
  /** Name in the handshake: `messagepack`. */
  readonly name: string = "messagepack";
  /** Version 2 knows the messages of stateful reconnect. */
  readonly version: number = 2;
  /** MessagePack travels as bytes. */
  readonly transferFormat: TransferFormat = TransferFormat.Binary;

  readonly #writer: MessagePackWriter;
  readonly #reader: MessagePackMessageReader;

  /** @throws InvalidArgumentError for a wrong option. */
  constructor(options?: MessagePackOptions | null) {
    const given = options ?? {};
    checkMessagePackOptions(given);
    const extensions = createExtensionCodec(given);
    this.#writer = new MessagePackWriter(given, extensions);
    this.#reader = new MessagePackMessageReader(new MessagePackReader(given, extensions));
  }

  /**
   * Encodes one message, length included.
   * @returns bytes in a buffer of their own.
   * @throws InvalidArgumentError with code `not-serializable` for cyclic values, functions, BigInts without `useBigInt64` and the like.
   */
  encode(message: HubMessage): Uint8Array<ArrayBuffer> {
    try {
      return writeMessagePack(this.#writer, message);
    } catch (thrown) {
      const text = `Cannot be encoded as MessagePack: ${messageOf(thrown)}`;
      throw new InvalidArgumentError(text, "not-serializable", thrown);
    }
  }

  /** Makes the decoder of one connection. */
  createDecoder(options: DecoderOptions): MessageDecoder {
    return new MessagePackDecoder(this.#reader, options);
  }

  /** The same as {@link encode}; the official name and form. */
  writeMessage(message: HubMessage): ArrayBuffer {
    return this.encode(message).buffer;
  }

  /**
   * Decodes a chunk that holds whole messages only.
   * @throws ProtocolError for anything else.
   */
  parseMessages(input: string | ArrayBuffer | Uint8Array, logger: Logger | null): LooseHubMessage[] {
    const messages: HubMessage[] = [];
    const log = new Log(logger ?? NullLogger.instance);
    const decoder = new MessagePackDecoder(this.#reader, { maximumMessageSize: Infinity, log });
    decoder.decode(input, (message) => messages.push(message));
    if (decoder.isPartial) throw new ProtocolError("The message is incomplete.");
    return messages;
  }
}

class MessagePackDecoder extends FrameSplitter implements MessageDecoder {
  readonly #reader: MessagePackMessageReader;
  readonly #log: Log;
  #deliver: ((message: HubMessage) => void) | undefined;

  constructor(reader: MessagePackMessageReader, options: DecoderOptions) {
    super(options.maximumMessageSize);
    this.#reader = reader;
    this.#log = options.log;
  }

  decode(chunk: Chunk, deliver: (message: HubMessage) => void): void {
    if (typeof chunk === "string") throw new ProtocolError("MessagePack is bytes, not text.");
    this.#deliver = deliver;
    this.split(toBytes(chunk));
  }

  protected override onFrame(bytes: Uint8Array, start: number, end: number): void {
    const message = this.#reader.read(bytes, start, end);
    if (message !== undefined) this.#deliver?.(message);
    else this.#log.write(LogLevel.Information, "A hub message of an unknown type was skipped.");
  }
}

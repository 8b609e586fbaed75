/** The JSON encoding as an application makes it: the official interface, and functions for values that JSON lacks. */
import { wrongOption } from "../common/require-argument.js";
import { ProtocolError } from "../errors/call-errors.js";
import { Log, NullLogger, type Logger } from "../logging/logger.js";
import type { HubMessage as LooseHubMessage } from "./loose-messages.js";
import type { CustomHubProtocol, DecoderOptions, MessageDecoder } from "./hub-protocol.js";
import { JsonDecoder, parseJson } from "./json-decoder.js";
import { JsonEncoding } from "./json-encoding.js";
import { withRevivedValues, type JsonHubProtocolOptions } from "./json-values.js";
import type { HubMessage } from "./messages.js";
import { RECORD_SEPARATOR } from "./text-framing.js";

type Reviver = NonNullable<JsonHubProtocolOptions["reviver"]>;

/** Hub messages as JSON text. Works on every transport. */
export class JsonHubProtocol extends JsonEncoding implements CustomHubProtocol {
  readonly #reviver: Reviver | undefined;

  /**
   * @param options Functions for values that JSON lacks. They get arguments, items and results, never the messages around them.
   * @throws InvalidArgumentError when one is no function.
   */
  constructor(options?: JsonHubProtocolOptions | null) {
    for (const name of ["replacer", "reviver"] as const) {
      const given: unknown = options?.[name];
      if (given != null && typeof given !== "function") wrongOption(name);
    }
    super(options?.replacer);
    this.#reviver = options?.reviver;
  }

  /** Makes the decoder of one connection. */
  override createDecoder(options: DecoderOptions): MessageDecoder {
    const reviver = this.#reviver;
    return new JsonDecoder(
      options,
      reviver &&
        ((message, record) =>
          withRevivedValues(message, record, (text) => parseJson(text, "The reviver failed", reviver))),
    );
  }

  /** The same as {@link JsonEncoding.encode}; the official name. */
  writeMessage(message: HubMessage): string {
    return this.encode(message);
  }

  /**
   * Decodes a chunk that holds whole messages only.
   * @throws ProtocolError for anything else.
   */
  parseMessages(input: string | ArrayBuffer, logger: Logger | null): LooseHubMessage[] {
    if (typeof input !== "string") throw new ProtocolError("The JSON hub protocol takes strings only.");
    if (input !== "" && !input.endsWith(RECORD_SEPARATOR)) throw new ProtocolError("The message is incomplete.");
    const messages: HubMessage[] = [];
    const log = new Log(logger ?? NullLogger.instance);
    this.createDecoder({ maximumMessageSize: Infinity, log }).decode(input, (message) => messages.push(message));
    return messages;
  }
}

/** Encodes the values inside MessagePack hub messages (arguments, items, results), as the options say. */
import { Encoder, type ExtensionCodecType } from "@msgpack/msgpack";
import { DEFAULT_MAXIMUM_DEPTH, type MessagePackOptions } from "./msgpack-options.js";
import { createValueRewriter, type ValueRewriter } from "./msgpack-outgoing-values.js";

/** Behind a larger value the encoder is replaced, because its buffer, up to twice as large, never shrinks. */
const RETAINED_SIZE = 512 * 1024;

/** One encoder of `@msgpack/msgpack`, reused for all messages: a new one each time costs several times as much. */
export class ValueEncoder {
  readonly #create: () => Encoder<unknown>;
  readonly #rewrite: ValueRewriter | undefined;
  #encoder: Encoder<unknown>;

  constructor(options: MessagePackOptions, extensionCodec: ExtensionCodecType<unknown>) {
    const { context } = options;
    this.#create = () => new Encoder({ maxDepth: DEFAULT_MAXIMUM_DEPTH, ...options, extensionCodec, context });
    this.#rewrite = createValueRewriter(options, extensionCodec);
    this.#encoder = this.#create();
  }

  /** @returns bytes that are good until the next call. Throws what the encoder or a getter of the value throws. */
  encode(value: unknown): Uint8Array {
    let bytes: Uint8Array | undefined;
    try {
      bytes = this.#encoder.encodeSharedRef(this.#rewrite ? this.#rewrite(value) : value);
      return bytes;
    } finally {
      // Nobody knows how far it grew for a value that it could not encode.
      if (bytes === undefined || bytes.length > RETAINED_SIZE) this.#encoder = this.#create();
    }
  }
}

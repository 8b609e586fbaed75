/** Encodes and decodes the values inside MessagePack hub messages (arguments, items, results), as the options say. */
import { Decoder, Encoder } from "@msgpack/msgpack";
import { createExtensionCodec } from "./msgpack-extensions.js";
import { DEFAULT_MAXIMUM_DEPTH, type MessagePackOptions } from "./msgpack-options.js";
import { createValueRewriter, type ValueRewriter } from "./msgpack-outgoing-values.js";
import { toCamelCase } from "./property-names.js";

/** After a larger value the codec is made to let go of its memory. */
const RETAINED_SIZE = 1024 * 1024;

const NIL = Uint8Array.of(0xc0);

/** One encoder and one decoder of `@msgpack/msgpack`, reused for all messages: a new one each time costs several times as much. */
export class ValueCodec {
  readonly #options: ConstructorParameters<typeof Encoder<unknown>>[0];
  readonly #rewrite: ValueRewriter | undefined;
  readonly #decoder: Decoder<unknown>;
  #encoder: Encoder<unknown>;

  constructor(options: MessagePackOptions) {
    const extensionCodec = createExtensionCodec(options);
    const shared = {
      maxDepth: DEFAULT_MAXIMUM_DEPTH,
      ...options,
      extensionCodec,
      context: options.context,
      mapKeyConverter: options.propertyNames === "camelCase" ? toCamelCaseKey : toKey,
    };
    this.#options = shared;
    this.#rewrite = createValueRewriter(options, extensionCodec);
    this.#encoder = new Encoder(shared);
    this.#decoder = new Decoder(shared);
  }

  /** @returns bytes that are good until the next call. Throws what the codec or a getter of the value throws. */
  encode(value: unknown): Uint8Array {
    const bytes = this.#encoder.encodeSharedRef(this.#rewrite ? this.#rewrite(value) : value);
    if (bytes.buffer.byteLength > RETAINED_SIZE) this.#encoder = new Encoder(this.#options);
    return bytes;
  }

  /** @param bytes One value and nothing else; binary values in it become views of them. Throws what the codec throws. */
  decode(bytes: Uint8Array): unknown {
    const value = this.#decoder.decode(bytes);
    if (bytes.length > RETAINED_SIZE) this.#decoder.decode(NIL);
    return value;
  }
}

function toKey(key: unknown): string | number {
  switch (typeof key) {
    case "string":
    case "number":
      return key;
    case "bigint":
    case "boolean":
      return String(key);
    default:
      throw new TypeError(`The key of a member cannot be of type ${typeof key}.`);
  }
}

function toCamelCaseKey(key: unknown): string | number {
  return typeof key === "string" ? toCamelCase(key) : toKey(key);
}

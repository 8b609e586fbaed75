/** The extensions of the MessagePack encoding: timestamps, an application's own codec, and the refusal of what would be lost in silence. */
import {
  decodeTimestampToTimeSpec,
  encodeTimestampExtension,
  EXT_TIMESTAMP,
  ExtensionCodec,
  type ExtensionCodecType,
} from "@msgpack/msgpack";
import type { MessagePackOptions } from "./msgpack-options.js";

export { ExtData, ExtensionCodec } from "@msgpack/msgpack";

/** Makes the codec that the encoder and the decoder ask about everything that is no plain value. */
export function createExtensionCodec(options: MessagePackOptions): ExtensionCodecType<unknown> {
  const codec = options.extensionCodec ?? timestampCodec(options.dates === "string");
  return {
    tryToEncode(object, context) {
      const extension = codec.tryToEncode(object, context);
      if (extension === null) refuse(object);
      return extension;
    },
    decode: (data, type, context) => codec.decode(data, type, context),
  };
}

function timestampCodec(asText: boolean): ExtensionCodec<unknown> {
  const codec = new ExtensionCodec<unknown>();
  codec.register({
    type: EXT_TIMESTAMP,
    encode(object) {
      if (object instanceof Date && isNaN(object.getTime())) throw new RangeError("The date is invalid.");
      return encodeTimestampExtension(object);
    },
    decode(data) {
      const { sec, nsec } = decodeTimestampToTimeSpec(data);
      const date = new Date(sec * 1e3 + Math.floor(nsec / 1e6));
      const text = date.toISOString(); // throws for what no Date can be
      if (!asText) return date;
      const fraction = String(nsec).padStart(9, "0").replace(/0+$/, "");
      return text.replace(/\.\d+/, fraction && `.${fraction}`);
    },
  });
  return codec;
}

function refuse(object: unknown): void {
  if (object instanceof ArrayBuffer) throw new TypeError("An ArrayBuffer cannot be encoded; pass a Uint8Array.");
  if (typeof object === "bigint") throw new TypeError("A BigInt can only be encoded with the option useBigInt64.");
  // Every decoder refuses the name, and with it the connection: what one client sends must not end those of others.
  if (Object.prototype.hasOwnProperty.call(object, "__proto__")) {
    throw new TypeError("A member cannot be named __proto__.");
  }
}

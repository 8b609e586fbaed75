/** The extensions of the MessagePack encoding: timestamps, an application's own codec, and the refusal of what would be lost in silence. */
import {
  decodeTimestampToTimeSpec,
  encodeTimestampExtension,
  EXT_TIMESTAMP,
  ExtData as CodecExtData,
  ExtensionCodec as CodecExtensionCodec,
  type ExtensionCodecType,
} from "@msgpack/msgpack";
import type { ExtensionCodecLike, ExtensionDataLike, MessagePackOptions } from "./msgpack-options.js";

/** One kind of extension. */
export interface Extension {
  /** Its type: 0 to 127 for applications. */
  readonly type: number;
  /** @returns the bytes, or `null` for a value that is not of this kind. */
  encode(this: void, value: unknown, context: unknown): Uint8Array | null;
  /** @returns the value that the bytes stand for. */
  decode(this: void, data: Uint8Array, extensionType: number, context: unknown): unknown;
}

/** A codec that extensions are registered with. */
export interface RegisteringCodec extends ExtensionCodecLike {
  /** Adds a kind of extension. */
  register(extension: Extension): void;
}

// With types of our own: those of the codec library need the DOM's, which applications for Node do not have.

/** Makes extension codecs that know timestamps. */
export const ExtensionCodec: new () => RegisteringCodec = CodecExtensionCodec;

/** An extension that no codec knows, as it came. */
export const ExtData: new (type: number, data: ExtensionDataLike["data"]) => ExtensionDataLike = CodecExtData;

/** Makes the codec that the encoder and the decoder ask about everything that is no plain value. */
export function createExtensionCodec(options: MessagePackOptions): ExtensionCodecType<unknown> {
  const codec = options.extensionCodec ?? timestampCodec(options.dates === "string");
  return {
    tryToEncode(object, context) {
      const extension = codec.tryToEncode(object, context);
      if (extension == null && !Array.isArray(object)) refuse(object);
      return extension;
    },
    decode: (data, type, context) => codec.decode(data, type, context),
  };
}

// Written out instead of registered: the codec's own search would be a tenth of what a small message costs.
function timestampCodec(asText: boolean): ExtensionCodecLike {
  return {
    tryToEncode(object) {
      if (object instanceof CodecExtData) return object;
      if (!(object instanceof Date)) return null;
      if (isNaN(object.getTime())) throw new RangeError("The date is invalid.");
      const data = encodeTimestampExtension(object);
      return data && new CodecExtData(EXT_TIMESTAMP, data);
    },
    decode(data, type) {
      if (type !== EXT_TIMESTAMP) return new CodecExtData(type, data);
      const { sec, nsec } = decodeTimestampToTimeSpec(data);
      if (nsec >= 1e9) throw new RangeError("Too many nanoseconds.");
      const date = new Date(sec * 1e3 + Math.floor(nsec / 1e6));
      const text = date.toISOString(); // throws for what no Date can be
      if (!asText) return date;
      const fraction = String(nsec).padStart(9, "0").replace(/0+$/, "");
      return text.replace(/\.\d+/, fraction && `.${fraction}`);
    },
  };
}

function refuse(object: unknown): void {
  // Pages that are not isolated have no shared memory.
  const isShared = typeof SharedArrayBuffer === "function" && object instanceof SharedArrayBuffer;
  if (isShared || object instanceof ArrayBuffer) {
    throw new TypeError("An ArrayBuffer cannot be encoded; pass a Uint8Array.");
  }
  if (typeof object === "bigint") throw new TypeError("A BigInt can only be encoded with the option useBigInt64.");
  // Every decoder refuses the name, and with it the connection: what one client sends must not end those of others.
  if (Object.prototype.hasOwnProperty.call(object, "__proto__")) {
    throw new TypeError("A member cannot be named __proto__.");
  }
}

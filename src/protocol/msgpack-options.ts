/** The options of the MessagePack encoding, and the check of what a user passes. */
import { wrongOption } from "../common/require-argument.js";

/** Turns values of an application's own types into MessagePack extensions and back; the `ExtensionCodec` of `@msgpack/msgpack` is one. */
export interface ExtensionCodecLike {
  /** @returns the extension, or `null` for a value that is none. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- codecs say themselves what their context is
  tryToEncode(object: unknown, context: any): ExtensionDataLike | null;
  /** @returns the value that an extension stands for. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- codecs say themselves what their context is
  decode(data: Uint8Array, extType: number, context: any): unknown;
}

/** An encoded extension. */
export interface ExtensionDataLike {
  /** Its type, -128 to 127. */
  readonly type: number;
  /** Its bytes, or a function that makes them for the position at which they will stand. */
  readonly data: Uint8Array | ((position: number) => Uint8Array);
}

/** Options of the MessagePack encoding; all optional. They concern values (arguments, items, results), never the messages around them. */
export interface MessagePackOptions {
  /** Extensions. Default: timestamps are `Date`s. An own codec also decides about dates; one made with `ExtensionCodec` knows timestamps already. */
  extensionCodec?: ExtensionCodecLike;
  /** Given to the extension codec as it is. */
  context?: unknown;
  /** Deepest nesting of arrays and objects, written or read; deeper values are refused. Default: 100. */
  maxDepth?: number;
  /** Bytes that the encoder's buffer starts with; it grows as needed. Default: 2,048. */
  initialBufferSize?: number;
  /** Whether the members of objects are written in the order of their names. Default: `false`. */
  sortKeys?: boolean;
  /** Whether fractions are written with 32 bits, which loses precision. Default: `false`. */
  forceFloat32?: boolean;
  /** Whether integers are written as floating point numbers, BigInts excepted. Default: `false`. */
  forceIntegerToFloat?: boolean;
  /** Whether members that are `undefined` are left out, as in JSON, and not written as null. Default: `false`. */
  ignoreUndefined?: boolean;
  /** Longest string read, in bytes. Default: any that fits into a message, whose size the connection limits. */
  maxStrLength?: number;
  /** Longest byte array read. Default: any that fits into a message. */
  maxBinLength?: number;
  /** Longest array read. Default: any whose items are in the message. */
  maxArrayLength?: number;
  /** Most members of an object read. Default: any number that is in the message. */
  maxMapLength?: number;
  /** Longest extension read, in bytes. Default: any that fits into a message. */
  maxExtLength?: number;
  /**
   * Whether 64-bit integers are BigInts. Read, those that the peer wrote with 64 bits are BigInts, and smaller ones stay
   * numbers; written, BigInts and integers beyond 32 bits have 64 bits. Without it, integers beyond 2^53 lose precision and
   * BigInts are refused. Default: `false`.
   */
  useBigInt64?: boolean;
  /**
   * What a timestamp (a .NET `DateTime`) is read as: a `Date`, which has milliseconds, or an ISO 8601 `"string"` with all digits,
   * as JSON has it. Without effect on an own extension codec. Default: `"Date"`.
   */
  dates?: "Date" | "string";
  /**
   * Names of the members of objects. A .NET peer writes and expects `PascalCase`, unlike in JSON. With `"camelCase"` names are
   * converted, as .NET's JSON does: `UserName` is read as `userName`, `ID` as `id`, and what is written starts with a capital.
   * Keys of dictionaries are converted as well. Default: `"asIs"`.
   */
  propertyNames?: "asIs" | "camelCase";
}

/** Deepest nesting unless the options say otherwise. */
export const DEFAULT_MAXIMUM_DEPTH = 100;

/** @throws InvalidArgumentError that names the option. */
export function checkMessagePackOptions(options: MessagePackOptions): void {
  const { extensionCodec: codec, dates, propertyNames } = options;
  for (const [name, value] of Object.entries(options)) {
    if (/^max|Size$/.test(name) && value != null && !(typeof value === "number" && value >= 0)) wrongOption(name);
  }
  if (codec && (typeof codec.tryToEncode !== "function" || typeof codec.decode !== "function"))
    wrongOption("extensionCodec");
  if (!["Date", "string"].includes(dates ?? "Date")) wrongOption("dates");
  if (!["asIs", "camelCase"].includes(propertyNames ?? "asIs")) wrongOption("propertyNames");
}

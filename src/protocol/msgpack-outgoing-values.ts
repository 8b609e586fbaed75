/** Rewrites values before they are encoded, where the options of the MessagePack encoding ask for more than its codec can do. */
import type { ExtensionCodecType } from "@msgpack/msgpack";
import { DEFAULT_MAXIMUM_DEPTH, type MessagePackOptions } from "./msgpack-options.js";
import { toPascalCase } from "./property-names.js";

/** Makes the rewritten copy of a value; what needs no rewriting may be shared with the original. */
export type ValueRewriter = (value: unknown) => unknown;

/** @returns `undefined` where the options ask for nothing of the kind. */
export function createValueRewriter(
  options: MessagePackOptions,
  extensions: ExtensionCodecType<unknown>,
): ValueRewriter | undefined {
  const { maxDepth = DEFAULT_MAXIMUM_DEPTH, useBigInt64 = false, context } = options;
  const toName = options.propertyNames === "camelCase" ? toPascalCase : undefined;
  const widensIntegers = useBigInt64 && !options.forceIntegerToFloat;
  if (!useBigInt64 && !toName) return undefined;

  const rewrite = (value: unknown, depth: number): unknown => {
    if (typeof value === "bigint") return checkRange(value);
    // The codec would write such a number as a float, which a .NET `long` does not accept.
    if (typeof value === "number") return widensIntegers && isBeyond32Bits(value) ? BigInt(value) : value;
    // What is too deep the encoder refuses; a cycle is.
    if (typeof value !== "object" || value === null || depth > maxDepth) return value;
    if (ArrayBuffer.isView(value) || extensions.tryToEncode(value, context) !== null) return value;
    if (Array.isArray(value)) return value.map((item) => rewrite(item, depth + 1));
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [toName ? toName(name) : name, rewrite(member, depth + 1)]),
    );
  };
  return (value) => rewrite(value, 1);
}

function isBeyond32Bits(value: number): boolean {
  return Number.isSafeInteger(value) && (value > 0xffff_ffff || value < -0x8000_0000);
}

// The codec cuts off what does not fit.
function checkRange(value: bigint): bigint {
  if (value !== (value < 0 ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value))) {
    throw new RangeError("The BigInt does not fit into 64 bits.");
  }
  return value;
}

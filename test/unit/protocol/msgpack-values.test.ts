/** The values inside MessagePack messages, and that no message can make the reader take much for little. */
import { Encoder } from "@msgpack/msgpack";
import { InvalidArgumentError, LimitError, ProtocolError } from "../../../src/errors/call-errors.js";
import { ExtData, type MessagePackOptions } from "../../../src/msgpack.js";
import { hex, using } from "../../support/msgpack-item.js";

const codec = new Encoder({ useBigInt64: true });

const hexOf = (text: string) => Buffer.from(text).toString("hex");

describe("plain values", () => {
  const { readRaw, roundTrip } = using();

  test.each([
    0,
    127,
    128,
    255,
    256,
    65_535,
    65_536,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53 - 1,
    -1,
    -32,
    -33,
    -128,
    -129,
    -32_768,
    -32_769,
    -(2 ** 31),
    -(2 ** 31) - 1,
    -(2 ** 53 - 1),
    0.5,
    1e300,
    Infinity,
    -Infinity,
    NaN,
  ])("the number %p", (number) => {
    expect(roundTrip(number)).toBe(number);
    expect(readRaw(codec.encode(number))).toBe(number);
  });

  test("every integer format", () => {
    expect(
      readRaw(
        hex(
          "9a cc 80 cd 80 00 ce 80 00 00 00 cf 00 00 00 01 00 00 00 00 d0 80 d1 80 00 d2 80 00 00 00 d3 ff ff ff ff 00 00 00 00 ca 3f 80 00 00 cb 3f f8 00 00 00 00 00 00",
        ),
      ),
    ).toEqual([128, 32_768, 2 ** 31, 2 ** 32, -128, -32_768, -(2 ** 31), -(2 ** 32), 1, 1.5]);
  });

  test.each([0, 1, 15, 16, 31, 32, 33, 255, 256, 65_535, 65_536])("texts, lists and objects of %i", (length) => {
    for (const unit of ["x", "é", "\ud83d\ude00"]) expect(roundTrip(unit.repeat(length))).toBe(unit.repeat(length));
    const list = Array.from({ length }, (_, index) => index);
    expect(roundTrip(list)).toEqual(list);
    const object = Object.fromEntries(list.map((index) => [`name ${index}`, index]));
    expect(roundTrip(object)).toEqual(object);
  });

  test("names of members that are no texts", () => {
    expect(readRaw(hex("84 01 a1 61 cb 3f f8 00 00 00 00 00 00 02 c3 03 cf ff ff ff ff ff ff ff ff 04"))).toEqual({
      1: "a",
      1.5: 2,
      true: 3,
      [String(2 ** 64)]: 4,
    });
  });

  test("-0 is read as it came, and written as 0, as in JSON", () => {
    expect(readRaw(hex("cb 80 00 00 00 00 00 00 00"))).toBe(-0);
    expect(readRaw(hex("ca 80 00 00 00"))).toBe(-0);
    expect(roundTrip(-0)).toBe(0);
  });

  test("the last of two equal names counts, as in JSON", () => {
    expect(readRaw(hex("83 a1 61 01 a1 62 02 a1 61 03"))).toEqual({ a: 3, b: 2 });
    expect(readRaw(hex("82 01 05 a1 31 06"))).toEqual({ 1: 6 });
  });

  test("names that objects have already are members like others", () => {
    const value = readRaw(hex(`82 ab ${hexOf("constructor")} 01 a8 ${hexOf("toString")} c0`));
    expect(value).toEqual({ constructor: 1, toString: null });
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value as object)).toEqual(["constructor", "toString"]);
  });

  test("names that are NaN or minus zero", () => {
    expect(readRaw(hex("82 cb 7f f8 00 00 00 00 00 00 01 cb 80 00 00 00 00 00 00 00 02"))).toEqual({ NaN: 1, 0: 2 });
  });

  test.each([
    ["a byte that begins nothing", "a2 ff 61", "\ufffda"],
    ["a character that breaks off", "a2 e2 82", "\ufffd"],
    ["a character written too long", "a2 c0 80", "\ufffd\ufffd"],
    ["a character beyond all", "a4 f5 80 80 80", "\ufffd\ufffd\ufffd\ufffd"],
  ])("text that is not UTF-8 has marks instead: %s", (_what, text, expected) => {
    expect(readRaw(hex(text))).toBe(expected);
    expect(readRaw(hex(`81 ${text} 01`))).toEqual({ [expected]: 1 });
  });

  test("undefined is nil, in lists and objects too", () => {
    expect(roundTrip([undefined, { a: undefined }])).toEqual([null, { a: null }]);
    expect(using({ ignoreUndefined: true }).roundTrip([undefined, { a: undefined }])).toEqual([null, {}]);
  });
});

describe("options of the official package", () => {
  test("sortKeys writes members in the order of their names, converted ones too", () => {
    expect(using({ sortKeys: true }).wire({ b: 1, a: 2 })).toBe("82a16102a16201");
    expect(using({ sortKeys: true, propertyNames: "camelCase" }).wire({ b: 1, a: 2 })).toBe("82a14102a14201");
    expect(using().wire({ b: 1, a: 2 })).toBe("82a16201a16102");
  });

  test("forceFloat32 writes fractions with 32 bits", () => {
    expect(using({ forceFloat32: true }).wire([1.5, 1])).toBe("92ca3fc0000001");
    expect(using().wire(1.5)).toBe("cb3ff8000000000000");
  });

  test("initialBufferSize changes nothing but where the buffer starts", () => {
    const value = ["x".repeat(1_000), 1];
    expect(using({ initialBufferSize: 1 }).roundTrip(value)).toEqual(value);
  });
});

describe("what cannot be encoded", () => {
  test.each<[string, unknown, string]>([
    ["a function", () => 1, "a function has no value"],
    ["a symbol", Symbol("mark"), "a symbol has no value"],
    ["a BigInt without the option", 1n, "useBigInt64"],
    ["an ArrayBuffer", new ArrayBuffer(1), "Uint8Array"],
    ["an ArrayBuffer that is shared", new SharedArrayBuffer(1), "Uint8Array"],
    ["an invalid date", new Date(NaN), "invalid"],
    ["a member named __proto__", JSON.parse('{"a":[{"__proto__":1}]}'), "__proto__"],
  ])("%s", (_what, value, text) => {
    for (const item of [value, [value], { member: value }]) {
      expect(() => using().write(item)).toThrow(InvalidArgumentError);
      expect(() => using().write(item)).toThrow(text);
      // A codec written in JavaScript may return nothing for what it does not know.
      const silent = { tryToEncode: () => undefined as unknown as null, decode: () => null };
      if (!(value instanceof Date)) expect(() => using({ extensionCodec: silent }).write(item)).toThrow(text);
    }
  });

  test.each([2n ** 64n, -(2n ** 63n) - 1n])("a BigInt that has more than 64 bits: %p", (value) => {
    const write = () => using({ useBigInt64: true }).write([value]);
    expect(write).toThrow(InvalidArgumentError);
    expect(write).toThrow("64 bits");
  });

  test("a cycle, with every option that walks over values", () => {
    const cycle: unknown[] = [];
    cycle.push({ cycle });
    for (const options of [{}, { useBigInt64: true }, { propertyNames: "camelCase" }] as const) {
      expect(() => using(options).write(cycle)).toThrow(expect.objectContaining({ code: "not-serializable" }));
    }
  });

  test("a large value that fails leaves the encoder usable, and so does one that does not", () => {
    const { roundTrip, write } = using();
    const large = "x".repeat(3 * 1024 * 1024);
    expect(() => write([large, () => 1])).toThrow(InvalidArgumentError);
    expect(roundTrip(1)).toBe(1);
    expect(roundTrip(large)).toBe(large);
    expect(roundTrip(2)).toBe(2);
  });
});

describe("limits", () => {
  test.each<[keyof MessagePackOptions, unknown, unknown]>([
    ["maxStrLength", "xxx", "xxxx"],
    ["maxBinLength", new Uint8Array(3), new Uint8Array(4)],
    ["maxArrayLength", [1, 2, 3], [1, 2, 3, 4]],
    ["maxMapLength", { a: 1, b: 2, c: 3 }, { a: 1, b: 2, c: 3, d: 4 }],
    ["maxExtLength", new ExtData(1, new Uint8Array(3)), new ExtData(1, new Uint8Array(4))],
  ])("%s", (limit, allowed, tooMuch) => {
    const { roundTrip } = using({ [limit]: 3 });
    expect(roundTrip(allowed)).toEqual(allowed);
    expect(() => roundTrip(tooMuch)).toThrow(LimitError);
    expect(() => roundTrip(tooMuch)).toThrow(expect.objectContaining({ limit }));
  });

  function nested(depth: number): unknown {
    let value: unknown = 1;
    for (let level = 1; level < depth; level++) value = level % 2 === 0 ? [value] : { value };
    return value;
  }

  test.each([undefined, 3, 100])("maxDepth %p, in both directions", (maxDepth) => {
    const options = maxDepth === undefined ? {} : { maxDepth };
    const depth = maxDepth ?? 100;
    const unlimited = using({ maxDepth: 1_000 });
    expect(using(options).roundTrip(nested(depth))).toEqual(nested(depth));
    expect(() => using(options).write(nested(depth + 1))).toThrow(InvalidArgumentError);
    expect(() => using(options).read(unlimited.write(nested(depth + 1)))).toThrow(
      expect.objectContaining({ name: "LimitError", limit: "maxDepth" }),
    );
  });

  test("nesting beyond the stack is an error like others", () => {
    const deep = new Uint8Array(2_000_000).fill(0x91);
    expect(() => using({ maxDepth: 1e9 }).readRaw(deep)).toThrow(ProtocolError);
    expect(() => using().readRaw(deep)).toThrow(LimitError);
  });

  test.each([
    ["lists", "dd 01 ff ff ff"],
    ["the largest lists", "dd ff ff ff ff"],
    ["objects", "df ff ff ff ff a1 61"],
    ["short lists", "dc ff ff"],
  ])("lengths that are lies take no memory: %s", (_what, head) => {
    const one = hex(head);
    const many = new Uint8Array(one.length * 90);
    for (let i = 0; i < 90; i++) many.set(one, i * one.length);
    const { readRaw } = using();
    const before = process.memoryUsage();
    for (let round = 0; round < 20; round++) expect(() => readRaw(many)).toThrow(ProtocolError);
    const after = process.memoryUsage();
    expect(after.rss - before.rss).toBeLessThan(100 * 1024 * 1024);
  });

  test.each(["c6 ff ff ff ff 01", "db ff ff ff ff 78", "c9 ff ff ff ff 01 01"])(
    "neither do bytes and texts: %s",
    (text) => {
      expect(() => using().readRaw(hex(text))).toThrow(ProtocolError);
    },
  );
});

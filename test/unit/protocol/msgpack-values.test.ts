/** The values inside MessagePack messages: what the options do to them, and that no message can make the reader take much for little. */
import { Encoder } from "@msgpack/msgpack";
import { InvalidArgumentError, LimitError, ProtocolError } from "../../../src/errors/call-errors.js";
import { ExtData, ExtensionCodec, MessagePackHubProtocol, type MessagePackOptions } from "../../../src/msgpack.js";
import { MessageType } from "../../../src/protocol/messages.js";
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
    ["a function", () => 1, "Function"],
    ["a symbol", Symbol("mark"), "Symbol"],
    ["a BigInt without the option", 1n, "useBigInt64"],
    ["an ArrayBuffer", new ArrayBuffer(1), "Uint8Array"],
    ["an ArrayBuffer that is shared", new SharedArrayBuffer(1), "Uint8Array"],
    ["an invalid date", new Date(NaN), "invalid"],
    ["a member named __proto__", JSON.parse('{"a":[{"__proto__":1}]}'), "__proto__"],
  ])("%s", (_what, value, text) => {
    for (const item of [value, [value], { member: value }]) {
      expect(() => using().write(item)).toThrow(InvalidArgumentError);
      expect(() => using().write(item)).toThrow(text);
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

describe("useBigInt64", () => {
  const { roundTrip, wire, readRaw } = using({ useBigInt64: true });

  test.each([0n, 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 64n - 1n, -1n, -(2n ** 53n) - 1n, -(2n ** 63n)])(
    "%p is exact both ways",
    (value) => {
      expect(roundTrip(value)).toBe(value);
      expect(roundTrip([{ value }])).toEqual([{ value }]);
    },
  );

  test("integers of up to 32 bits are numbers, longer ones are written as integers", () => {
    expect(roundTrip([0, 2 ** 32 - 1, -(2 ** 31), 1.5])).toEqual([0, 2 ** 32 - 1, -(2 ** 31), 1.5]);
    expect(wire(2 ** 40)).toBe("cf0000010000000000");
    expect(wire(-(2 ** 40))).toBe("d3ffffff0000000000");
    expect(roundTrip(2 ** 40)).toBe(2n ** 40n);
    expect(wire(2 ** 60)).toMatch(/^cb/); // no integer that a number is sure of
  });

  test("what is no plain value passes as it is", () => {
    const date = new Date(1_700_000_000_123);
    const bytes = Uint8Array.of(1, 2);
    expect(roundTrip({ date, bytes, list: [1n, undefined] })).toEqual({ date, bytes, list: [1n, null] });
  });

  test("forceIntegerToFloat leaves numbers floats, and the message as it is", () => {
    const forced = using({ useBigInt64: true, forceIntegerToFloat: true });
    expect(forced.wire(2 ** 40)).toMatch(/^cb/);
    expect(forced.wire(1)).toMatch(/^cb/);
    expect(forced.wire(1n)).toBe("cf0000000000000001");
    expect([...forced.write(1).subarray(1, 3)]).toEqual([0x94, 0x02]);
  });

  test("without it, they are numbers", () => {
    expect(using().readRaw(hex("cf 00 20 00 00 00 00 00 01"))).toBe(2 ** 53);
    expect(readRaw(hex("cf 00 20 00 00 00 00 00 01"))).toBe(2n ** 53n + 1n);
  });

  test("names of members of 64 bits", () => {
    expect(readRaw(hex("81 cf ff ff ff ff ff ff ff ff 01"))).toEqual({ "18446744073709551615": 1 });
  });
});

describe("dates", () => {
  const asDate = using();
  const asText = using({ dates: "string" });

  test.each([
    ["2024-02-29T12:34:56.789Z", "d7ff"],
    ["2024-02-29T12:34:56.000Z", "d6ff"],
    ["1969-12-31T23:59:59.999Z", "c70cff"],
    ["0001-01-01T00:00:00.000Z", "c70cff"],
    ["9999-12-31T23:59:59.999Z", "c70cff"],
    ["2500-01-01T00:00:00.000Z", "d7ff"],
  ])("%s", (text, head) => {
    const date = new Date(text);
    expect(asDate.wire(date).startsWith(head)).toBe(true);
    expect(asDate.roundTrip(date)).toEqual(date);
    expect(asText.roundTrip([date])).toEqual([text.replace(".000", "")]);
  });

  test.each([
    ["nothing", "c7 00 ff"],
    ["one byte", "d4 ff 00"],
    ["a second's worth of nanoseconds, in 64 bits", "d7 ff ee 6b 28 00 00 00 00 00"],
    ["a second's worth of nanoseconds, in 96 bits", "c7 0c ff 3b 9a ca 00 00 00 00 00 00 00 00 00"],
    ["a time beyond all dates", "c7 0c ff 00 00 00 00 7f ff ff ff ff ff ff ff"],
  ])("a timestamp of %s is a protocol error", (_what, timestamp) => {
    for (const { readRaw } of [asDate, asText]) expect(() => readRaw(hex(timestamp))).toThrow(ProtocolError);
  });

  test("the last nanosecond of a second", () => {
    const timestamp = hex("c7 0c ff 3b 9a c9 ff 00 00 00 00 00 00 00 00");
    expect(asText.readRaw(timestamp)).toBe("1970-01-01T00:00:00.999999999Z");
    expect(asDate.readRaw(timestamp)).toEqual(new Date(999));
  });

  test("as a text they keep the digits that a Date has no room for", () => {
    // 2024-01-01T00:00:00.1234567Z, as .NET writes it
    const nanoseconds = 123_456_700n;
    const seconds = BigInt(Date.UTC(2024, 0, 1) / 1000);
    const bytes = new Uint8Array(10);
    bytes.set([0xd7, 0xff]);
    new DataView(bytes.buffer).setBigUint64(2, (nanoseconds << 34n) | seconds);
    expect(asText.readRaw(bytes)).toBe("2024-01-01T00:00:00.1234567Z");
    expect(asDate.readRaw(bytes)).toEqual(new Date("2024-01-01T00:00:00.123Z"));
  });
});

describe("propertyNames", () => {
  const { roundTrip, read } = using({ propertyNames: "camelCase" });
  const asIs = using();

  test("capitals on the wire, small letters in the application", () => {
    const value = { userName: "a", list: [{ id: 1 }], nested: { Already: null } };
    const frame = using({ propertyNames: "camelCase" }).write(value);
    expect(asIs.read(frame)).toEqual({ UserName: "a", List: [{ Id: 1 }], Nested: { Already: null } });
    expect(roundTrip(value)).toEqual({ userName: "a", list: [{ id: 1 }], nested: { already: null } });
    expect(read(asIs.write({ URLPath: 1, ID: 2, 7: 3 }))).toEqual({ urlPath: 1, id: 2, 7: 3 });
  });

  test("headers are not converted", () => {
    const protocol = new MessagePackHubProtocol({ propertyNames: "camelCase" });
    const headers = { traceparent: "a", Custom: "b" };
    const frame = protocol.encode({ type: MessageType.Invocation, headers, target: "t", arguments: [] });
    expect(protocol.parseMessages(frame, null)).toMatchObject([{ headers }]);
  });

  test("dates, bytes and objects of classes", () => {
    class Point {
      readonly left = 1;
      readonly when = new Date(0);
      readonly bytes = Uint8Array.of(1);
    }
    expect(asIs.read(using({ propertyNames: "camelCase" }).write(new Point()))).toEqual({
      Left: 1,
      When: new Date(0),
      Bytes: Uint8Array.of(1),
    });
  });
});

describe("extensions", () => {
  class Money {
    readonly amount: number;
    constructor(amount: number) {
      this.amount = amount;
    }
  }
  const contexts: unknown[] = [];
  const extensionCodec = new ExtensionCodec();
  extensionCodec.register({
    type: 5,
    encode: (object, context) => {
      contexts.push(context);
      return object instanceof Money ? Uint8Array.of(object.amount) : null;
    },
    decode: (data, type, context) => {
      contexts.push(context);
      return new Money((data[0] ?? 0) + type - 5);
    },
  });

  test.each([{}, { useBigInt64: true }, { propertyNames: "camelCase" }] as const)(
    "an application's own, with %j",
    (more) => {
      contexts.length = 0;
      const context = { name: "mine" };
      const { roundTrip, write } = using({ extensionCodec, context, ...more });
      expect(roundTrip([new Money(7), { price: new Money(8) }])).toEqual([new Money(7), { price: new Money(8) }]);
      expect(roundTrip(new Date(1_000))).toEqual(new Date(1_000));
      expect(contexts.length).toBeGreaterThan(0);
      expect(contexts.every((seen) => seen === context)).toBe(true);
      expect(() => write(new ArrayBuffer(1))).toThrow(InvalidArgumentError);
    },
  );

  test("one that nobody knows is kept", () => {
    const value = using().readRaw(hex("c7 03 09 01 02 03"));
    expect(value).toBeInstanceOf(ExtData);
    expect(value).toMatchObject({ type: 9, data: Uint8Array.of(1, 2, 3) });
    expect(using().wire(value)).toBe("c70309010203");
  });

  test.each([1, 2, 4, 8, 16, 3, 300, 70_000])("of %i bytes, and a negative type", (length) => {
    const data = new Uint8Array(length).fill(1);
    expect(using().roundTrip(new ExtData(-128, data))).toEqual(new ExtData(-128, data));
  });

  test("a codec that reads and writes messages of the same encoding meanwhile", () => {
    const protocol: MessagePackHubProtocol = new MessagePackHubProtocol({
      extensionCodec: {
        tryToEncode: (object) => (object instanceof Money ? new ExtData(6, pack(object.amount)) : null),
        decode: (data) => new Money(unpack(data) as number),
      },
    });
    const pack = (item: unknown) => protocol.encode({ type: MessageType.StreamItem, invocationId: "inner", item });
    const unpack = (data: Uint8Array) => (protocol.parseMessages(data, null)[0] as { item: unknown }).item;
    const message = {
      type: MessageType.Invocation,
      headers: { a: "b" },
      invocationId: "outer",
      target: "T",
      arguments: [new Money(300), "x", [new Money(2)]],
      streamIds: ["1", "2"],
    } as const;
    const frame = protocol.encode({ ...message, arguments: [...message.arguments], streamIds: [...message.streamIds] });
    expect(protocol.parseMessages(Buffer.concat([frame, frame]), null)).toEqual([message, message]);
  });

  test("a name may be an extension that the codec makes a text of, but not __proto__", () => {
    const named = (name: unknown) => using({ extensionCodec: { tryToEncode: () => null, decode: () => name } });
    expect(named("name").readRaw(hex("81 d4 05 00 01"))).toEqual({ name: 1 });
    for (const name of ["__proto__", {}, null, ["a"]]) {
      expect(() => named(name).readRaw(hex("81 d4 05 00 01"))).toThrow(ProtocolError);
    }
  });

  test("what the codec throws is a protocol error when reading, and not serializable when writing", () => {
    const failing = {
      tryToEncode() {
        throw new Error("mine");
      },
      decode() {
        throw new Error("mine");
      },
    };
    const { write, readRaw } = using({ extensionCodec: failing });
    expect(() => write({})).toThrow(expect.objectContaining({ code: "not-serializable" }));
    expect(() => readRaw(hex("d4 05 01"))).toThrow(ProtocolError);
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

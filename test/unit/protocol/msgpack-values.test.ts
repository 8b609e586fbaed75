/** The values inside MessagePack messages: what the options do to them, and that no message can make the reader take much for little. */
import { Encoder } from "@msgpack/msgpack";
import { InvalidArgumentError, LimitError, ProtocolError } from "../../../src/errors/call-errors.js";
import { ExtData, ExtensionCodec, MessagePackHubProtocol, type MessagePackOptions } from "../../../src/msgpack.js";
import { MessageType } from "../../../src/protocol/messages.js";

const codec = new Encoder({ useBigInt64: true });

/** Both directions with a protocol. */
function using(options: MessagePackOptions = {}) {
  const protocol = new MessagePackHubProtocol(options);
  const write = (item: unknown) => protocol.encode({ type: MessageType.StreamItem, invocationId: "1", item });
  const read = (frame: Uint8Array) => {
    const [message] = protocol.parseMessages(frame, null);
    if (message?.type !== MessageType.StreamItem) throw new Error("no item came out");
    return message.item;
  };
  return {
    write,
    read,
    roundTrip: (item: unknown) => read(write(item)),
    /** What stands on the wire for a value. */
    wire: (item: unknown) => Buffer.from(write(item)).subarray(6).toString("hex"),
    /** Reads a value from its bytes. */
    readRaw: (value: Uint8Array) => read(frameOf(value)),
  };
}

function frameOf(value: Uint8Array): Uint8Array {
  const body = [0x94, 0x02, 0x80, 0xa1, 0x31];
  const length = body.length + value.length;
  const prefix = length < 128 ? [length] : [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
  return Buffer.concat([Uint8Array.from([...prefix, ...body]), value]);
}

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

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

  test("undefined is nil, in lists and objects too", () => {
    expect(roundTrip([undefined, { a: undefined }])).toEqual([null, { a: null }]);
    expect(using({ ignoreUndefined: true }).roundTrip([undefined, { a: undefined }])).toEqual([null, {}]);
  });
});

describe("what cannot be encoded", () => {
  test.each<[string, unknown, string]>([
    ["a function", () => 1, "Function"],
    ["a symbol", Symbol("mark"), "Symbol"],
    ["a BigInt without the option", 1n, "useBigInt64"],
    ["an ArrayBuffer", new ArrayBuffer(1), "Uint8Array"],
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

describe("byte arrays", () => {
  const { roundTrip, read, write, wire } = using();

  test.each([0, 1, 255, 256, 65_535, 65_536])("of %i bytes", (length) => {
    const bytes = Uint8Array.from({ length }, (_, index) => index);
    expect(roundTrip(bytes)).toEqual(bytes);
    expect(roundTrip(Buffer.from(bytes))).toEqual(bytes);
    expect(roundTrip(new DataView(bytes.buffer))).toEqual(bytes);
  });

  test("are never Buffers, whatever arrived", () => {
    expect(read(Buffer.from(write(Uint8Array.of(1, 2))))).toEqual(Uint8Array.of(1, 2));
    expect(Buffer.isBuffer(read(Buffer.from(write(Uint8Array.of(1, 2)))))).toBe(false);
    expect(Buffer.isBuffer(read(Buffer.from(write(new Uint8Array(100_000)))))).toBe(false);
  });

  test("a view writes what it shows", () => {
    expect(wire(Uint16Array.of(1, 2, 3).subarray(1))).toBe("c40402000300");
  });

  test("a large one is a view of what arrived, a small one keeps nothing else in memory", () => {
    const frame = write(new Uint8Array(100_000));
    expect((read(frame) as Uint8Array).buffer).toBe(frame.buffer);
    const small = read(
      Buffer.concat([write(Uint8Array.of(1, 2, 3)), Buffer.alloc(0)], 200_000).subarray(0, 11),
    ) as Uint8Array;
    expect(small).toEqual(Uint8Array.of(1, 2, 3));
    expect(small.buffer.byteLength).toBe(3);
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

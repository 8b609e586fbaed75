/** What hubwire's own options do to the values inside MessagePack messages: BigInts, dates, names, extensions. */
import { InvalidArgumentError, ProtocolError } from "../../../src/errors/call-errors.js";
import { ExtData, ExtensionCodec, MessagePackHubProtocol } from "../../../src/msgpack.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { hex, using } from "../../support/msgpack-item.js";

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

  test("whose bytes are made when their position is known", () => {
    const data = jest.fn((position: number) => Uint8Array.of(position & 0, 7));
    const { wire, roundTrip } = using({
      extensionCodec: {
        tryToEncode: (object) => (object instanceof Money ? { type: 5, data } : null),
        decode: (bytes) => bytes[1],
      },
    });
    expect(wire(new Money(1))).toBe("c900000002050007");
    expect(roundTrip([new Money(1), "x"])).toEqual([7, "x"]);
    expect(data).toHaveBeenCalledWith(expect.any(Number));
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

/** Values to the real server and back: every JSON type, typed .NET parameters, text of every kind and size. */
import type { HubConnection } from "../../../src/index.js";
import { describeWhen } from "../../support/requirements.js";
import { RealHub } from "../../support/real-hub.js";

const everyKindOfText =
  "aä€😀 \u0000\u001e\u001f\u2028\u2029\ufeff\"'\\/<>&+\r\n\t combining: e\u0301 rtl: \u202eabc 汉字 🏳️‍🌈";

describeWhen("dotnet", "values over ASP.NET Core", () => {
  const hub = new RealHub();
  let connection: HubConnection;
  beforeEach(async () => {
    connection = await hub.connect();
  });

  test.each([
    [null],
    [true],
    [false],
    [0],
    [-1],
    [1.5],
    [-1e-7],
    [1e21],
    [2 ** 53 - 1],
    [-(2 ** 53 - 1)],
    [Number.MAX_VALUE],
    [Number.MIN_VALUE],
    [""],
    ["text"],
    [everyKindOfText],
    [[]],
    [[1, [2, [3, [null]]], "x"]],
    [{}],
    [{ a: 1, "": 2, "with space": { nested: [{ deep: null }] }, "\u001e": "\u001e", constructor: 1 }],
    [JSON.parse('{"__proto__":{"polluted":true},"b":1}') as unknown],
  ])("%j comes back unchanged", async (value) => {
    const echoed: unknown = await connection.invoke("Echo", value);
    expect(echoed).toEqual(value);
    expect(JSON.stringify(echoed)).toBe(JSON.stringify(value));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test.each([
    [undefined, null],
    [NaN, null],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [{ a: undefined, toJSON: undefined }, {}],
    [{ toJSON: () => "own form" }, "own form"],
    [new Map([[1, 2]]), {}],
    [
      [undefined, () => 1],
      [null, null],
    ],
  ])("%p travels as JSON writes it", async (value, expected) => {
    await expect(connection.invoke("Echo", value)).resolves.toEqual(expected);
  });

  test.each([
    ["EchoBool", true],
    ["EchoInt", -(2 ** 31)],
    ["EchoLong", 2 ** 53 - 1],
    ["EchoDouble", Math.PI],
    ["EchoDecimal", 12345.6789],
    ["EchoNullableInt", null],
    ["EchoNullableInt", 7],
    ["EchoString", null],
    ["EchoString", everyKindOfText],
    ["EchoGuid", "d3b07384-d9a0-4e9b-8a0d-1e2f3a4b5c6d"],
    ["EchoEnum", 3],
    ["EchoDate", "2026-02-03T04:05:06.0000007+02:00"],
    ["EchoUtcDate", "2026-02-03T04:05:06Z"],
    ["EchoBytes", "AAEC/w=="],
    ["EchoInts", [1, 2, 3]],
    ["EchoInts", []],
    ["EchoMap", { a: "1", B: null }],
  ])("%s keeps %j", async (method, value) => {
    await expect(connection.invoke(method, value)).resolves.toEqual(value);
  });

  test("bytes are base64, as the server reads and writes them", async () => {
    const base64 = Buffer.from([1, 2, 250]).toString("base64");
    await expect(connection.invoke("SumBytes", base64)).resolves.toBe(253);
  });

  test("nested objects keep every member; the server's names are in camel case", async () => {
    const person = (name: string, friends: unknown[]) => ({
      name,
      age: 40,
      active: true,
      home: { street: "Low Road 1", city: null },
      tags: ["a", everyKindOfText],
      scores: { First: 1.5 },
      born: "1986-01-02T03:04:05+00:00",
      id: "00000000-0000-0000-0000-000000000001",
      photo: null,
      friends,
    });
    const ada = person("Ada", [person("Grace", [])]);
    await expect(connection.invoke("EchoPerson", ada)).resolves.toEqual(ada);
  });

  test("arguments arrive in their order and of their kind", async () => {
    await expect(connection.invoke("EchoMany", everyKindOfText, 1.25, false, ["x"])).resolves.toEqual([
      everyKindOfText,
      1.25,
      false,
      ["x"],
    ]);
    await expect(connection.invoke("Describe", null, [1], { b: "c" })).resolves.toEqual([
      { kind: "Null", json: "null" },
      { kind: "Array", json: "[1]" },
      { kind: "Object", json: '{"b":"c"}' },
    ]);
    await expect(connection.invoke("Describe", undefined, undefined, undefined)).resolves.toMatchObject([
      { kind: "Null" },
      { kind: "Null" },
      { kind: "Null" },
    ]);
  });

  test("large strings go both ways", async () => {
    const large = await hub.connect(hub.builder("/large"));
    const megabytes = "0123456789abcdeö".repeat(256 * 1024);
    await expect(large.invoke("LengthOf", megabytes)).resolves.toBe(megabytes.length);
    await expect(large.invoke("Repeat", "xyz€", 1_000_000)).resolves.toBe("xyz€".repeat(1_000_000));
    await expect(large.invoke("Echo", megabytes)).resolves.toBe(megabytes);
  });
});

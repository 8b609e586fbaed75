/** Values to the hub and back: every kind that an encoding carries, small and large. */
import { withJson, withMessagePack, type Area, type Feature } from "../contract.js";

const everyKindOfText =
  "aä€😀 \u0000\u001e\u001f\u2028\u2029\ufeff\"'\\/<>&+\r\n\t combining: e\u0301 rtl: \u202eabc 汉字 🏳️‍🌈 </script>";

/** Each of the values comes back as it was sent. */
function echoed(name: string, values: readonly unknown[], more: Partial<Feature> = {}): Feature {
  return {
    name,
    ...more,
    async run(contract) {
      const connection = await contract.connect();
      for (const value of values) await expect(connection.invoke("Echo", value)).resolves.toEqual(value);
    },
  };
}

/** Values. */
export const values: Area = {
  name: "values",
  features: [
    echoed("null and booleans", [null, true, false]),
    echoed("numbers", [0, -1, 1.5, -1e-7, 1e21, 127, 128, 65_536, -(2 ** 31), 2 ** 32 - 1, 1e300, Number.MIN_VALUE]),
    echoed("safe integers beyond 32 bits", [2 ** 40, 2 ** 53 - 1, -(2 ** 53 - 1)], { appliesTo: withJson }),
    echoed("64-bit integers, exactly", [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n], {
      needs: "exact-integers",
      appliesTo: withMessagePack,
    }),
    echoed("texts of every kind", ["", "text", everyKindOfText, "2026-11-21T13:52:54.000Z"]),
    echoed("arrays and objects, nested", [
      [],
      {},
      [1, "two", [null, { three: [3] }]],
      { a: { b: [{ c: null }] }, "": 1, "with space": "é", "\u001e": "\u001e", constructor: 1 },
    ]),
    {
      name: "a member named `__proto__` is an ordinary one",
      appliesTo: withJson,
      async run(contract) {
        const connection = await contract.connect();
        const value: unknown = JSON.parse('{"__proto__":{"polluted":true},"b":1}');
        expect(JSON.stringify(await connection.invoke("Echo", value))).toBe(JSON.stringify(value));
        expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
      },
    },
    echoed("bytes", [Uint8Array.of(), Uint8Array.of(0, 30, 255), new Uint8Array(30_000).fill(30)], {
      appliesTo: withMessagePack,
    }),
    echoed("dates", [new Date("2024-02-29T12:34:56.789Z"), new Date(-1), new Date(0)], { appliesTo: withMessagePack }),
    {
      name: "dates, as text",
      appliesTo: withJson,
      async run(contract) {
        const connection = await contract.connect();
        const date = new Date("2024-02-29T12:34:56.789Z");
        await expect(connection.invoke("Echo", date)).resolves.toBe(date.toJSON());
      },
    },
    {
      name: "undefined travels as null",
      async run(contract) {
        const connection = await contract.connect();
        await expect(connection.invoke("Echo", undefined)).resolves.toBeNull();
      },
    },
    {
      name: "a message just below the limit of 32 KiB",
      async run(contract) {
        const connection = await contract.connect();
        const text = "x".repeat(32_000);
        await expect(connection.invoke("Echo", text)).resolves.toBe(text);
      },
    },
    {
      name: "an answer of three megabytes",
      async run(contract) {
        const connection = await contract.connect();
        const text: string = await connection.invoke("Repeat", "xyz€", 500_000);
        // A matcher would print both when they differ.
        expect(text === "xyz€".repeat(500_000)).toBe(true);
      },
    },
  ],
};

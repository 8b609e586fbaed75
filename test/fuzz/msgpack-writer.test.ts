/** Values as they are written by ours and by the encoder of the codec package: the same bytes, wherever our buffer has to grow. */
import { Encoder } from "@msgpack/msgpack";
import fc from "fast-check";
import { MessageType } from "../../src/protocol/messages.js";
import { MessagePackHubProtocol } from "../../src/protocol/msgpack-hub-protocol.js";
import type { MessagePackOptions } from "../../src/protocol/msgpack-options.js";
import { hostileText, run } from "../support/fuzz.js";

jest.setTimeout(120_000);

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    hostileText,
    fc.constantFrom<unknown>(null, true, false, "a", "é", "€", "😀", "x".repeat(31), "é".repeat(16), "y".repeat(300)),
    fc.constantFrom<unknown>(0, -0, 127, 128, -32, -33, 2 ** 32, -(2 ** 31) - 1, NaN, Infinity, -Infinity, 1e21),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.uint8Array({ maxLength: 300 }),
    fc.date({ noInvalidDate: true }),
    fc.array(tie("value"), { maxLength: 20 }),
    fc
      .array(fc.tuple(hostileText, fc.oneof(tie("value"), fc.constant(undefined))), { maxLength: 18 })
      .map((entries) => Object.fromEntries(entries.filter(([name]) => name !== "__proto__"))),
  ),
}));

const options: fc.Arbitrary<MessagePackOptions> = fc.record({
  initialBufferSize: fc.nat({ max: 600 }),
  sortKeys: fc.boolean(),
  ignoreUndefined: fc.boolean(),
  forceFloat32: fc.boolean(),
  forceIntegerToFloat: fc.boolean(),
});

test("values are written as the codec package writes them", () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), options, (items, given) => {
      const protocol = new MessagePackHubProtocol(given);
      const encoder = new Encoder(given);
      for (const item of items) {
        const frame = Buffer.from(protocol.encode({ type: MessageType.StreamItem, invocationId: "", item }));
        const head = frame.indexOf("940280a0", "hex") + 4; // an item of the stream whose id is empty
        expect(frame.subarray(head).toString("hex")).toBe(Buffer.from(encoder.encode(item)).toString("hex"));
      }
    }),
    run(0.5),
  );
});

/** `connection.with({ streamBufferSize })`: how much of a stream waits for its reader. */
import { MessageType } from "../../../src/protocol/messages.js";
import type { CallOptions } from "../../../src/client/call-options.js";
import { collect, observed, cancel } from "./calling-connection.js";

describe("the buffer of a stream", () => {
  const item = (value: number) => ({ type: MessageType.StreamItem, invocationId: "0", item: value }) as const;
  const end = { type: MessageType.Completion, invocationId: "0" } as const;

  it.each<[CallOptions["streamOverflow"], unknown[]]>([
    ["drop-oldest", [3, 4, "end"]],
    ["drop-newest", [1, 2, "end"]],
  ])("with %s loses items, before there is a reader and after", async (streamOverflow, expected) => {
    const { connection, hub } = observed;
    const stream = connection.with({ streamCapacity: 2, streamOverflow }).stream("S");
    hub.socket.receive(item(1), item(2), item(3), item(4));
    const early = stream[Symbol.asyncIterator]();
    const late = stream[Symbol.asyncIterator]();
    hub.socket.receive(item(1), item(2), item(3), item(4), end);
    const read = (iterator: AsyncIterator<unknown>) => collect({ [Symbol.asyncIterator]: () => iterator });
    expect(await read(early)).toEqual(expected);
    expect(await read(late)).toEqual(expected);
    await hub.clock.settle();
    expect(hub.socket.calls).toHaveLength(1);
  });

  it("fails by default, behind nothing, and cancels the call", async () => {
    const { connection, hub } = observed;
    const stream = connection.with({ streamCapacity: 2 }).stream("S");
    const iterator = stream[Symbol.asyncIterator]();
    hub.socket.receive(item(1), item(2), item(3));
    await expect(iterator.next()).rejects.toMatchObject({ code: "limit-exceeded", limit: "streamCapacity" });
    await hub.clock.settle();
    expect(hub.socket.calls.slice(1)).toEqual([cancel("0")]);
  });

  it("has room again as soon as an item was read", async () => {
    const { connection, hub } = observed;
    const iterator = connection.with({ streamCapacity: 1 }).stream("S")[Symbol.asyncIterator]();
    for (const value of [1, 2, 3]) {
      hub.socket.receive(item(value));
      await expect(iterator.next()).resolves.toEqual({ done: false, value });
    }
    await iterator.return?.();
  });
});

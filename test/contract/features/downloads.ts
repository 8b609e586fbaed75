/** Streams from the hub: items, ends, failures, cancelling as the hub sees it, and slow readers. */
import { collect, upTo } from "../../support/witness.js";
import { iterate, read } from "../contract-site.js";
import type { Area, ContractConnection, Feature } from "../contract.js";

const BROKEN = "An error occurred on the server while streaming results.";

/** The stream gives these items and then this error, and the connection lives on. */
function fails(name: string, method: string, args: readonly unknown[], items: unknown[], error: string): Feature {
  return {
    name,
    async run(contract) {
      const connection = await contract.connect();
      await expect(read(connection.stream(method, ...args))).resolves.toEqual({ items, error });
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    },
  };
}

/** Waits until the hub has seen that a `Counter` of this connection was cancelled. */
async function untilCancelled(connection: ContractConnection): Promise<number> {
  let cancelled = 0;
  // Its timer may fire once more before it looks at the signal.
  while (cancelled === 0) cancelled = await connection.invoke<number>("CancelledStreams");
  return cancelled;
}

/** Streams from the hub. */
export const downloads: Area = {
  name: "streams from the hub",
  features: [
    {
      name: "items in order, then the end",
      async run(contract) {
        const connection = await contract.connect();
        const items = upTo(50).map((i) => i + 1);
        await expect(read(connection.stream("Counter", 50, 1))).resolves.toEqual({ items, error: undefined });
        await expect(connection.invoke("CancelledStreams")).resolves.toBe(0);
      },
    },
    {
      name: "an empty stream",
      async run(contract) {
        const connection = await contract.connect();
        await expect(read(connection.stream("Counter", 0, 0))).resolves.toEqual({ items: [], error: undefined });
      },
    },
    {
      name: "items of every kind",
      async run(contract) {
        const connection = await contract.connect();
        const items = [null, true, 42, -0.5, "text", [1, 2, 3], { name: "object", nested: { empty: null } }];
        await expect(read(connection.stream("EveryKind"))).resolves.toEqual({ items, error: undefined });
      },
    },
    {
      name: "5,000 items as fast as they come",
      async run(contract) {
        const connection = await contract.connect();
        const { items, error } = await read(connection.stream<number>("Flood", 5_000));
        expect(error).toBeUndefined();
        expect(items).toEqual(upTo(5_000));
      },
    },
    {
      name: "many streams beside each other, and beside calls",
      async run(contract) {
        const connection = await contract.connect();
        const streams = Promise.all(upTo(20).map((i) => read(connection.stream("Counter", i, 1))));
        await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
        expect((await streams).map(({ items }) => items.length)).toEqual(upTo(20));
      },
    },
    {
      name: "a slow reader gets every item",
      needs: "iterables",
      async run(contract) {
        const connection = await contract.connect();
        const items: number[] = [];
        for await (const item of iterate(connection.stream<number>("Flood", 2_000))) {
          items.push(item);
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(items).toEqual(upTo(2_000));
      },
    },
    fails("an ordinary error is hidden, behind the items", "FailingStream", [2], [1, 2], BROKEN),
    fails("a hub error is told", "FailingStreamHub", [1, "told"], [1], `${BROKEN} HubException: told`),
    fails(
      "an unknown method",
      "Missing",
      [],
      [],
      "Failed to invoke 'Missing' due to an error on the server. HubException: Method does not exist.",
    ),
    fails(
      "a plain method called as a stream",
      "Add",
      [1, 2],
      [],
      "The client attempted to invoke the non-streaming 'Add' method with a streaming invocation.",
    ),
    {
      name: "disposing the subscription cancels on the hub, and lets no more items through",
      async run(contract) {
        const connection = await contract.connect();
        const items: number[] = [];
        await new Promise<void>((resolve) => {
          const subscription = connection.stream<number>("Counter", 1_000_000, 1).subscribe({
            next: (item) => {
              items.push(item);
              if (item !== 3) return;
              subscription.dispose();
              resolve();
            },
            error: () => undefined,
            complete: () => undefined,
          });
        });
        await expect(untilCancelled(connection)).resolves.toBe(1);
        expect(items).toEqual([1, 2, 3]);
      },
    },
    {
      name: "leaving the loop cancels on the hub",
      needs: "iterables",
      async run(contract) {
        const connection = await contract.connect();
        const seen: number[] = [];
        for await (const item of iterate(connection.stream<number>("Counter", 1_000_000, 1))) {
          seen.push(item);
          if (item === 3) break;
        }
        expect(seen).toEqual([1, 2, 3]);
        await expect(untilCancelled(connection)).resolves.toBe(1);
        await expect(collect(iterate(connection.stream("Counter", 3, 0)))).resolves.toEqual([1, 2, 3]);
      },
    },
  ],
};

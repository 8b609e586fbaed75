/** Order and completeness while much is going on. */
import { Calls, upTo } from "../../support/witness.js";
import { read } from "../contract-site.js";
import type { Area } from "../contract.js";

/** Load. */
export const load: Area = {
  name: "under load",
  features: [
    {
      name: "1,000 messages reach four clients in order, while they call and stream",
      async run(contract) {
        const connections = await Promise.all(upTo(4).map(() => contract.connect()));
        await Promise.all(
          connections.map(async (connection, index) => {
            const ticks = new Calls(connection, "Tick");
            const streaming = read(connection.stream<number>("Flood", 1_000));
            const bursting = connection.invoke("Burst", 1_000);
            const sums = await Promise.all(upTo(100).map((i) => connection.invoke("Add", i, index)));
            await bursting;
            expect(ticks.firsts).toEqual(upTo(1_000));
            expect(sums).toEqual(upTo(100).map((i) => i + index));
            expect((await streaming).items).toEqual(upTo(1_000));
          }),
        );
      },
    },
    {
      name: "1,000 messages reach the hub in order",
      async run(contract) {
        const connection = await contract.connect();
        const texts = upTo(1_000).map((i) => `note ${i} €`);
        for (const text of texts) void connection.send("Note", text);
        await expect(connection.invoke("Notes")).resolves.toEqual(texts);
      },
    },
    {
      name: "everything that was sent in one turn to everybody arrives in order at each",
      async run(contract) {
        const group = contract.newName();
        const connections = await Promise.all(upTo(3).map(() => contract.connect()));
        const received = connections.map((connection) => new Calls(connection, "Received"));
        for (const connection of connections) await connection.invoke("JoinGroup", group);
        const [sender] = connections;
        const texts = upTo(300).map((i) => `${group} ${i}`);
        for (const text of texts) void sender?.send("Relay", "group", [group], text);
        for (const calls of received) {
          await calls.until(texts.length);
          expect(calls.firsts).toEqual(texts);
        }
      },
    },
  ],
};

/** Connections that break, and silence: what the application is told, reconnecting, and the pings that keep the line alive. */
import { Calls, failureOf, upTo } from "../../support/witness.js";
import { ending, read } from "../contract-site.js";
import { withResume, withoutResume, type Area } from "../contract.js";

/** Losses. */
export const losses: Area = {
  name: "losses",
  features: [
    {
      name: "a lost connection is reconnected, with a new id and without its groups",
      appliesTo: withoutResume,
      async run(contract) {
        const proxy = await contract.proxy();
        const other = await contract.connect();
        const connection = await contract.connect({ through: proxy, reconnectDelaysMs: [0, 10, 100] });
        const [before, group] = [connection.connectionId, contract.newName()];
        await connection.invoke("JoinGroup", group);
        const received = new Calls(connection, "Received");
        const reconnecting = new Promise((resolve) => connection.onreconnecting(resolve));
        const reconnected = new Promise((resolve) => connection.onreconnected(resolve));
        proxy.strike("reset");
        await reconnecting;
        expect(await reconnected).toBe(connection.connectionId);
        expect(connection.connectionId).not.toBe(before);
        await expect(connection.invoke("ConnectionId")).resolves.toBe(connection.connectionId);
        await other.invoke("Relay", "group", [group], "for members");
        await other.invoke("Relay", "client", [connection.connectionId], "for the connection");
        await connection.invoke("Nothing");
        expect(received.firsts).toEqual(["for the connection"]);
      },
    },
    {
      name: "without automatic reconnect a loss is the end; calls and streams in flight fail",
      appliesTo: withoutResume,
      async run(contract) {
        const proxy = await contract.proxy();
        const other = await contract.connect();
        const connection = await contract.connect({ through: proxy });
        const gate = contract.newName();
        const end = ending(connection);
        const streaming = read(connection.stream("Counter", 1_000_000, 1_000));
        await connection.invoke("Nothing");
        const waiting = failureOf(connection.invoke("WaitAtGate", gate));
        proxy.strike("reset");
        await waiting;
        expect((await streaming).error).toBeDefined();
        await end;
        expect(connection.state).toBe("Disconnected");
        await other.invoke("OpenGate", gate);
      },
    },
    {
      name: "a loss has an error that says so",
      needs: "named-losses",
      appliesTo: withoutResume,
      async run(contract) {
        const proxy = await contract.proxy();
        const connection = await contract.connect({ through: proxy });
        const end = ending(connection);
        proxy.strike("reset");
        expect(await end).toMatchObject({ code: "connection-lost" });
      },
    },
    {
      name: "a cut is resumed: id and groups stay, and everything in flight arrives once and in order",
      appliesTo: withResume,
      async run(contract) {
        const proxy = await contract.proxy();
        const other = await contract.connect();
        const connection = await contract.connect({ through: proxy });
        const [before, group, gate] = [connection.connectionId, contract.newName(), contract.newName()];
        const received = new Calls(connection, "Received");
        await connection.invoke("JoinGroup", group);
        const reading = read(connection.stream<number>("Counter", 100, 5));
        const waiting = connection.invoke("WaitAtGate", gate);
        const texts = upTo(50).map((i) => `note ${i}`);
        for (const [i, text] of texts.entries()) {
          if (i % 10 === 0) proxy.strike("reset");
          await connection.send("Note", text);
          await other.invoke("Relay", "group", [group], text);
        }
        await other.invoke("OpenGate", gate);
        await expect(waiting).resolves.toBeNull();
        await expect(connection.invoke("Notes")).resolves.toEqual(texts);
        await expect(reading).resolves.toEqual({ items: upTo(100).map((i) => i + 1), error: undefined });
        await received.until(texts.length);
        expect(received.firsts).toEqual(texts);
        await expect(connection.invoke("ConnectionId")).resolves.toBe(before);
      },
    },
    {
      name: "pings keep an idle connection alive",
      async run(contract) {
        // Between two pings of ASP.NET Core there may be two seconds.
        const connection = await contract.connect({ serverTimeoutMs: 3_000 });
        // Nothing else travels until the only item comes.
        await expect(read(connection.stream("Counter", 1, 4_000))).resolves.toEqual({ items: [1], error: undefined });
      },
    },
    {
      name: "a server that falls silent counts as gone",
      // A poll may wait for a minute and a half before it counts as lost.
      appliesTo: (combination) => combination.transport !== "LongPolling" && withoutResume(combination),
      async run(contract) {
        const proxy = await contract.proxy();
        const connection = await contract.connect({ through: proxy, serverTimeoutMs: 2_500 });
        const end = ending(connection);
        proxy.strike("silence");
        expect((await end)?.message).toContain("timeout");
      },
    },
  ],
};

/** How connections begin: the transport, the id, the token, and the hub's first word. */
import { Calls, failureOf } from "../../support/witness.js";
import { ending } from "../contract-site.js";
import type { Area } from "../contract.js";

const REFUSED = "Server returned an error on close: Connection closed with an error. HubException: full house";

/** Connecting. */
export const connecting: Area = {
  name: "connecting",
  features: [
    {
      name: "the transport in use is the one that was asked for",
      async run(contract) {
        const connection = await contract.connect();
        await expect(connection.invoke("Transport")).resolves.toBe(contract.combination.transport);
      },
    },
    {
      name: "the connection's id is the one that the hub knows",
      async run(contract) {
        const [one, other] = [await contract.connect(), await contract.connect()];
        expect(one.connectionId).toEqual(expect.stringMatching(/^.{20,}$/));
        await expect(one.invoke("ConnectionId")).resolves.toBe(one.connectionId);
        expect(other.connectionId).not.toBe(one.connectionId);
      },
    },
    {
      name: "what onConnected sends comes before the first answer",
      async run(contract) {
        const connection = contract.build({ query: "?welcome=hello%20%E2%82%AC" });
        const welcome = new Calls(connection, "Welcome");
        await connection.start();
        await connection.invoke("Nothing");
        expect(welcome.all).toEqual([["hello €"]]);
      },
    },
    {
      name: "a refusal by onConnected ends the connection with the hub's error, for good",
      async run(contract) {
        const connection = contract.build({ query: "?refuse=full%20house", reconnectDelaysMs: [0] });
        let isReconnecting = false;
        connection.onreconnecting(() => (isReconnecting = true));
        const end = ending(connection);
        // The Close message may overtake the end of start(), which then rejects with it.
        const told = await connection.start().then(
          () => end,
          (error: Error) => error,
        );
        expect(told?.message).toBe(REFUSED);
        expect(isReconnecting).toBe(false);
      },
    },
    {
      name: "the access token names the user",
      async run(contract) {
        const user = contract.newName();
        const connection = await contract.connect({ token: `good-${user}` });
        await expect(connection.invoke("WhoAmI")).resolves.toBe(user);
        await expect((await contract.connect()).invoke("WhoAmI")).resolves.toBeNull();
      },
    },
    {
      name: "start after stop works, with a new id",
      async run(contract) {
        const connection = await contract.connect();
        const before = connection.connectionId;
        await connection.stop();
        expect(connection.state).toBe("Disconnected");
        await connection.start();
        expect(connection.connectionId).not.toBe(before);
        await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
      },
    },
    {
      name: "an address without a hub fails the start",
      async run(contract) {
        const connection = contract.build({ query: "/nothing-here" });
        expect((await failureOf(connection.start())).message).toContain("404");
        expect(connection.state).toBe("Disconnected");
      },
    },
  ],
};

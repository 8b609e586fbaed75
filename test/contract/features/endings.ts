/** Ends that somebody wanted: stop by the client, abort by the hub, and messages that are too large. */
import { failureOf } from "../../support/witness.js";
import { ending, read } from "../contract-site.js";
import type { Area } from "../contract.js";

const CLOSED = "Server returned an error on close: Connection closed with an error.";
const IN_FLIGHT = "Invocation canceled due to the underlying connection being closed.";

/** Endings. */
export const endings: Area = {
  name: "endings",
  features: [
    {
      name: "stop is an end in order, for both sides",
      async run(contract) {
        const [connection, other] = [await contract.connect(), await contract.connect()];
        const { connectionId } = connection;
        const end = ending(connection);
        await connection.stop();
        await expect(end).resolves.toBeUndefined();
        expect(connection.state).toBe("Disconnected");
        await expect(other.invoke("Ended", connectionId)).resolves.toBe("in order");
      },
    },
    {
      name: "stop fails calls and streams in flight",
      async run(contract) {
        const [connection, other] = [await contract.connect(), await contract.connect()];
        const gate = contract.newName();
        const streaming = read(connection.stream("Counter", 1_000_000, 1));
        await connection.invoke("Nothing");
        const waiting = failureOf(connection.invoke("WaitAtGate", gate));
        await connection.stop();
        expect((await waiting).message).toBe(IN_FLIGHT);
        expect((await streaming).error).toBe(IN_FLIGHT);
        await other.invoke("OpenGate", gate);
      },
    },
    {
      name: "an abort by the hub ends the connection for good",
      async run(contract) {
        const [connection, other] = [await contract.connect({ reconnectDelaysMs: [0] }), await contract.connect()];
        const { connectionId } = connection;
        let isReconnecting = false;
        connection.onreconnecting(() => (isReconnecting = true));
        const end = ending(connection);
        connection.invoke("AbortMe").catch(() => undefined);
        await expect(end).resolves.toBeUndefined();
        expect(connection.state).toBe("Disconnected");
        expect(isReconnecting).toBe(false);
        await expect(other.invoke("Ended", connectionId)).resolves.toBe("in order");
      },
    },
    {
      name: "a message beyond the limit closes with an error and lets reconnect",
      async run(contract) {
        const connection = await contract.connect({ reconnectDelaysMs: [0, 10, 100] });
        const reconnecting = new Promise<Error | undefined>((resolve) => connection.onreconnecting(resolve));
        const reconnected = new Promise((resolve) => connection.onreconnected(resolve));
        const failure = failureOf(connection.invoke("Echo", "x".repeat(32 * 1024)));
        expect((await reconnecting)?.message).toBe(CLOSED);
        expect((await failure).message).toBe(CLOSED);
        expect(await reconnected).toBe(connection.connectionId);
        await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
      },
    },
    {
      name: "the same without automatic reconnect is the end",
      async run(contract) {
        const connection = await contract.connect();
        const end = ending(connection);
        const failure = failureOf(connection.invoke("Echo", "x".repeat(32 * 1024)));
        expect((await end)?.message).toBe(CLOSED);
        expect((await failure).message).toBe(CLOSED);
        expect(connection.state).toBe("Disconnected");
      },
    },
  ],
};

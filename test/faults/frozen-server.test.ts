/** SIGSTOP of the real server: it is there, its kernel takes connections and bytes, and it says nothing. */
import { HttpTransportType, type HubConnection } from "../../src/index.js";
import { describeWhen } from "../support/requirements.js";
import { FaultyHub, outcomeOf, TIMEOUT_MS, timeOf } from "./faulty-hub.js";

/** What `stop()` has, whatever the server does. */
const STOP_MS = 5_000;

/** By what a client of each transport notices: silence of the server, or a request without an answer. */
const noticing = { WebSockets: "server-timeout", ServerSentEvents: "server-timeout", LongPolling: "timeout" } as const;

async function readAll(connection: HubConnection): Promise<void> {
  for await (const item of connection.stream("Endless", 1)) void item;
}

describeWhen("dotnet", "a server that is frozen", () => {
  const hub = new FaultyHub();
  afterEach(() => hub.server.resume());

  describe.each(Object.entries(noticing))("%s", (name, code) => {
    const transport = HttpTransportType[name as keyof typeof noticing];
    const timeout = code === "timeout" ? 600 : 60_000;
    const builder = (path = "/quick", options = {}) => hub.builder(path, { transport, timeout, ...options });
    const patient = () => builder("/hub", { connectTimeout: 60_000, timeout: 60_000 }).withHandshakeTimeout(60_000);
    const connect = async (how = builder()): Promise<HubConnection> => {
      const connection = hub.build(how);
      await connection.start();
      return connection;
    };

    test("is noticed while connected, its calls fail, and when it goes on so does the client", async () => {
      // Asked for as long as it takes: the server comes back when the test lets it.
      const policy = { nextRetryDelayInMilliseconds: () => 20 };
      const quick = builder().withKeepAliveInterval(200).withServerTimeout(3_500).withAutomaticReconnect(policy);
      const connection = await connect(quick);
      const lost = new Promise<unknown>((resolve) => connection.onreconnecting(resolve));
      const reconnected = new Promise((resolve) => connection.onreconnected(resolve));
      const before = await connection.invoke<string>("MyConnectionId");
      await hub.server.pause();
      const calls = [outcomeOf(connection.invoke("Add", 1, 1)), outcomeOf(readAll(connection))];
      expect(await lost).toMatchObject({ name: "TimeoutError", code });
      for (const outcome of await Promise.all(calls)) {
        expect(outcome).toEqual([false, expect.objectContaining({ code: "connection-lost" })]);
      }
      expect(connection.state).toBe("Reconnecting");
      hub.server.resume();
      await reconnected;
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
      expect(await connection.invoke<string>("MyConnectionId")).not.toBe(before);
      await connection.stop();
      await hub.expectNothingLeft(connection);
    });

    test("fails a start in time, and the next one works when it goes on", async () => {
      await hub.server.pause();
      const connection = hub.build(builder("/hub", { timeout: 60_000 }));
      const starting = outcomeOf(connection.start());
      expect(await timeOf(starting)).toBeLessThan(TIMEOUT_MS + 2_000);
      expect(await starting).toEqual([false, expect.objectContaining({ code: "connect-timeout" })]);
      await hub.expectNothingLeft(connection);
      hub.server.resume();
      await hub.server.connections(); // it has caught up
      await connection.start();
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    });

    test("does not hold stop() up while connected, connecting or reconnecting", async () => {
      const [connected, reconnecting] = [
        await connect(patient()),
        await connect(patient().withAutomaticReconnect([0])),
      ];
      const lost = new Promise((resolve) => reconnecting.onreconnecting(resolve));
      await hub.server.pause();
      const call = outcomeOf(connected.invoke("Add", 1, 1));
      expect(await timeOf(connected.stop())).toBeLessThan(STOP_MS);
      expect(await call).toEqual([false, expect.objectContaining({ code: "connection-lost" })]);

      hub.proxy.strike("reset");
      await lost;
      expect(await timeOf(reconnecting.stop())).toBeLessThan(STOP_MS);

      const connecting = hub.build(patient());
      const arrived = hub.proxy.strikeWhen({ direction: "up", pattern: /^POST /, passing: true }, "stall");
      const starting = outcomeOf(connecting.start());
      await arrived;
      expect(connecting.state).toBe("Connecting");
      expect(await timeOf(connecting.stop())).toBeLessThan(STOP_MS);
      expect(await starting).toEqual([false, expect.objectContaining({ name: "AbortError" })]);
      for (const connection of [connected, reconnecting, connecting]) await hub.expectNothingLeft(connection);
    });
  });
});

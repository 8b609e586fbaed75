/** Messages of a megabyte, and of a hundred, over every transport with our server: they arrive, or they end the connection, and nothing else. */
import { HttpTransportType } from "../../src/index.js";
import { Hub } from "../../src/server/index.js";
import { HubSite } from "../integration/hub-site.js";
import { ending } from "../contract/contract-site.js";
import { failureOf } from "../support/witness.js";

const MEGABYTE = 1024 * 1024;
const LIMIT = 2 * MEGABYTE;
const LONG_MS = 60_000;

/** How a text of a hundred megabytes ends that the server sends; docs/transports.md says so. */
const DOWNWARDS = { WebSockets: "arrives", ServerSentEvents: "arrives", LongPolling: "maximumResponseSize" } as const;

class EchoHub extends Hub {
  echo(text: string): string {
    return text;
  }

  repeat(text: string, times: number): string {
    return text.repeat(times);
  }
}

const server = HubSite.forTests({
  map: (hubs) => void hubs.mapHub("/hub", EchoHub, { maximumReceiveMessageSize: LIMIT }),
});

describe.each(["WebSockets", "ServerSentEvents", "LongPolling"] as const)("%s", (transport) => {
  const connect = () =>
    server.site.connect(
      server.site.builder("/hub", { transport: HttpTransportType[transport] }).configureLogging("none"),
    );

  test("a megabyte goes there and back, ten times", async () => {
    const connection = await connect();
    const text = "0123456789abcdef".repeat(MEGABYTE / 16);
    for (let round = 0; round < 10; round++)
      expect((await connection.invoke<string>("Echo", text)) === text).toBe(true);
  });

  test(
    "a hundred megabytes end the connection with a named error, and neither end with it",
    async () => {
      const connection = await connect();
      const ended = ending(connection);
      const text = "0123456789abcdef".repeat((100 * MEGABYTE) / 16);
      expect(await failureOf(connection.invoke("Echo", text))).toMatchObject({ name: "ConnectionError" });
      expect(await ended).toMatchObject({ name: "ConnectionError" });
      expect(connection.state).toBe("Disconnected");
      const other = await connect();
      await expect(other.invoke("Echo", "after")).resolves.toBe("after");
    },
    LONG_MS,
  );

  test(
    "a hundred megabytes from the server do as documented, and neither end with the process",
    async () => {
      const connection = await connect();
      const ended = ending(connection);
      const outcome = connection.invoke<string>("Repeat", "0123456789abcdef", (100 * MEGABYTE) / 16);
      const expected = DOWNWARDS[transport];
      if (expected === "arrives") {
        const text = await outcome;
        expect(text === "0123456789abcdef".repeat((100 * MEGABYTE) / 16)).toBe(true);
        await expect(connection.invoke("Echo", "behind")).resolves.toBe("behind");
      } else {
        const error = { name: "LimitError", code: "limit-exceeded", limit: expected };
        expect(await failureOf(outcome)).toMatchObject({ code: "connection-lost", cause: error });
        expect(await ended).toMatchObject(error);
        expect(connection.state).toBe("Disconnected");
      }
      const other = await connect();
      await expect(other.invoke("Echo", "after")).resolves.toBe("after");
    },
    LONG_MS,
  );
});

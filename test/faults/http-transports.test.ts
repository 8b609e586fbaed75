/** Faults of Server-Sent Events and Long Polling: every request unanswered or cut, dead networks, and what is left behind. */
import { HttpTransportType, type HubConnection } from "../../src/index.js";
import { describeWhen } from "../support/requirements.js";
import { FaultyHub, outcomeOf, REQUESTS, TIMEOUT_MS, timeOf } from "./faulty-hub.js";
import { endless } from "../support/stream-sources.js";

const transports = [
  { name: "ServerSentEvents", opening: REQUESTS.stream, transport: HttpTransportType.ServerSentEvents },
  { name: "LongPolling", opening: REQUESTS.poll, transport: HttpTransportType.LongPolling },
] as const;

/** What it may take to end: the last POST and the goodbye, a second each, and some time for a busy machine. */
const CLOSE_MS = 3_000;

for (const { name, opening, transport } of transports) {
  describeWhen("dotnet", `faults of ${name}`, () => {
    const hub = new FaultyHub();
    const builder = (path = "/parallel", options = {}) => hub.builder(path, { transport, ...options });
    const connect = async (builder_ = builder()): Promise<HubConnection> => {
      const connection = hub.build(builder_);
      await connection.start();
      return connection;
    };
    const patient = () => builder("/hub", { connectTimeout: 60_000 }).withHandshakeTimeout(60_000);
    const steps = { opening, handshake: REQUESTS.post };
    const stepNames = ["opening", "handshake"] as const;

    test.each(stepNames)("an unanswered %s fails the start in time and leaves nothing", async (step) => {
      void hub.proxy.strikeWhen(steps[step], "silence");
      const connection = hub.build(builder());
      const starting = outcomeOf(connection.start());
      const ms = await timeOf(starting);
      expect(ms).toBeGreaterThan(TIMEOUT_MS - 10);
      expect(ms).toBeLessThan(TIMEOUT_MS + CLOSE_MS);
      const [, error] = await starting;
      if (step === "handshake") expect(error).toMatchObject({ name: "TimeoutError", code: "handshake-timeout" });
      else expect(error).toMatchObject({ name: "TimeoutError", code: "connect-timeout" });
      await hub.expectNothingLeft(connection);

      await connection.start();
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    });

    test.each(stepNames.flatMap((step) => (["reset", "close"] as const).map((fault) => [step, fault] as const)))(
      "a cut %s (%s) fails the start at once and leaves nothing",
      async (step, fault) => {
        let over = false;
        const strike = (): void => void hub.proxy.strikeWhen(steps[step], fault).then(() => over || strike());
        strike();
        const connection = hub.build(patient());
        const starting = outcomeOf(connection.start());
        expect(await timeOf(starting)).toBeLessThan(CLOSE_MS);
        over = true;
        hub.proxy.heal();
        expect(await starting).toEqual([false, expect.any(Error)]);
        await hub.expectNothingLeft(connection);
      },
    );

    test.each(stepNames)("stop() ends an unanswered %s and leaves nothing", async (step) => {
      const struck = hub.proxy.strikeWhen(steps[step], "silence");
      const connection = hub.build(patient());
      const starting = outcomeOf(connection.start());
      await struck;
      expect(await timeOf(connection.stop())).toBeLessThan(CLOSE_MS);
      expect(await starting).toEqual([false, expect.objectContaining({ name: "AbortError" })]);
      await hub.expectNothingLeft(connection);
    });

    test.each(["reset", "close"] as const)(
      "a cut (%s) fails everything in flight and leaves nothing",
      async (fault) => {
        const connection = await connect();
        const closed = new Promise<unknown>((resolve) => connection.onclose(resolve));
        const calls = [connection.invoke("TakeLong", 600_000), connection.invoke("UploadOutcome", endless())];
        const stream = (async () => {
          for await (const item of connection.stream("Endless", 1)) void item;
        })();
        const outcomes = [...calls, stream].map((promise) => outcomeOf(promise));
        await connection.invoke("Nothing");
        hub.proxy.strike(fault);
        await closed;
        for (const outcome of await Promise.all(outcomes))
          expect(outcome).toEqual([
            false,
            expect.objectContaining({ name: "ConnectionError", code: "connection-lost" }),
          ]);
        await hub.expectNothingLeft(connection);
      },
    );

    test("a cut is reconnected, again and again", async () => {
      const connection = await connect(builder().withAutomaticReconnect([0, 50]));
      for (let round = 0; round < 5; round++) {
        const reconnected = new Promise((resolve) => {
          const off = connection.onreconnected((id) => {
            off();
            resolve(id);
          });
        });
        const pending = outcomeOf(connection.invoke("TakeLong", 600_000));
        hub.proxy.strike("reset");
        expect(await pending).toEqual([false, expect.objectContaining({ code: "connection-lost" })]);
        expect(await reconnected).toBe(connection.connectionId);
        await expect(connection.invoke("MyConnectionId")).resolves.toBe(connection.connectionId);
      }
      await connection.stop();
      await hub.expectNothingLeft(connection);
    });

    test("a POST that is never answered ends the connection with its timeout, and fails what it carried", async () => {
      const connection = await connect(builder("/hub", { timeout: 600 }));
      const closed = new Promise<unknown>((resolve) => connection.onclose(resolve));
      void hub.proxy.strikeWhen(REQUESTS.post, "silence");
      const sent = outcomeOf(connection.send("Note", "lost"));
      const behind = outcomeOf(connection.invoke("Add", 1, 1));
      const error = await closed;
      expect(error).toMatchObject({ name: "TimeoutError", code: "timeout" });
      expect(await sent).toEqual([false, error]);
      expect(await behind).toEqual([false, expect.objectContaining({ code: "connection-lost" })]);
      await hub.expectNothingLeft(connection);
    });

    test.each(["silence", "stall"] as const)(
      "stop() with a dead network (%s) is bounded and leaves nothing",
      async (fault) => {
        const connection = await connect();
        const pending = outcomeOf(connection.invoke("TakeLong", 600_000));
        hub.proxy.strike(fault);
        const unsent = outcomeOf(connection.send("Note", "x"));
        expect(await timeOf(connection.stop())).toBeLessThan(CLOSE_MS);
        expect(await pending).toEqual([false, expect.objectContaining({ code: "connection-lost" })]);
        expect((await unsent)[0]).toBe(false);
        await hub.expectNothingLeft(connection);
      },
    );

    test("stop() with an unanswered last POST is bounded and leaves nothing", async () => {
      const connection = await connect();
      void hub.proxy.strikeWhen(REQUESTS.post, "silence");
      expect(await timeOf(connection.stop())).toBeLessThan(CLOSE_MS);
      await hub.expectNothingLeft(connection);
    });

    test("chunks of a byte each change nothing", async () => {
      hub.proxy.cut = function* (chunk) {
        for (let at = 0; at < chunk.length; at++) yield chunk.subarray(at, at + 1);
      };
      const connection = hub.build(patient());
      await connection.start();
      const text = "ä😀\r\n\u2028 : data: \\n";
      await expect(connection.invoke("Echo", text)).resolves.toBe(text);
      await expect(connection.invoke("EchoMany", text, 1, true, [text])).resolves.toEqual([text, 1, true, [text]]);
      await connection.stop();
      await hub.expectNothingLeft(connection);
    });

    // Wherever the connection breaks, start settles; and when it had succeeded, the loss is told.
    test.each(["up", "down"] as const)(
      "a cut behind any byte that goes %s",
      async (direction) => {
        const { cuts } = await hub.cutEverywhere(direction, 41, patient);
        expect(cuts).toBeGreaterThan(10);
      },
      60_000,
    );
  });
}

describeWhen("dotnet", "more faults of the HTTP transports", () => {
  const hub = new FaultyHub();

  test("an event stream that goes silent is noticed by the server timeout", async () => {
    const options = { transport: HttpTransportType.ServerSentEvents };
    const connection = hub.build(hub.builder("/quick", options).withKeepAliveInterval(500).withServerTimeout(2_500));
    await connection.start();
    const closed = new Promise<unknown>((resolve) => connection.onclose(resolve));
    hub.proxy.strike("silence");
    expect(await closed).toMatchObject({ name: "TimeoutError", code: "server-timeout" });
    await hub.expectNothingLeft(connection);
  });

  test("an unanswered DELETE does not hold stop() up", async () => {
    const connection = hub.build(hub.builder("/hub", { transport: HttpTransportType.LongPolling }));
    await connection.start();
    // Without the Close message the server has no reason to end the poll, so that there is a DELETE.
    let deleted = false;
    void hub.proxy.strikeWhen(REQUESTS.post, "silence").then(() => {
      void hub.proxy.strikeWhen(REQUESTS.delete, "silence").then(() => (deleted = true));
    });
    expect(await timeOf(connection.stop())).toBeLessThan(CLOSE_MS);
    expect(deleted).toBe(true);
    await hub.expectNothingLeft(connection);
  });
});

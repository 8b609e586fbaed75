/** Faults of an established connection: cuts, half-open networks, refusals; what is in flight, who is told, and recovery. */
import { Subject, type HubConnection } from "../../src/index.js";
import { describeWhen } from "../support/requirements.js";
import { FaultyHub, outcomeOf, STEPS, timeOf, type Step } from "./faulty-hub.js";
import { endless } from "../support/stream-sources.js";

/** One of everything that can be under way, and how it ends. */
function everythingInFlight(connection: HubConnection): Promise<unknown>[] {
  const subject = new Subject<number>();
  subject.next(1);
  const subscribed = new Promise((_resolve, reject) => {
    connection.stream("Endless", 1).subscribe({ next: () => undefined, complete: () => undefined, error: reject });
  });
  const iterated = (async () => {
    for await (const item of connection.stream("Endless", 1)) void item;
  })();
  const both = (async () => {
    for await (const item of connection.stream("EchoStream", new Subject<string>())) void item;
  })();
  return [
    connection.invoke("TakeLong", 600_000),
    connection.invoke("Upload", "pushed", subject),
    connection.invoke("UploadOutcome", endless()),
    subscribed,
    iterated,
    both,
  ].map((promise) =>
    promise.then(
      () => "fulfilled",
      (thrown: unknown) => thrown,
    ),
  );
}

describeWhen("dotnet", "faults of a connection", () => {
  const hub = new FaultyHub();
  const losses = ["reset", "close"] as const;

  test.each(losses)(
    "a cut (%s) fails everything in flight, then onclose is told, and nothing is left",
    async (fault) => {
      const connection = hub.build(hub.builder("/parallel"));
      await connection.start();
      const order: string[] = [];
      const closed = new Promise<unknown>((resolve) =>
        connection.onclose((error) => {
          order.push("onclose");
          resolve(error);
        }),
      );
      connection.stream("Endless", 1).subscribe({
        next: () => undefined,
        complete: () => undefined,
        error: () => order.push("stream"),
      });
      const inFlight = everythingInFlight(connection);
      await connection.invoke("Nothing");
      hub.proxy.strike(fault);
      const error = await closed;
      expect(error).toMatchObject({ name: "ConnectionError", code: "connection-lost", closeCode: 1006 });
      expect(await Promise.all(inFlight)).toEqual(inFlight.map(() => error));
      expect(order).toEqual(["stream", "onclose"]);
      expect(await outcomeOf(connection.invoke("Nothing"))).toEqual([
        false,
        expect.objectContaining({ code: "invalid-state" }),
      ]);
      await hub.expectNothingLeft(connection);
    },
  );

  test.each(losses)("a cut (%s) is reconnected, again and again", async (fault) => {
    const connection = hub.build(hub.builder().withAutomaticReconnect([0, 50]));
    await connection.start();
    for (let round = 0; round < 10; round++) {
      const reconnected = new Promise((resolve) => {
        const off = connection.onreconnected((id) => {
          off();
          resolve(id);
        });
      });
      const pending = outcomeOf(connection.invoke("TakeLong", 600_000));
      hub.proxy.strike(fault);
      expect(await pending).toEqual([false, expect.objectContaining({ code: "connection-lost" })]);
      expect(await reconnected).toBe(connection.connectionId);
      await expect(connection.invoke("MyConnectionId")).resolves.toBe(connection.connectionId);
      expect(hub.proxy.open).toBeLessThanOrEqual(2); // the socket, and at times a kept-alive one
    }
    await connection.stop();
    await hub.expectNothingLeft(connection);
  });

  // This hub pings each second or two, and gives up on a client that is silent for two.
  const quick = () => hub.builder("/quick").withKeepAliveInterval(500).withServerTimeout(3_500);

  test.each(["silence", "stall"] as const)(
    "a network that just goes silent (%s) is noticed by the server timeout",
    async (fault) => {
      const connection = hub.build(quick());
      await connection.start();
      const closed = new Promise((resolve) => connection.onclose(resolve));
      const pending = outcomeOf(connection.invoke("TakeLong", 600_000));
      hub.proxy.strike(fault);
      const error = await closed;
      expect(error).toMatchObject({ name: "TimeoutError", code: "server-timeout" });
      expect(await pending).toEqual([false, expect.objectContaining({ code: "connection-lost", cause: error })]);
      await hub.expectNothingLeft(connection);
    },
  );

  test("a network that is dead in one direction only is noticed too: down by the client", async () => {
    const connection = hub.build(quick().withAutomaticReconnect([0, 50]));
    await connection.start();
    const reconnected = new Promise((resolve) => connection.onreconnected(resolve));
    const lost = new Promise((resolve) => connection.onreconnecting(resolve));
    hub.proxy.strike("silence", "down");
    expect(await lost).toMatchObject({ code: "server-timeout" });
    await reconnected;
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("and up by the server, whose Close message still arrives", async () => {
    const connection = hub.build(quick().withAutomaticReconnect([0, 50]));
    await connection.start();
    // With its first ping the server begins to watch over the client.
    await connection.invoke("Add", 1, 1);
    const reconnected = new Promise((resolve) => connection.onreconnected(resolve));
    const lost = new Promise((resolve) => connection.onreconnecting(resolve));
    hub.proxy.strike("silence", "up");
    const pending = outcomeOf(connection.invoke("Add", 1, 1));
    expect(await lost).toMatchObject({ code: "server-closed" });
    expect(await pending).toEqual([false, expect.objectContaining({ code: "server-closed" })]);
    await reconnected;
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("a server that is away for a while is found as soon as it is back", async () => {
    const policy = { nextRetryDelayInMilliseconds: jest.fn(() => 20) };
    const connection = hub.build(hub.builder().withAutomaticReconnect(policy));
    await connection.start();
    const reconnected = new Promise((resolve) => connection.onreconnected(resolve));
    const closed = jest.fn();
    connection.onclose(closed);
    await hub.proxy.refuse();
    while (policy.nextRetryDelayInMilliseconds.mock.calls.length < 5)
      await new Promise((resolve) => setImmediate(resolve));
    expect(connection.state).toBe("Reconnecting");
    await hub.proxy.accept();
    await reconnected;
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    expect(closed).not.toHaveBeenCalled();
  });

  test.each(Object.keys(STEPS) as Step[])(
    "an unanswered %s of a reconnect is bounded, and the policy is asked again",
    async (step) => {
      const reasons: unknown[] = [];
      const policy = {
        nextRetryDelayInMilliseconds: ({ retryReason }: { retryReason: Error }) => {
          reasons.push("code" in retryReason && retryReason.code);
          return 0;
        },
      };
      const connection = hub.build(hub.builder().withAutomaticReconnect(policy));
      await connection.start();
      const reconnected = new Promise((resolve) => connection.onreconnected(resolve));
      void hub.strikeAt(step, "silence");
      hub.proxy.strike("reset");
      await reconnected;
      expect(reasons).toEqual(["connection-lost", step === "handshake" ? "handshake-timeout" : "connect-timeout"]);
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
      await connection.stop();
      await hub.expectNothingLeft(connection);
    },
  );

  test.each(Object.keys(STEPS) as Step[])("when every %s goes unanswered, it gives up in the end", async (step) => {
    const connection = hub.build(hub.builder().withAutomaticReconnect([0, 10]));
    await connection.start();
    const closed = new Promise((resolve) => connection.onclose(resolve));
    let over = false;
    const strike = (): void => void hub.strikeAt(step, "silence").then(() => over || strike());
    strike();
    hub.proxy.strike("reset");
    expect(await closed).toMatchObject({ name: "TimeoutError" });
    over = true;
    await hub.expectNothingLeft(connection);
  });

  test("SIGSTOP and SIGCONT of the way: a pause that is short enough is survived", async () => {
    const connection = hub.build(hub.builder().withServerTimeout(30_000));
    await connection.start();
    const told = jest.fn();
    connection.onStateChange(told);
    const answers = Promise.all(Array.from({ length: 50 }, (_, i) => connection.invoke("Add", i, 1)));
    hub.proxy.strike("stall");
    await new Promise((resolve) => setImmediate(resolve));
    hub.proxy.resume();
    await expect(answers).resolves.toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(told).not.toHaveBeenCalled();
  });
});

describeWhen("dotnet", "stop() under faults", () => {
  const hub = new FaultyHub();

  test.each(["silence", "stall"] as const)("while connected to a dead peer (%s)", async (fault) => {
    const connection = hub.build();
    await connection.start();
    const inFlight = everythingInFlight(connection);
    hub.proxy.strike(fault);
    expect(await timeOf(connection.stop())).toBeLessThan(5_000);
    for (const outcome of await Promise.all(inFlight)) expect(outcome).toMatchObject({ code: "connection-lost" });
    await hub.expectNothingLeft(connection);
  });

  test("while connected to a dead peer and much waits to be sent", async () => {
    const connection = hub.build(hub.builder("/large"));
    await connection.start();
    hub.proxy.strike("stall");
    const sends = Array.from({ length: 8 }, () => outcomeOf(connection.send("Note", "x".repeat(1024 * 1024))));
    expect(await timeOf(connection.stop())).toBeLessThan(5_000);
    await Promise.all(sends);
    await hub.expectNothingLeft(connection);
  });

  test("while it waits for the next attempt", async () => {
    const connection = hub.build(hub.builder().withAutomaticReconnect([60_000]));
    await connection.start();
    const reconnecting = new Promise((resolve) => connection.onreconnecting(resolve));
    hub.proxy.strike("reset");
    await reconnecting;
    expect(await timeOf(connection.stop())).toBeLessThan(500);
    await hub.expectNothingLeft(connection);
  });

  test.each(Object.keys(STEPS) as Step[])("while a reconnect waits for the %s", async (step) => {
    const connection = hub.build(
      hub.builder("/hub", { connectTimeout: 60_000 }).withHandshakeTimeout(60_000).withAutomaticReconnect([0]),
    );
    await connection.start();
    const closed = new Promise((resolve) => connection.onclose(resolve));
    const struck = hub.strikeAt(step, "silence");
    hub.proxy.strike("reset");
    await struck;
    expect(connection.state).toBe("Reconnecting");
    expect(await timeOf(connection.stop())).toBeLessThan(2_000);
    expect(await closed).toBeUndefined();
    await hub.expectNothingLeft(connection);
  });

  test("while the connection breaks in the same moment", async () => {
    for (const fault of ["reset", "close", "silence"] as const) {
      const connection = hub.build(hub.builder().withAutomaticReconnect([0]));
      await connection.start();
      const closed = jest.fn();
      connection.onclose(closed);
      const stopping = connection.stop();
      hub.proxy.strike(fault);
      await stopping;
      expect(closed.mock.calls).toEqual([[undefined]]);
      await hub.expectNothingLeft(connection);
    }
  });
});

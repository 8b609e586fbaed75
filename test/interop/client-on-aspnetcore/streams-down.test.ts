/** Streams from the real server: subscribers, loops, cancelling as the server sees it, and failing. */
import { HubError, type HubConnection } from "../../../src/index.js";
import { describeWhen } from "../../support/requirements.js";
import { RealHub } from "../../support/real-hub.js";
import { collect, failureOf } from "../../support/witness.js";

/** A subscriber that writes everything down, and a promise for its end. */
function recorder() {
  const items: unknown[] = [];
  let finish: (end: unknown) => void = () => undefined;
  const end = new Promise<unknown>((resolve) => (finish = resolve));
  const subscriber = {
    next: (item: unknown) => void items.push(item),
    complete: () => finish("complete"),
    error: (error: unknown) => finish(error),
  };
  return { items, end, subscriber };
}

describeWhen("dotnet", "streams from ASP.NET Core", () => {
  const hub = new RealHub();
  let connection: HubConnection;
  beforeEach(async () => {
    connection = await hub.connect();
  });

  test.each(["Counter", "CounterChannel"])("%s reaches a subscriber: items, then the end", async (method) => {
    const { items, end, subscriber } = recorder();
    connection.stream(method, 5, 1).subscribe(subscriber);
    expect(await end).toBe("complete");
    expect(items).toEqual([1, 2, 3, 4, 5]);
    await hub.server.waitForEvent("stream-completed", { connectionId: connection.connectionId, detail: method });
  });

  test("leaving the loop cancels on the server, once", async () => {
    const seen: number[] = [];
    for await (const item of connection.stream<number>("Endless", 1)) {
      seen.push(item);
      if (item === 3) break;
    }
    expect(seen).toEqual([1, 2, 3]);
    const of = { connectionId: connection.connectionId, detail: "Endless" };
    await hub.server.waitForEvent("stream-cancelled", of);
    await connection.invoke("Nothing");
    const events = await hub.server.events(connection.connectionId);
    expect(events.map(({ kind }) => kind)).toEqual(["connected", "stream-cancelled"]);
  });

  test("an exception in the loop cancels on the server too", async () => {
    const reading = (async () => {
      for await (const item of connection.stream("Endless", 1)) throw new Error(`cannot use ${String(item)}`);
    })();
    await expect(reading).rejects.toThrow("cannot use 1");
    await hub.server.waitForEvent("stream-cancelled", { connectionId: connection.connectionId, detail: "Endless" });
  });

  test("disposing cancels on the server and lets no more items through", async () => {
    const { items, subscriber } = recorder();
    const third = new Promise<void>((resolve) => {
      const subscription = connection.stream("Endless", 1).subscribe({
        ...subscriber,
        next: (item) => {
          items.push(item);
          if (items.length < 3) return;
          subscription.dispose();
          subscription.dispose();
          resolve();
        },
      });
    });
    await third;
    await hub.server.waitForEvent("stream-cancelled", { connectionId: connection.connectionId, detail: "Endless" });
    await connection.invoke("Nothing");
    expect(items).toEqual([1, 2, 3]);
  });

  test("several subscribers share one stream; the last that leaves cancels it", async () => {
    const [first, second] = [recorder(), recorder()];
    const stream = connection.stream("Endless", 1);
    const firstSubscription = stream.subscribe(first.subscriber);
    let both: () => void = () => undefined;
    const bothGotSome = new Promise<void>((resolve) => (both = resolve));
    const secondSubscription = stream.subscribe({
      ...second.subscriber,
      next: (item) => {
        second.items.push(item);
        if (second.items.length === 5) both();
      },
    });
    await bothGotSome;
    expect(first.items).toEqual(second.items);
    firstSubscription.dispose();
    const left = first.items.length;
    await connection.invoke("Nothing");
    const events = await hub.server.events(connection.connectionId);
    expect(events.map(({ kind }) => kind)).toEqual(["connected"]);
    secondSubscription.dispose();
    await hub.server.waitForEvent("stream-cancelled", { connectionId: connection.connectionId });
    expect(first.items).toHaveLength(left);
  });

  test("items that came before the first subscriber are kept for it", async () => {
    const stream = connection.stream("Counter", 3, 0);
    await hub.server.waitForEvent("stream-completed", { connectionId: connection.connectionId });
    await connection.invoke("Nothing");
    const { items, end, subscriber } = recorder();
    stream.subscribe(subscriber);
    expect(await end).toBe("complete");
    expect(items).toEqual([1, 2, 3]);
  });

  test("a subscriber that throws harms neither the stream nor the others", async () => {
    const { items, end, subscriber } = recorder();
    const stream = connection.stream("Counter", 3, 1);
    stream.subscribe({
      next: () => {
        throw new Error("a subscriber that fails");
      },
      complete: () => {
        throw new Error("fails at the end too");
      },
      error: () => undefined,
    });
    stream.subscribe(subscriber);
    expect(await end).toBe("complete");
    expect(items).toEqual([1, 2, 3]);
    expect(hub.logged.join("\n")).toContain("a subscriber that fails");
  });

  const failed = "An error occurred on the server while streaming results.";
  test.each([
    ["FailingStream", [2], [1, 2], failed],
    ["FailingStreamHub", [2, "why"], [1, 2], `${failed} HubException: why`],
    [
      "FailingBeforeStream",
      ["why"],
      [],
      "An unexpected error occurred invoking 'FailingBeforeStream' on the server. HubException: why",
    ],
    [
      "NoSuchStream",
      [],
      [],
      "Failed to invoke 'NoSuchStream' due to an error on the server. HubException: Method does not exist.",
    ],
    ["Add", [1, 2], [], "The client attempted to invoke the non-streaming 'Add' method with a streaming invocation."],
    ["Counter", ["x", 1], [], "Failed to invoke 'Counter' due to an error on the server."],
  ])("%s fails with the server's own text, behind its items", async (method, args, expected, message) => {
    const { items, end, subscriber } = recorder();
    connection.stream(method, ...args).subscribe(subscriber);
    const error = await end;
    expect(error).toBeInstanceOf(HubError);
    expect((error as HubError).message).toBe(message);
    expect(items).toEqual(expected);

    const read: unknown[] = [];
    const reading = (async () => {
      for await (const item of connection.stream(method, ...args)) read.push(item);
    })();
    expect((await failureOf(reading)).message).toBe(message);
    expect(read).toEqual(expected);
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("a null in the place of a stream fails", async () => {
    const error = await failureOf(collect(connection.stream("NullStream")));
    expect(error.message).toContain("'NullStream'");
  });

  test("a stream that nobody reads does not hold up the connection, nor fail unheard", async () => {
    connection.stream("FailingStream", 0);
    connection.stream("Flood", 100);
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("a stream that nobody reads is cancelled when too much of it waits", async () => {
    const stream = connection.stream("Endless", 0);
    await hub.server.waitForEvent("stream-cancelled", { connectionId: connection.connectionId, detail: "Endless" });
    const error = await failureOf(collect(stream));
    expect(error).toMatchObject({ name: "LimitError", code: "limit-exceeded" });
  }, 60_000);

  test("a reader that is too slow gets a named error, and the server stops", async () => {
    const iterator = connection.stream("Flood", 1_000_000)[Symbol.asyncIterator]();
    await iterator.next();
    await hub.server.waitForEvent("stream-cancelled", { connectionId: connection.connectionId, detail: "Flood" });
    await expect(
      (async () => {
        while (!(await iterator.next()).done);
      })(),
    ).rejects.toMatchObject({ code: "limit-exceeded" });
  });

  test("stop() fails the streams that are open, and the server learns of it", async () => {
    const { connectionId } = connection;
    const reading = collect(connection.stream("Endless", 1));
    await connection.invoke("Nothing");
    const failure = failureOf(reading);
    await connection.stop();
    expect(await failure).toMatchObject({ name: "ConnectionError", code: "connection-lost" });
    await hub.server.waitForEvent("stream-cancelled", { connectionId });
  });
});

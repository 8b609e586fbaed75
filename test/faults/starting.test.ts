/** Faults while a connection is being made: every request unanswered, cut or refused, and giving up in the middle of it. */
import { AbortError } from "../../src/index.js";
import { describeWhen } from "../support/requirements.js";
import type { Fault } from "../support/tcp-proxy.js";
import { FaultyHub, outcomeOf, STEPS, TIMEOUT_MS, timeOf, type Step } from "./faulty-hub.js";

const steps = Object.keys(STEPS) as Step[];
const each = (faults: Fault[]) => steps.flatMap((step) => faults.map((fault) => [step, fault] as const));

describeWhen("dotnet", "faults while starting", () => {
  const hub = new FaultyHub();
  const patient = () => hub.builder("/hub", { connectTimeout: 60_000 }).withHandshakeTimeout(60_000);

  test.each(steps)("an unanswered %s fails the start in time and leaves nothing", async (step) => {
    void hub.strikeAt(step, "silence");
    const connection = hub.build();
    const closed = jest.fn();
    connection.onclose(closed);
    const starting = outcomeOf(connection.start());
    const ms = await timeOf(starting);
    expect(ms).toBeGreaterThan(TIMEOUT_MS - 10);
    expect(ms).toBeLessThan(TIMEOUT_MS + 2_000);
    const code = step === "handshake" ? "handshake-timeout" : "connect-timeout";
    expect(await starting).toEqual([false, expect.objectContaining({ name: "TimeoutError", code })]);
    await hub.expectNothingLeft(connection);
    expect(closed).not.toHaveBeenCalled();

    hub.proxy.heal();
    await connection.start();
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test.each(each(["reset", "close"]))(
    "a cut %s (%s) fails the start at once and leaves nothing",
    async (step, fault) => {
      // Again and again: a request on a connection that was kept alive is tried once more on a fresh one.
      let over = false;
      const strike = (): void => void hub.strikeAt(step, fault).then(() => over || strike());
      strike();
      const connection = hub.build(patient());
      const starting = outcomeOf(connection.start());
      expect(await timeOf(starting)).toBeLessThan(2_000);
      over = true;
      hub.proxy.heal();
      expect(await starting).toEqual([false, expect.any(Error)]);
      await hub.expectNothingLeft(connection);
      await connection.start();
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    },
  );

  test("a kept-alive connection that died before the upgrade is replaced", async () => {
    void hub.strikeAt("upgrade", "reset");
    const connection = hub.build();
    await connection.start();
    expect(hub.proxy.connections).toBe(2);
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("a server that is not there: the error tells why", async () => {
    await hub.proxy.refuse();
    const connection = hub.build();
    const [fulfilled, error] = await outcomeOf(connection.start());
    expect(fulfilled).toBe(false);
    expect(error).toMatchObject({ name: "NegotiationError", message: expect.stringContaining("ECONNREFUSED") });
    await hub.expectNothingLeft(connection);
    await hub.proxy.accept();
    await connection.start();
  });

  test.each(each(["silence", "stall"]))("stop() ends an unanswered %s (%s) and leaves nothing", async (step, fault) => {
    const struck = hub.strikeAt(step, fault);
    const connection = hub.build(patient());
    const starting = outcomeOf(connection.start());
    await struck;
    expect(await timeOf(connection.stop())).toBeLessThan(2_000);
    expect(await starting).toEqual([false, expect.any(AbortError)]);
    await hub.expectNothingLeft(connection);
  });

  test.each(steps)("a signal ends an unanswered %s and leaves nothing", async (step) => {
    const struck = hub.strikeAt(step, "silence");
    const connection = hub.build(patient());
    const controller = new AbortController();
    const starting = outcomeOf(connection.start({ signal: controller.signal }));
    await struck;
    controller.abort();
    expect(await timeOf(starting)).toBeLessThan(2_000);
    expect(await starting).toEqual([false, expect.any(AbortError)]);
    await hub.expectNothingLeft(connection);
  });

  // Wherever the connection breaks, start settles; and when it had succeeded, the loss is told.
  test.each(["up", "down"] as const)(
    "a cut behind any byte that goes %s",
    async (direction) => {
      const { cuts, survived } = await hub.cutEverywhere(direction, 17);
      expect(cuts).toBeGreaterThan(30);
      expect(survived).toBeLessThan(cuts / 2); // the upgrade, tried once more on a fresh connection
    },
    60_000,
  );
});

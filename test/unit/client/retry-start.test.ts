/** `retryStart`: a start that tries again by the rules of automatic reconnect. */
import { HubConnectionState } from "../../../src/client/states.js";
import type { AutomaticReconnectOptions } from "../../../src/client/automatic-reconnect.js";
import { AbortError, HttpError } from "../../../src/errors/http-errors.js";
import { HttpResponse } from "../../../src/http/http-client.js";
import { expectNothingLeft, failAttempts, never, observedConnection } from "./observed-connection.js";

const { Connected } = HubConnectionState;

describe("retryStart", () => {
  const starting = async (options: AutomaticReconnectOptions, signal?: AbortSignal) => {
    const set = observedConnection({ retryStart: true, ...options });
    const { negotiate } = set.hub;
    const attempts = failAttempts(set);
    const outcome = set.connection.start(signal && { signal }).then(
      () => "started",
      (thrown: unknown) => thrown,
    );
    await set.hub.clock.settle();
    return { ...set, attempts, negotiate, outcome };
  };

  it("tries until it works, Connecting all the while, and tells onreconnecting and onreconnected nothing", async () => {
    const set = await starting({ delays: [100, 200] });
    await set.hub.clock.advanceAsync(250);
    expect(set.attempts).toEqual([0, 100]);
    expect(set.path()).toEqual([HubConnectionState.Connecting]);
    set.hub.negotiate = set.negotiate;
    await set.hub.clock.advanceAsync(50);
    expect(await set.outcome).toBe("started");
    expect(set.path()).toEqual([HubConnectionState.Connecting, Connected]);
    expect(set.told).toEqual([]);
  });

  it("rejects with the error of the last attempt when the attempts are over; onclose is not told", async () => {
    const set = await starting({ delays: [100, 200] });
    let last = 0;
    failAttempts(set, () => new HttpError("busy", 500 + ++last));
    await set.hub.clock.advanceAsync(300);
    expect(await set.outcome).toMatchObject({ statusCode: 502 });
    expect(set.told).toEqual([]);
    expectNothingLeft(set);
  });

  it("does not try what never gets better", async () => {
    const set = await starting({});
    set.hub.negotiate = () => new HttpResponse(401);
    await set.hub.clock.advanceAsync(500);
    expect(await set.outcome).toMatchObject({ statusCode: 401 });
    expectNothingLeft(set);
  });

  it.each(["stop()", "the signal"])("is ended at once by %s, whether it waits or tries", async (how) => {
    for (const isTrying of [false, true]) {
      const controller = new AbortController();
      const set = await starting({ delays: [100, 100] }, controller.signal);
      if (isTrying) {
        set.hub.negotiate = never;
        await set.hub.clock.advanceAsync(100);
      }
      if (how === "stop()") await set.connection.stop();
      else controller.abort();
      expect(await set.outcome).toBeInstanceOf(AbortError);
      await set.hub.clock.settle();
      expectNothingLeft(set);
    }
  });

  it("counts and times from the start for policy and shouldRetry", async () => {
    const asked: unknown[] = [];
    const shouldRetry: AutomaticReconnectOptions["shouldRetry"] = (_error, context) => {
      asked.push([context.previousRetryCount, context.elapsedMilliseconds]);
      return undefined;
    };
    const set = await starting({ delays: [100, 200], shouldRetry });
    await set.hub.clock.advanceAsync(300);
    await set.outcome;
    expect(asked).toEqual([
      [0, 0],
      [1, 100],
    ]);
  });

  it("can be done again after it failed", async () => {
    const set = await starting({ delays: [100] });
    await set.hub.clock.advanceAsync(100);
    expect(await set.outcome).toMatchObject({ message: expect.stringContaining("no network") });
    set.hub.negotiate = set.negotiate;
    await set.connection.start();
    expect(set.connection.state).toBe(Connected);
  });

  it("is not for a start without it", async () => {
    const set = await starting({ retryStart: false });
    expect(await set.outcome).toMatchObject({ message: expect.stringContaining("no network") });
    expectNothingLeft(set);
  });
});

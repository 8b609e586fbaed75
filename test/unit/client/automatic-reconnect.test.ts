/** Automatic reconnect by options: when it tries, how often, after which errors, and what it says at the end. */
import { HubConnectionState } from "../../../src/client/states.js";
import { automaticReconnect, type AutomaticReconnectOptions } from "../../../src/client/automatic-reconnect.js";
import { InvalidArgumentError } from "../../../src/errors/call-errors.js";
import { AbortError, HttpError } from "../../../src/errors/http-errors.js";
import { HttpResponse } from "../../../src/http/http-client.js";
import { MemoryHub } from "./memory-hub.js";
import {
  expectNothingLeft,
  never,
  observedConnection,
  startedConnection,
  type ObservedConnection,
  type Reconnect,
} from "./observed-connection.js";

const { Disconnected, Connected, Reconnecting } = HubConnectionState;

afterEach(() => {
  jest.restoreAllMocks();
});

/** Makes every attempt from now on fail. @returns when they were made, in milliseconds from now. */
function failAttempts(
  { hub }: Pick<ObservedConnection, "hub">,
  error: () => unknown = () => new Error("no network"),
): number[] {
  const attempts: number[] = [];
  const since = hub.clock.now();
  hub.negotiate = () => {
    attempts.push(hub.clock.now() - since);
    return Promise.reject(error());
  };
  return attempts;
}

async function attemptsOf(options: Reconnect | undefined, ms: number, error?: () => unknown): Promise<number[]> {
  const set = await startedConnection(options);
  const attempts = failAttempts(set, error);
  set.hub.socket.drop();
  await set.hub.clock.advanceAsync(ms);
  await set.connection.stop();
  await set.hub.clock.settle();
  expectNothingLeft(set);
  return attempts;
}

/** A connection made by a builder, whose attempts after a loss fail. */
async function lostWith(configure: (builder: ReturnType<MemoryHub["builder"]>) => unknown) {
  const hub = new MemoryHub();
  const builder = hub.builder();
  configure(builder);
  const connection = builder.build();
  await connection.start();
  const attempts = failAttempts({ hub });
  hub.socket.drop();
  return { hub, attempts };
}

describe("the options", () => {
  it.each([
    { delays: 5 },
    { delays: [-1] },
    { delays: ["1"] },
    { policy: {} },
    { policy: () => 5 },
    { policy: null },
    { maxRetries: -1 },
    { maxRetries: NaN },
    { maxRetries: "3" },
    { retryStart: 1 },
    { jitter: 1.5 },
    { jitter: -0.1 },
    { shouldRetry: true },
    { maxRetry: 3 },
  ])("refuse %p", (wrong) => {
    expect(() => automaticReconnect(wrong as never)).toThrow(InvalidArgumentError);
  });

  it("may be there without a value", () => {
    const options = { delays: undefined, policy: undefined, maxRetries: undefined, jitter: undefined };
    expect(() => automaticReconnect(options as never)).not.toThrow();
  });
});

describe("the official forms", () => {
  it("wait 0, 2, 10 and 30 seconds by default, then give up", async () => {
    const { hub, attempts } = await lostWith((builder) => builder.withAutomaticReconnect());
    await hub.clock.advanceAsync(600_000);
    expect(attempts).toEqual([0, 2_000, 12_000, 42_000]);
  });

  it("wait as a list says, whatever the error was", async () => {
    expect(await attemptsOf([7, 0], 60_000, () => new HttpError("no", 404))).toEqual([7, 7]);
  });

  it("give up at once with an empty list", async () => {
    expect(await attemptsOf([], 60_000)).toEqual([]);
  });

  it("keep their own copy of the list", async () => {
    const list = [1];
    const { hub, attempts } = await lostWith((builder) => {
      builder.withAutomaticReconnect(list);
      list[0] = 99;
    });
    await hub.clock.advanceAsync(60_000);
    expect(attempts).toEqual([1]);
  });
});

describe("waits", () => {
  it("grow from half a second to 30 s without delays, and never end", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0);
    const attempts = await attemptsOf({}, 600_000);
    const waits = attempts.map((at, index) => at - (attempts[index - 1] ?? 0));
    expect(waits.slice(0, 9)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(waits).toHaveLength(24);
  });

  it("are left to chance by half without delays", async () => {
    jest.spyOn(Math, "random").mockReturnValue(1);
    expect((await attemptsOf({}, 2_000)).slice(0, 2)).toEqual([250, 750]);
  });

  it("are exactly those of the list, which says how many there are", async () => {
    jest.spyOn(Math, "random").mockReturnValue(1);
    expect(await attemptsOf({ delays: [0, 30, 5] }, 60_000)).toEqual([0, 30, 35]);
  });

  it("go on with the last of the list when there are more attempts", async () => {
    expect(await attemptsOf({ delays: [0, 30, 5], maxRetries: 5 }, 60_000)).toEqual([0, 30, 35, 40, 45]);
  });

  it("become shorter by as much as the jitter says", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0.5);
    expect(await attemptsOf({ delays: [100, 100], jitter: 1 }, 60_000)).toEqual([50, 100]);
  });

  it("are what the policy says, for as many attempts as there may be", async () => {
    const policy = { nextRetryDelayInMilliseconds: () => 10 };
    expect(await attemptsOf({ policy, maxRetries: 3 }, 60_000)).toEqual([10, 20, 30]);
  });

  it("are at least as long as the server asked for", async () => {
    const busy = () => new HttpError("busy", 503, "2");
    expect(await attemptsOf({ delays: [0, 100, 5_000, 100] }, 60_000, busy)).toEqual([0, 2_000, 7_000, 9_000]);
  });

  it("are the policy's, which can read for itself what the server asked for", async () => {
    const asked: unknown[] = [];
    const policy = {
      nextRetryDelayInMilliseconds: ({ retryReason }: { retryReason: Error }) =>
        asked.push((retryReason as Partial<HttpError>).retryAfter) < 3 ? 10 : null,
    };
    expect(await attemptsOf({ policy }, 60_000, () => new HttpError("busy", 503, "2"))).toEqual([10, 20]);
    expect(asked).toEqual([undefined, 2_000, 2_000]);
  });
});

describe("maxRetries", () => {
  it("ends it, and onclose gets the error of the last attempt", async () => {
    const set = await startedConnection({ maxRetries: 2, jitter: 0 });
    let failures = 0;
    failAttempts(set, () => new HttpError("busy", 500 + ++failures));
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(60_000);
    expect(set.told).toEqual([
      ["reconnecting", expect.objectContaining({ code: "connection-lost" })],
      ["closed", expect.objectContaining({ statusCode: 502 })],
    ]);
    expectNothingLeft(set);
  });

  it("of 0 means not at all: onclose gets the error of the loss", async () => {
    const set = await startedConnection({ maxRetries: 0 });
    set.hub.socket.drop();
    expect(set.told).toEqual([["closed", expect.objectContaining({ code: "connection-lost" })]]);
    await set.hub.clock.settle(); // what is left of the lost connection is released
    expectNothingLeft(set);
  });

  it("counts anew after each loss", async () => {
    const set = await startedConnection({ delays: [10] });
    for (let losses = 0; losses < 3; losses++) {
      set.hub.socket.drop();
      await set.hub.clock.advanceAsync(10);
      expect(set.connection.state).toBe(Connected);
    }
  });

  it("lets stop() tell nothing but the end", async () => {
    const set = await startedConnection({});
    failAttempts(set);
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(5_000);
    await set.connection.stop();
    expect(set.told.slice(1)).toEqual([["closed", undefined]]);
    expectNothingLeft(set);
  });
});

describe("shouldRetry", () => {
  it("by default gives up after an attempt that shows that trying is of no use", async () => {
    const set = await startedConnection({});
    set.hub.negotiate = () => new HttpResponse(404);
    set.hub.socket.drop();
    await set.hub.clock.advanceAsync(500);
    expect(set.told.slice(1)).toEqual([["closed", expect.objectContaining({ statusCode: 404 })]]);
  });

  it("by default tries after every loss, whatever it was", async () => {
    const set = await startedConnection({});
    set.hub.socket.receive({ type: 7, error: "moving", allowReconnect: true });
    expect(set.connection.state).toBe(Reconnecting);
    await set.hub.clock.advanceAsync(500);
    expect(set.connection.state).toBe(Connected);
  });

  it("is asked about the loss and every failure, as a method, and its no ends it", async () => {
    const asked: [string, number, boolean][] = [];
    const options: AutomaticReconnectOptions = {
      delays: [1, 1, 1],
      shouldRetry(error, { previousRetryCount }) {
        asked.push([error.message, previousRetryCount, this === options]);
        return previousRetryCount < 2;
      },
    };
    const set = await startedConnection(options);
    failAttempts(set, () => new HttpError("no", 401));
    set.hub.socket.drop(1006);
    await set.hub.clock.advanceAsync(100);
    expect(asked).toEqual([
      [expect.any(String), 0, true],
      [expect.stringContaining("401"), 1, true],
      [expect.stringContaining("401"), 2, true],
    ]);
    expect(set.told.at(-1)).toEqual(["closed", expect.objectContaining({ statusCode: 401 })]);
  });

  it("may refuse the loss itself: then there is no reconnecting", async () => {
    const set = await startedConnection({ shouldRetry: (error) => !error.message.includes("logged in elsewhere") });
    set.hub.socket.receive({ type: 7, error: "logged in elsewhere", allowReconnect: true });
    expect(set.told).toEqual([["closed", expect.objectContaining({ code: "server-closed" })]]);
    await set.hub.clock.settle();
    expectNothingLeft(set);
  });

  it("leaves to the default what it does not answer", async () => {
    const set = await startedConnection({ shouldRetry: () => undefined });
    set.hub.negotiate = () => new HttpResponse(403);
    set.hub.socket.drop();
    expect(set.connection.state).toBe(Reconnecting);
    await set.hub.clock.advanceAsync(500);
    expect(set.connection.state).toBe(Disconnected);
  });

  it.each([
    ["later", () => Promise.resolve(true), [5]],
    ["later with no", () => Promise.resolve(false), []],
    ["later with nothing, which is the default's yes", () => Promise.resolve(undefined), [5]],
    ["by rejecting, which is no", () => Promise.reject(new Error("asking failed")), []],
    [
      "by throwing, which is no",
      () => {
        throw new Error("asking failed");
      },
      [],
    ],
  ])("may answer %s", async (_how, shouldRetry, expected) => {
    expect(await attemptsOf({ delays: [5], shouldRetry }, 1_000)).toEqual(expected);
  });
});

describe("an asynchronous policy", () => {
  it("makes the connection Reconnecting while it decides", async () => {
    let answer: (delayMs: number | null) => void = () => undefined;
    const set = await startedConnection({
      nextRetryDelayInMilliseconds: () => new Promise<number | null>((resolve) => (answer = resolve)),
    });
    set.hub.socket.drop();
    expect(set.told.map(([kind]) => kind)).toEqual(["reconnecting"]);
    answer(20);
    await set.hub.clock.advanceAsync(19);
    expect(set.connection.state).toBe(Reconnecting);
    await set.hub.clock.advanceAsync(1);
    expect(set.connection.state).toBe(Connected);
  });

  it.each([
    ["answers null", () => Promise.resolve(null)],
    ["rejects", () => Promise.reject(new Error("no idea"))],
    ["answers nonsense", () => Promise.resolve("soon" as never)],
  ])("that %s gives up with the error of the loss", async (how, nextRetryDelayInMilliseconds) => {
    const set = await startedConnection({ nextRetryDelayInMilliseconds });
    set.hub.socket.drop();
    await set.hub.clock.settle();
    expect(set.told).toEqual([
      ["reconnecting", expect.objectContaining({ code: "connection-lost" })],
      ["closed", set.told[0]?.[1]],
    ]);
    expect(set.hub.logged.join("\n").includes("The retry policy")).toBe(how !== "answers null");
    expectNothingLeft(set);
  });

  it("gives up without an error when the connection ended without one", async () => {
    const set = await startedConnection({ nextRetryDelayInMilliseconds: () => Promise.resolve(null) });
    set.hub.socket.drop(1000);
    await set.hub.clock.settle();
    expect(set.told).toEqual([
      ["reconnecting", undefined],
      ["closed", undefined],
    ]);
  });

  it("that never answers is not waited for by stop(), and its late rejection harms nobody", async () => {
    let reject: (error: Error) => void = () => undefined;
    const set = await startedConnection({
      nextRetryDelayInMilliseconds: () => new Promise<number>((_resolve, fail) => (reject = fail)),
    });
    set.hub.socket.drop();
    await set.hub.clock.settle();
    await set.connection.stop();
    expect(set.told.at(-1)).toEqual(["closed", undefined]);
    expectNothingLeft(set);
    reject(new Error("late"));
    await set.hub.clock.settle();
  });
});

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

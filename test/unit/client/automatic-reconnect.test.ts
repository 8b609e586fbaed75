/** Automatic reconnect by options: when it tries, how often, and what it says at the end. */
import { HubConnectionState } from "../../../src/client/states.js";
import { automaticReconnect } from "../../../src/client/automatic-reconnect.js";
import { InvalidArgumentError } from "../../../src/errors/call-errors.js";
import { HttpError } from "../../../src/errors/http-errors.js";
import { MemoryHub } from "./memory-hub.js";
import { attemptsOf, expectNothingLeft, failAttempts, startedConnection } from "./observed-connection.js";

const { Connected } = HubConnectionState;

afterEach(() => {
  jest.restoreAllMocks();
});

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

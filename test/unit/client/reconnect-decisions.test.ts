/** Whether a reconnect is tried at all: `shouldRetry`, and policies that take their time to decide. */
import { HubConnectionState } from "../../../src/client/states.js";
import type { AutomaticReconnectOptions } from "../../../src/client/automatic-reconnect.js";
import { HttpError } from "../../../src/errors/http-errors.js";
import { HttpResponse } from "../../../src/http/http-client.js";
import { attemptsOf, expectNothingLeft, failAttempts, startedConnection } from "./observed-connection.js";

const { Disconnected, Connected, Reconnecting } = HubConnectionState;

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
    ["null from JavaScript, which is nothing as well", () => null as unknown as undefined, [5]],
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

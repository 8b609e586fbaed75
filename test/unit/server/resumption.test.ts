/** How long clients of stateful reconnect may stay away, how often they may come back, and which of them count wrongly. */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { countsEveryMessage, Resumption } from "../../../src/server/resumption.js";

const lost = new Error("lost");

/** How often a client can come back at once. @param buffers What has to be sent again each time. */
function returns(resumption: Resumption, buffers: number): number {
  let count = 0;
  for (; resumption.isAffordable && count < 1_000; count++) resumption.onReturned(buffers);
  return count;
}

describe("time", () => {
  test("is over when the client has been away for long enough, and not before", () => {
    const resumption = new Resumption(5_000);
    for (let second = 0; second < 100; second++) expect(resumption.onBeat(1_000)).toBe(false);
    resumption.onLost(lost);
    expect(resumption.loss).toBe(lost);
    for (let second = 0; second < 4; second++) expect(resumption.onBeat(1_000)).toBe(false);
    expect(resumption.onBeat(1_000)).toBe(true);
  });

  test("begins anew when the client has been there", () => {
    const resumption = new Resumption(5_000);
    for (let times = 0; times < 10; times++) {
      resumption.onLost(lost);
      for (let second = 0; second < 4; second++) expect(resumption.onBeat(1_000)).toBe(false);
      resumption.onReturned(0);
      expect(resumption.loss).toBeUndefined();
      expect(resumption.onBeat(1_000)).toBe(false);
    }
  });

  test("goes on for who is never there when somebody looks", () => {
    const resumption = new Resumption(5_000);
    for (let second = 0; second < 4; second++) {
      resumption.onLost(lost);
      expect(resumption.onBeat(1_000)).toBe(false);
      resumption.onReturned(0);
    }
    resumption.onLost(lost);
    expect(resumption.onBeat(1_000)).toBe(true);
  });

  test("is not over because the process paused", () => {
    const resumption = new Resumption(5_000);
    resumption.onLost(lost);
    expect(resumption.onBeat(60_000)).toBe(false);
    expect(resumption.onBeat(60_000)).toBe(true);
  });
});

describe("credit", () => {
  test("is used up by returns, sooner when much is sent again", () => {
    expect(returns(new Resumption(5_000), 0)).toBeGreaterThanOrEqual(100);
    expect(returns(new Resumption(5_000), 0)).toBeLessThanOrEqual(101);
    expect(returns(new Resumption(5_000), 1)).toBe(10);
    expect(returns(new Resumption(5_000), 1_000)).toBe(1);
  });

  test("comes back with time, up to where it began", () => {
    const resumption = new Resumption(5_000);
    returns(resumption, 1);
    resumption.onBeat(2_000);
    expect(returns(resumption, 1)).toBeLessThanOrEqual(2);
    for (let second = 0; second < 1_000; second++) resumption.onBeat(1_000);
    expect(returns(resumption, 1)).toBe(10);
  });
});

describe("who counts every message", () => {
  function request(headers: Record<string, string>): IncomingMessage {
    return Object.assign(new IncomingMessage(new Socket()), { headers });
  }

  test.each([
    "Microsoft SignalR/10.0 (10.0.12; Linux; .NET; .NET 10.0.12)",
    "Microsoft SignalR/8.0 (8.0.1+abc; Windows NT; .NET; .NET 8.0.1)",
    "Microsoft SignalR/9.0 (9.0.0; Unknown OS; .NET)",
  ])("not the .NET client: %s", (text) => {
    expect(countsEveryMessage(request({ "user-agent": text }))).toBe(false);
    expect(countsEveryMessage(request({ "user-agent": "Mozilla", "x-signalr-user-agent": text }))).toBe(false);
  });

  test.each([
    { "user-agent": "Microsoft SignalR/10.0 (10.0.11; Linux; NodeJS; 20.20.2)" },
    { "user-agent": "Mozilla/5.0 (X11; .NET CLR)" },
    { "x-signalr-user-agent": "Microsoft SignalR/10.0 (10.0.11; Unknown OS; Browser; Unknown Runtime Version)" },
    {},
  ])("the others: %j", (headers) => {
    expect(countsEveryMessage(request({ ...headers }))).toBe(true);
  });
});

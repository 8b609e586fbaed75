/** When a ping is due, when the peer counts as gone, and when neither is certain (HUB_PROTOCOL §7). */
import { KeepAlive, tickIntervalMs } from "../../../src/session/keep-alive.js";

const intervals = { keepAliveIntervalMs: 15_000, timeoutMs: 30_000 };
const [Fine, PingDue, TimedOut] = [undefined, "ping", "timeout"] as const;

describe("pings", () => {
  test("are due when nothing was sent for the interval", () => {
    const keepAlive = new KeepAlive();
    const verdicts = Array.from({ length: 15 }, () => keepAlive.tick(1_000, true, false, intervals));
    expect(verdicts).toEqual([...Array.from({ length: 14 }, () => Fine), PingDue]);
  });

  test("are not due while something is sent", () => {
    const keepAlive = new KeepAlive();
    for (let i = 0; i < 100; i++) {
      expect(keepAlive.tick(1_000, true, i % 10 === 0, intervals)).toBe(Fine);
    }
  });

  test("come one per interval, even while none goes out: they must not pile up", () => {
    const keepAlive = new KeepAlive();
    const verdicts = Array.from({ length: 60 }, () => keepAlive.tick(1_000, true, false, intervals));
    expect(verdicts.filter((verdict) => verdict === PingDue)).toHaveLength(4);
  });

  test("a late tick makes one due at once", () => {
    expect(new KeepAlive().tick(60_000, true, false, intervals)).toBe(PingDue);
  });
});

describe("the timeout", () => {
  const sent = true;

  test("comes when nothing was received for its time", () => {
    const keepAlive = new KeepAlive();
    for (let i = 0; i < 29; i++) expect(keepAlive.tick(1_000, false, sent, intervals)).toBe(Fine);
    expect(keepAlive.tick(1_000, false, sent, intervals)).toBe(TimedOut);
  });

  test("starts anew with whatever is received", () => {
    const keepAlive = new KeepAlive();
    for (let i = 0; i < 29; i++) keepAlive.tick(1_000, false, sent, intervals);
    expect(keepAlive.tick(1_000, true, sent, intervals)).toBe(Fine);
    for (let i = 0; i < 29; i++) expect(keepAlive.tick(1_000, false, sent, intervals)).toBe(Fine);
    expect(keepAlive.tick(1_000, false, sent, intervals)).toBe(TimedOut);
  });

  test("is never decided by one late tick: a throttled timer, a machine that slept", () => {
    const keepAlive = new KeepAlive();
    keepAlive.tick(1_000, true, sent, intervals);
    expect(keepAlive.tick(3_600_000, false, sent, intervals)).toBe(Fine);
    expect(keepAlive.tick(1_000, true, sent, intervals)).toBe(Fine);
    expect(keepAlive.tick(3_600_000, false, sent, intervals)).toBe(Fine);
    expect(keepAlive.tick(3_600_000, false, sent, intervals)).toBe(TimedOut);
  });

  test("is not decided by a late tick behind a silence that was long already: the peer gets half of its time again", () => {
    const keepAlive = new KeepAlive();
    for (let i = 0; i < 25; i++) keepAlive.tick(1_000, false, sent, intervals);
    expect(keepAlive.tick(3_600_000, false, sent, intervals)).toBe(Fine);
    for (let i = 0; i < 14; i++) expect(keepAlive.tick(1_000, false, sent, intervals)).toBe(Fine);
    expect(keepAlive.tick(1_000, false, sent, intervals)).toBe(TimedOut);
  });

  test("is put off by a short pause for no longer than that pause, and by one in the middle of the silence not at all", () => {
    const late = new KeepAlive();
    for (let i = 0; i < 28; i++) late.tick(1_000, false, sent, intervals);
    for (let i = 0; i < 5; i++) expect(late.tick(i ? 1_000 : 5_000, false, sent, intervals)).toBe(Fine);
    expect(late.tick(1_000, false, sent, intervals)).toBe(TimedOut);
    const early = new KeepAlive();
    expect(early.tick(5_000, false, sent, intervals)).toBe(Fine);
    for (let i = 0; i < 24; i++) expect(early.tick(1_000, false, sent, intervals)).toBe(Fine);
    expect(early.tick(1_000, false, sent, intervals)).toBe(TimedOut);
  });

  test("comes at the second late tick when timers are throttled to once a minute, and never while the server talks", () => {
    const dead = new KeepAlive();
    expect(dead.tick(60_000, false, sent, intervals)).toBe(Fine);
    expect(dead.tick(60_000, false, sent, intervals)).toBe(TimedOut);
    const alive = new KeepAlive();
    for (let i = 0; i < 100; i++) expect(alive.tick(60_000, true, sent, intervals)).toBe(Fine);
  });

  test("knows a machine that sleeps again and again from a dead server by what arrives in between", () => {
    const keepAlive = new KeepAlive();
    for (let i = 0; i < 10; i++) {
      expect(keepAlive.tick(3_600_000, false, sent, intervals)).toBe(Fine);
      expect(keepAlive.tick(1_000, true, sent, intervals)).toBe(Fine);
    }
  });

  test("comes before a ping", () => {
    const keepAlive = new KeepAlive();
    let verdict: ReturnType<KeepAlive["tick"]> = Fine;
    for (let i = 0; i < 30; i++) verdict = keepAlive.tick(1_000, false, false, intervals);
    expect(verdict).toBe(TimedOut);
  });
});

test("changed intervals take effect at the next tick", () => {
  const keepAlive = new KeepAlive();
  for (let i = 0; i < 10; i++) expect(keepAlive.tick(1_000, false, false, intervals)).toBe(Fine);
  expect(keepAlive.tick(1_000, false, false, { keepAliveIntervalMs: 5_000, timeoutMs: 30_000 })).toBe(PingDue);
  expect(keepAlive.tick(1_000, false, false, { keepAliveIntervalMs: 15_000, timeoutMs: 60_000 })).toBe(Fine);
  expect(keepAlive.tick(1_000, false, false, { keepAliveIntervalMs: 15_000, timeoutMs: 12_000 })).toBe(TimedOut);
});

describe("tickIntervalMs", () => {
  test.each([
    [15_000, 30_000, 1_000],
    [2_000, 30_000, 500],
    [15_000, 400, 100],
    [1, 1, 10],
    [0, 30_000, 10],
    [Infinity, Infinity, 1_000],
    [NaN, 30_000, 1_000],
  ])("keep-alive %d ms, timeout %d ms: every %d ms", (keepAliveIntervalMs, timeoutMs, expected) => {
    expect(tickIntervalMs({ keepAliveIntervalMs, timeoutMs })).toBe(expected);
  });
});

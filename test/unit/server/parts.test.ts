/** The small parts of the server: heartbeat, read gate, group store, work counter. */
import { GroupStore } from "../../../src/server/group-store.js";
import { Heartbeat } from "../../../src/server/heartbeat.js";
import { ReadGate } from "../../../src/server/read-gate.js";
import { WorkCounter } from "../../../src/server/work-counter.js";
import { FakeClock } from "../../support/fake-clock.js";

describe("the heartbeat", () => {
  function member() {
    const beats: number[] = [];
    return { beats, onBeat: (elapsedMs: number) => void beats.push(elapsedMs) };
  }

  test("has one timer for all, and none for nobody", () => {
    const clock = new FakeClock();
    const heartbeat = new Heartbeat(clock);
    const [one, two] = [member(), member()];
    expect(clock.pendingTimers).toBe(0);
    heartbeat.add(one);
    heartbeat.add(one);
    heartbeat.add(two);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(2_500);
    expect([one.beats, two.beats]).toEqual([
      [1_000, 1_000],
      [1_000, 1_000],
    ]);
    heartbeat.delete(one);
    clock.advance(1_000);
    heartbeat.delete(two);
    expect([one.beats.length, two.beats.length]).toEqual([2, 3]);
    expect(clock.pendingTimers).toBe(0);
    heartbeat.delete(two);
    heartbeat.add(one);
    clock.advance(1_000);
    expect(one.beats).toHaveLength(3);
  });

  test("survives members that leave in the middle of a beat", () => {
    const clock = new FakeClock();
    const heartbeat = new Heartbeat(clock);
    const last = member();
    heartbeat.add({
      onBeat() {
        heartbeat.delete(this);
        heartbeat.delete(last);
      },
    });
    heartbeat.add(last);
    clock.advance(5_000);
    expect(last.beats).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("becomes quicker, never slower", () => {
    const clock = new FakeClock();
    const heartbeat = new Heartbeat(clock);
    const one = member();
    heartbeat.quicken(100);
    heartbeat.quicken(400);
    heartbeat.add(one);
    clock.advance(1_000);
    expect(one.beats).toHaveLength(10);
  });
});

test("the read gate pauses while anybody has a reason, and leaves an ended connection alone", () => {
  const events: string[] = [];
  const gate = new ReadGate({ pause: () => void events.push("pause"), resume: () => void events.push("resume") });
  gate.hold();
  gate.hold();
  gate.release();
  expect(events).toEqual(["pause"]);
  expect(gate.isClosed).toBe(true);
  gate.release();
  expect(events).toEqual(["pause", "resume"]);
  gate.hold();
  gate.stop();
  gate.release();
  gate.hold();
  expect(events).toEqual(["pause", "resume", "pause"]);
});

test("the group store forgets empty groups", () => {
  const store = new GroupStore<number>();
  store.add("g", 1);
  store.add("g", 2);
  store.add("g", 1);
  expect([...store.members("g")]).toEqual([1, 2]);
  store.delete("g", 1);
  store.delete("g", 2);
  store.delete("g", 2);
  store.delete("other", 1);
  expect([...store.members("g")]).toEqual([]);
});

test("the work counter fulfils when everything has left", async () => {
  const work = new WorkCounter();
  await work.whenIdle();
  work.enter();
  work.enter();
  let isIdle = false;
  const waiting = work.whenIdle().then(() => (isIdle = true));
  work.leave();
  await new Promise((resolve) => setImmediate(resolve));
  expect(isIdle).toBe(false);
  work.leave();
  await waiting;
});

/** Tokens, their expiry, and the number of connections (TRANSPORTS §1 and §8). */
import { Capacity } from "../../../src/server/capacity.js";
import { ConnectionRegistry } from "../../../src/server/connection-registry.js";
import { Heartbeat } from "../../../src/server/heartbeat.js";
import { FakeClock } from "../../support/fake-clock.js";

const nobody = { user: undefined, userIdentifier: undefined };

function registry(capacity = new Capacity(Infinity)) {
  const clock = new FakeClock();
  return { clock, connections: new ConnectionRegistry(capacity, new Heartbeat(clock), 15_000) };
}

test("gives out ids and tokens that nobody guesses", () => {
  const { connections } = registry();
  const all = Array.from({ length: 100 }, () => connections.create(nobody, { hasToken: true, isStateful: false }));
  const ids = all.flatMap((one) => [one?.connectionId, one?.token]);
  expect(new Set(ids).size).toBe(200);
  for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
});

test("is found by the token only", () => {
  const { connections } = registry();
  const one = connections.create({ user: { id: "ada" }, userIdentifier: "ada" }, { hasToken: true, isStateful: false });
  expect(connections.find(one?.token ?? "")).toBe(one);
  expect(connections.find(one?.connectionId ?? "")).toBeUndefined();
  const old = connections.create(nobody, { hasToken: false, isStateful: false });
  expect(old?.token).toBe(old?.connectionId);
});

test("forgets what nobody connects to, and then needs no timer", () => {
  const { clock, connections } = registry();
  const first = connections.create(nobody, { hasToken: true, isStateful: false });
  clock.advance(10_000);
  const second = connections.create(nobody, { hasToken: true, isStateful: false });
  clock.advance(4_000);
  expect(connections.find(first?.token ?? "")).toBe(first);
  clock.advance(2_000);
  expect(connections.find(first?.token ?? "")).toBeUndefined();
  expect(connections.find(second?.token ?? "")).toBe(second);
  clock.advance(10_000);
  expect(connections.find(second?.token ?? "")).toBeUndefined();
  expect(clock.pendingTimers).toBe(0);
});

test("gives the room of forgotten connections to others", () => {
  const { clock, connections } = registry(new Capacity(2));
  expect(connections.create(nobody, { hasToken: true, isStateful: false })).toBeDefined();
  const second = connections.create(nobody, { hasToken: true, isStateful: false });
  expect(connections.create(nobody, { hasToken: true, isStateful: false })).toBeUndefined();
  if (second !== undefined) {
    connections.delete(second);
    connections.delete(second);
  }
  expect(connections.create(nobody, { hasToken: true, isStateful: false })).toBeDefined();
  expect(connections.create(nobody, { hasToken: true, isStateful: false })).toBeUndefined();
  clock.advance(17_000);
  expect(connections.create(nobody, { hasToken: true, isStateful: false })).toBeDefined();
  connections.clear();
  expect(connections.create(nobody, { hasToken: true, isStateful: false })).toBeDefined();
  expect(connections.create(nobody, { hasToken: true, isStateful: false })).toBeDefined();
});

test("counts for the whole server too", () => {
  const whole = new Capacity(3);
  const [left, right] = [new Capacity(2, whole), new Capacity(5, whole)];
  expect([left.take(), left.take(), left.take()]).toEqual([true, true, false]);
  expect([right.take(), right.take()]).toEqual([true, false]);
  left.giveBack();
  expect([right.take(), left.take()]).toEqual([true, false]);
});

/** Ids and the ring behind them: growth, entries that live long, and ids that nobody gave out. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { InvocationTable, type Answerable } from "../../../src/session/invocation-table.js";

function answerable(): Answerable {
  return { id: "", onItem() {}, onCompletion() {}, onFailed() {} };
}

test("ids count up from the prefix and 0", () => {
  const table = new InvocationTable("");
  expect([table.add(answerable()), table.add(answerable()), table.allotId(), table.add(answerable())]).toEqual([
    "0",
    "1",
    "2",
    "3",
  ]);
  expect(new InvocationTable("s").add(answerable())).toBe("s0");
});

test("what was added is found, and gone once taken", () => {
  const table = new InvocationTable("");
  const pending = answerable();
  const id = table.add(pending);
  expect(table.get(id)).toBe(pending);
  expect(table.get(id)).toBe(pending);
  expect(table.take(id)).toBe(pending);
  expect(table.get(id)).toBeUndefined();
  expect(table.take(id)).toBeUndefined();
});

test("an id that was only allotted finds nothing", () => {
  const table = new InvocationTable("");
  expect(table.get(table.allotId())).toBeUndefined();
  expect(table.take("0")).toBeUndefined();
});

describe.each(["", "s", "12"])("with the prefix %j", (prefix) => {
  test("thousands at once keep their places while the ring grows", () => {
    const table = new InvocationTable(prefix);
    const entries = Array.from({ length: 5_000 }, () => {
      const pending = answerable();
      return { pending, id: table.add(pending) };
    });
    expect(new Set(entries.map(({ id }) => id)).size).toBe(5_000);
    expect(entries.filter(({ id, pending }) => table.get(id) !== pending)).toEqual([]);
    expect(entries.reverse().filter(({ id, pending }) => table.take(id) !== pending)).toEqual([]);
    expect(entries.filter(({ id }) => table.get(id) !== undefined)).toEqual([]);
  });

  test("entries that live long keep their ids while others come and go", () => {
    const table = new InvocationTable(prefix);
    const longLived = new Map<string, Answerable>();
    const seen = new Set<string>();
    for (let round = 0; round < 20_000; round++) {
      const pending = answerable();
      const id = table.add(pending);
      if (seen.has(id)) throw new Error(`twice ${id}`);
      seen.add(id);
      if (round % 1_500 === 0) longLived.set(id, pending);
      else if (table.take(id) !== pending) throw new Error(`lost ${id}`);
      if (round % 3 === 0) seen.add(table.allotId());
    }
    for (const [id, pending] of longLived) expect(table.take(id)).toBe(pending);
    expect(table.takeAll()).toEqual([]);
  });

  test("foreign ids find nothing, wherever in the ring they land", () => {
    const table = new InvocationTable(prefix);
    const ids = Array.from({ length: 8 }, () => table.add(answerable()));
    const foreign = [
      "",
      " ",
      "-0",
      "-1",
      "+1",
      "01",
      "1.0",
      "1e0",
      "0x1",
      " 1",
      "1 ",
      "16",
      "17",
      "4294967296",
      "4294967297",
      "1e400",
      "-1e400",
      "99999999999999999999999",
      "NaN",
      "Infinity",
      "undefined",
      "__proto__",
      "constructor",
      "toString",
      "length",
      "s",
      "ss1",
      "S1",
      "€",
      "x".repeat(100_000),
    ];
    for (const id of foreign.flatMap((text) => [text, prefix + text]).filter((text) => !ids.includes(text))) {
      expect(table.get(id)).toBeUndefined();
      expect(table.take(id)).toBeUndefined();
    }
    for (const id of ids) expect(table.take(id)).toBeDefined();
  });
});

test("the ring only grows with what waits at the same time", () => {
  const table = new InvocationTable("");
  const pending = answerable();
  const collect = collector();
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 4_000_000; i++) if (table.take(table.add(pending)) !== pending) throw new Error(`lost ${i}`);
  collect();
  // A ring with a place for each of them would take 32 MiB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(8 * 1024 * 1024);
  expect(table.takeAll()).toEqual([]);
});

test("ids of another prefix find nothing", () => {
  const table = new InvocationTable("s");
  const id = table.add(answerable());
  expect(id).toBe("s0");
  expect(table.take("0")).toBeUndefined();
  expect(table.take("x0")).toBeUndefined();
  expect(table.take(id)).toBeDefined();
});

test("takeAll empties it, and ids go on counting", () => {
  const table = new InvocationTable("");
  const entries = Array.from({ length: 40 }, answerable);
  for (const entry of entries) table.add(entry);
  const all = table.takeAll();
  expect(all).toHaveLength(40);
  expect(new Set(all)).toEqual(new Set(entries));
  expect(table.takeAll()).toEqual([]);
  expect(table.get("0")).toBeUndefined();
  expect(table.add(answerable())).toBe("40");
});

function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

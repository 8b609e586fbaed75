/** Pushed items, pulled one by one. */
import { ItemQueue } from "../../../src/session/item-queue.js";

const done = { done: true, value: undefined };

async function drain<T>(queue: ItemQueue<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

test("what was pushed is read in order, then the end", async () => {
  const queue = new ItemQueue<number>();
  for (const item of [1, 2, 3]) queue.push(item);
  expect(queue.size).toBe(3);
  queue.end();
  await expect(drain(queue)).resolves.toEqual([1, 2, 3]);
  expect(queue.size).toBe(0);
});

test("a reader that waits gets the next item at once", async () => {
  const queue = new ItemQueue<number>();
  const next = queue.next();
  queue.push(1);
  expect(queue.size).toBe(0);
  await expect(next).resolves.toEqual({ done: false, value: 1 });
});

test("undefined is an item like any other", async () => {
  const queue = new ItemQueue<undefined>();
  queue.push(undefined);
  queue.end();
  await expect(queue.next()).resolves.toEqual({ done: false, value: undefined });
  await expect(queue.next()).resolves.toEqual(done);
});

test("several reads at once get an item each, in order", async () => {
  const queue = new ItemQueue<number>();
  const reads = [queue.next(), queue.next(), queue.next(), queue.next()];
  queue.push(1);
  queue.push(2);
  queue.end();
  await expect(Promise.all(reads)).resolves.toEqual([{ done: false, value: 1 }, { done: false, value: 2 }, done, done]);
});

test("the end of a reader that waits", async () => {
  const queue = new ItemQueue<number>();
  const next = queue.next();
  queue.end();
  await expect(next).resolves.toEqual(done);
});

test("an error comes behind the items, once, and then the queue is done", async () => {
  const queue = new ItemQueue<number>();
  const error = new Error("bad");
  queue.push(1);
  queue.end(error);
  await expect(queue.next()).resolves.toEqual({ done: false, value: 1 });
  await expect(queue.next()).rejects.toBe(error);
  await expect(queue.next()).resolves.toEqual(done);
});

test("an error for readers that wait: the first throws, the others are done", async () => {
  const queue = new ItemQueue<number>();
  const reads = [queue.next(), queue.next()];
  const error = new Error("bad");
  queue.end(error);
  await expect(reads[0]).rejects.toBe(error);
  await expect(reads[1]).resolves.toEqual(done);
  await expect(queue.next()).resolves.toEqual(done);
});

test("an error that nobody reads does not count as unhandled", async () => {
  const queue = new ItemQueue<number>();
  queue.end(new Error("bad"));
  await new Promise((resolve) => setImmediate(resolve));
});

test("the first end wins, and later items are ignored", async () => {
  const queue = new ItemQueue<number>();
  queue.end();
  queue.end(new Error("late"));
  queue.push(1);
  await expect(drain(queue)).resolves.toEqual([]);
});

test("abort forgets what it holds", async () => {
  const queue = new ItemQueue<number>();
  queue.push(1);
  const error = new Error("too much");
  queue.abort(error);
  expect(queue.size).toBe(0);
  await expect(queue.next()).rejects.toBe(error);
});

describe("leaving the loop", () => {
  test("is told once, and ends it", async () => {
    const onAbandoned = jest.fn();
    const queue = new ItemQueue<number>({ onAbandoned });
    queue.push(1);
    queue.push(2);
    for await (const item of queue) {
      expect(item).toBe(1);
      break;
    }
    expect(onAbandoned).toHaveBeenCalledTimes(1);
    await queue.return();
    expect(onAbandoned).toHaveBeenCalledTimes(1);
    queue.push(3);
    await expect(queue.next()).resolves.toEqual(done);
  });

  test("by throwing is leaving too", async () => {
    const onAbandoned = jest.fn();
    const queue = new ItemQueue<number>({ onAbandoned });
    queue.push(1);
    const loop = async () => {
      for await (const item of queue) throw new Error(`item ${item}`);
    };
    await expect(loop()).rejects.toThrow("item 1");
    expect(onAbandoned).toHaveBeenCalledTimes(1);
  });

  test("after the end is not leaving", async () => {
    const onAbandoned = jest.fn();
    const queue = new ItemQueue<number>({ onAbandoned });
    queue.push(1);
    queue.end();
    await queue.return();
    expect(onAbandoned).not.toHaveBeenCalled();
    await drain(queue);
    expect(onAbandoned).not.toHaveBeenCalled();
  });

  test("releases a read that waits", async () => {
    const queue = new ItemQueue<number>();
    const next = queue.next();
    await expect(queue.return()).resolves.toEqual(done);
    await expect(next).resolves.toEqual(done);
  });

  test("nothing is thrown after it, even if the stream had failed", async () => {
    const queue = new ItemQueue<number>();
    queue.push(1);
    queue.end(new Error("bad"));
    await queue.return();
    await expect(queue.next()).resolves.toEqual(done);
  });
});

test("tells when a kept item was taken", async () => {
  const onTaken = jest.fn();
  const queue = new ItemQueue<number>({ onTaken });
  queue.push(1);
  queue.push(2);
  expect(onTaken).not.toHaveBeenCalled();
  await queue.next();
  expect(onTaken).toHaveBeenCalledTimes(1);
  await queue.next();
  expect(onTaken).toHaveBeenCalledTimes(2);
});

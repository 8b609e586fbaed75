/** The items of a streaming call, for subscribers and for loops. */
import { HubError, InvalidArgumentError, LimitError } from "../../../src/errors/call-errors.js";
import { Log } from "../../../src/logging/logger.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { ResultStream, STREAM_CAPACITY } from "../../../src/session/result-stream.js";
import type { StreamSubscriber } from "../../../src/session/stream-source.js";

const completion = { type: MessageType.Completion, invocationId: "1" } as const;

function setUp() {
  const cancel = jest.fn();
  const logged: string[] = [];
  const stream = new ResultStream(new Log({ log: (_level, message) => void logged.push(message) }), cancel);
  return { stream, cancel, logged };
}

function recorder() {
  const events: unknown[] = [];
  return {
    events,
    next: (item: unknown) => void events.push(item),
    error: (error: unknown) => void events.push(error),
    complete: () => void events.push("complete"),
  };
}

async function read(stream: ResultStream): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe("subscribers", () => {
  test("get items and the end", () => {
    const { stream, cancel } = setUp();
    const subscriber = recorder();
    stream.subscribe(subscriber);
    stream.onItem(1);
    stream.onItem(null);
    stream.onCompletion(completion);
    expect(subscriber.events).toEqual([1, null, "complete"]);
    expect(cancel).not.toHaveBeenCalled();
  });

  test("get the server's error", () => {
    const { stream } = setUp();
    const subscriber = recorder();
    stream.subscribe(subscriber);
    stream.onCompletion({ ...completion, error: "bad" });
    expect(subscriber.events).toEqual([new HubError("bad")]);
  });

  test("get the error of a lost connection, and then nothing more", () => {
    const { stream } = setUp();
    const subscriber = recorder();
    stream.subscribe(subscriber);
    const error = new Error("lost");
    stream.onFailed(error);
    stream.onItem(1);
    stream.onCompletion(completion);
    stream.onFailed(new Error("again"));
    expect(subscriber.events).toEqual([error]);
  });

  test("the first gets what came before it, the end included", () => {
    const { stream } = setUp();
    stream.onItem(1);
    stream.onItem(2);
    const first = recorder();
    stream.subscribe(first);
    stream.onItem(3);
    const second = recorder();
    stream.subscribe(second);
    stream.onItem(4);
    stream.onCompletion(completion);
    const late = recorder();
    stream.subscribe(late);
    expect(first.events).toEqual([1, 2, 3, 4, "complete"]);
    expect(second.events).toEqual([4, "complete"]);
    expect(late.events).toEqual(["complete"]);
  });

  test("one that comes after everything gets it all", () => {
    const { stream } = setUp();
    stream.onItem(1);
    stream.onCompletion({ ...completion, error: "bad" });
    const subscriber = recorder();
    stream.subscribe(subscriber);
    expect(subscriber.events).toEqual([1, new HubError("bad")]);
  });

  test("hear of the end once, behind the items, even if it comes while they are handed over", () => {
    const { stream } = setUp();
    stream.onItem(1);
    stream.onItem(2);
    const subscriber = recorder();
    stream.subscribe({
      ...subscriber,
      next: (item) => {
        subscriber.next(item);
        stream.onFailed(new Error("stopped"));
      },
    });
    expect(subscriber.events).toEqual([1, 2, new Error("stopped")]);
  });

  test("one that throws is logged and harms nobody", () => {
    const { stream, logged } = setUp();
    const throwing = () => {
      throw new Error("mine");
    };
    stream.onItem(0);
    stream.subscribe({ next: throwing, error: throwing, complete: throwing });
    const other = recorder();
    stream.subscribe(other);
    stream.onItem(1);
    stream.onCompletion(completion);
    expect(other.events).toEqual([1, "complete"]);
    expect(logged).toHaveLength(3);
    expect(logged.every((line) => line.includes("mine"))).toBe(true);
  });

  test("may lack error and complete, as with the official client", () => {
    const { stream, logged } = setUp();
    stream.subscribe({ next: () => undefined } as unknown as StreamSubscriber<unknown>);
    stream.onCompletion({ ...completion, error: "bad" });
    expect(logged).toEqual([]);
  });

  test.each([undefined, null, {}, { next: 1 }])("%p is none", (value) => {
    const { stream } = setUp();
    expect(() => stream.subscribe(value as unknown as StreamSubscriber<unknown>)).toThrow(InvalidArgumentError);
    stream.onItem(1);
    const subscriber = recorder();
    stream.subscribe(subscriber);
    expect(subscriber.events).toEqual([1]);
  });
});

describe("disposing", () => {
  test("the last subscription cancels the call, once", () => {
    const { stream, cancel } = setUp();
    const [one, two] = [recorder(), recorder()];
    const [first, second] = [stream.subscribe(one), stream.subscribe(two)];
    first.dispose();
    first.dispose();
    expect(cancel).not.toHaveBeenCalled();
    stream.onItem(1);
    second.dispose();
    second.dispose();
    first.dispose();
    expect(cancel).toHaveBeenCalledTimes(1);
    stream.onItem(2);
    stream.onCompletion(completion);
    expect(one.events).toEqual([]);
    expect(two.events).toEqual([1]);
  });

  test("after the end cancels nothing (GAPS 13)", () => {
    const { stream, cancel } = setUp();
    const subscription = stream.subscribe(recorder());
    stream.onCompletion(completion);
    subscription.dispose();
    expect(cancel).not.toHaveBeenCalled();
  });

  test("inside next takes effect from the next item", () => {
    const { stream, cancel } = setUp();
    const subscriber = recorder();
    const subscription = stream.subscribe({
      ...subscriber,
      next: (item) => {
        subscriber.next(item);
        subscription.dispose();
      },
    });
    stream.onItem(1);
    stream.onItem(2);
    expect(subscriber.events).toEqual([1]);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  test("someone who subscribes to a cancelled stream gets its end", () => {
    const { stream } = setUp();
    stream.subscribe(recorder()).dispose();
    const late = recorder();
    stream.subscribe(late);
    expect(late.events).toEqual(["complete"]);
  });
});

describe("for await", () => {
  test("reads everything", async () => {
    const { stream, cancel } = setUp();
    stream.onItem(1);
    const reading = read(stream);
    stream.onItem(2);
    await Promise.resolve();
    stream.onItem(3);
    stream.onCompletion(completion);
    await expect(reading).resolves.toEqual([1, 2, 3]);
    expect(cancel).not.toHaveBeenCalled();
  });

  test("throws the error behind the items", async () => {
    const { stream } = setUp();
    stream.onItem(1);
    stream.onCompletion({ ...completion, error: "bad" });
    const items: unknown[] = [];
    const reading = (async () => {
      for await (const item of stream) items.push(item);
    })();
    await expect(reading).rejects.toEqual(new HubError("bad"));
    expect(items).toEqual([1]);
  });

  test("leaving cancels the call, once", async () => {
    const { stream, cancel } = setUp();
    stream.onItem(1);
    stream.onItem(2);
    for await (const item of stream) {
      expect(item).toBe(1);
      break;
    }
    expect(cancel).toHaveBeenCalledTimes(1);
    await expect(read(stream)).resolves.toEqual([]);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  test("leaving one of two loops cancels nothing", async () => {
    const { stream, cancel } = setUp();
    const reading = read(stream);
    const leaving = (async () => {
      for await (const _item of stream) break;
    })();
    stream.onItem(1);
    await leaving;
    expect(cancel).not.toHaveBeenCalled();
    stream.onItem(2);
    stream.onCompletion(completion);
    await expect(reading).resolves.toEqual([1, 2]);
  });

  test("leaving after the end cancels nothing", async () => {
    const { stream, cancel } = setUp();
    stream.onItem(1);
    stream.onItem(2);
    stream.onCompletion(completion);
    for await (const _item of stream) break;
    expect(cancel).not.toHaveBeenCalled();
  });
});

describe("the limits", () => {
  test("items that wait for a first reader", () => {
    const { stream, cancel } = setUp();
    for (let i = 0; i < STREAM_CAPACITY; i++) stream.onItem(i);
    expect(cancel).not.toHaveBeenCalled();
    stream.onItem("too much");
    stream.onItem("too much");
    expect(cancel).toHaveBeenCalledTimes(1);
    const subscriber = recorder();
    stream.subscribe(subscriber);
    expect(subscriber.events).toHaveLength(STREAM_CAPACITY + 1);
    expect(subscriber.events[STREAM_CAPACITY]).toBeInstanceOf(LimitError);
  });

  test("items that a loop leaves unread", async () => {
    const { stream, cancel } = setUp();
    const iterator = stream[Symbol.asyncIterator]();
    for (let i = 0; i < STREAM_CAPACITY; i++) stream.onItem(i);
    expect(cancel).not.toHaveBeenCalled();
    stream.onItem("too much");
    expect(cancel).toHaveBeenCalledTimes(1);
    await expect(iterator.next()).rejects.toBeInstanceOf(LimitError);
    await expect(iterator.next()).resolves.toEqual({ done: true, value: undefined });
    await expect(stream.ended).rejects.toBeInstanceOf(LimitError);
  });

  test("a slow loop does not stop a fast one", async () => {
    const { stream, cancel } = setUp();
    const slow = stream[Symbol.asyncIterator]();
    const fast = recorder();
    stream.subscribe(fast);
    for (let i = 0; i <= STREAM_CAPACITY; i++) stream.onItem(i);
    expect(cancel).not.toHaveBeenCalled();
    expect(fast.events).toHaveLength(STREAM_CAPACITY + 1);
    await expect(slow.next()).rejects.toBeInstanceOf(LimitError);
    stream.onCompletion(completion);
    await expect(stream.ended).resolves.toBeUndefined();
  });

  test("a loop may start with as many early items as are kept", async () => {
    const { stream } = setUp();
    for (let i = 0; i < STREAM_CAPACITY; i++) stream.onItem(i);
    stream.onCompletion(completion);
    await expect(read(stream)).resolves.toHaveLength(STREAM_CAPACITY);
  });
});

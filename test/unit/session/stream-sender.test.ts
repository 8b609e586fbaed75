/** One stream on its way to the peer: every kind of source, back-pressure, and every way to end. */
import { Deferred } from "../../../src/common/deferred.js";
import { WRITTEN } from "../../../src/session/message-writer.js";
import { StreamSender } from "../../../src/session/stream-sender.js";
import type { StreamSource, StreamSubscriber } from "../../../src/session/stream-source.js";
import { Subject } from "../../../src/session/subject.js";

function setUp() {
  const sent: unknown[] = [];
  const forget = jest.fn();
  const target = {
    sendItem: (id: string, item: unknown): Promise<void> => {
      sent.push([id, item]);
      return WRITTEN;
    },
    sendEnd: (id: string, error: { readonly thrown: unknown } | undefined) => void sent.push([id, "end", error]),
    forget,
  };
  return { sent, target, forget, sender: new StreamSender("7", target) };
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** An iterator that a test answers by hand. */
class HandFed implements AsyncIterable<unknown>, AsyncIterator<unknown> {
  readonly asked: Deferred<IteratorResult<unknown>>[] = [];
  readonly return = jest.fn(() => Promise.resolve({ done: true as const, value: undefined }));

  next(): Promise<IteratorResult<unknown>> {
    const answer = new Deferred<IteratorResult<unknown>>();
    this.asked.push(answer);
    return answer.promise;
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return this;
  }
}

const throwing = (): never => {
  throw new Error("mine");
};

describe("all kinds of sources", () => {
  async function* generate() {
    yield 1;
    yield 2;
  }
  const observable = (observer: StreamSubscriber<unknown>) => {
    observer.next(1);
    observer.next(2);
    observer.complete();
  };
  const subject = () => {
    const early = new Subject<unknown>();
    observable(early);
    return early;
  };
  const stream = () =>
    new ReadableStream<unknown>({
      start(controller) {
        controller.enqueue(1);
        controller.enqueue(2);
        controller.close();
      },
    });

  test.each<[string, StreamSource<unknown>]>([
    ["a Subject", subject()],
    ["an observable that pushes at once", { subscribe: observable }],
    ["an async generator", generate()],
    ["an async iterable", { [Symbol.asyncIterator]: generate }],
    ["a ReadableStream", stream()],
  ])("%s", async (_what, source) => {
    const { sender, sent, forget } = setUp();
    sender.start(source);
    await settle();
    expect(sent).toEqual([
      ["7", 1],
      ["7", 2],
      ["7", "end", undefined],
    ]);
    expect(forget).toHaveBeenCalledTimes(1);
    expect(forget).toHaveBeenCalledWith(sender);
  });

  test("a Subject that goes on later", () => {
    const { sender, sent } = setUp();
    const source = new Subject<unknown>();
    sender.start(source);
    source.next("a");
    source.error("text");
    source.next("b");
    expect(sent).toEqual([
      ["7", "a"],
      ["7", "end", { thrown: "text" }],
    ]);
  });
});

describe("back-pressure", () => {
  test("a pulled source is asked for the next item once the last was taken", async () => {
    const { sender, target } = setUp();
    const taken = new Deferred<void>();
    target.sendItem = () => taken.promise;
    const source = new HandFed();
    sender.start(source);
    source.asked[0]?.resolve({ done: false, value: 1 });
    await settle();
    expect(source.asked).toHaveLength(1);
    taken.resolve();
    await settle();
    expect(source.asked).toHaveLength(2);
  });

  test("a pulled source that is stopped meanwhile is not asked again", async () => {
    const { sender, target, sent } = setUp();
    const taken = new Deferred<void>();
    target.sendItem = () => taken.promise;
    const source = new HandFed();
    sender.start(source);
    source.asked[0]?.resolve({ done: false, value: 1 });
    await settle();
    sender.stop();
    taken.resolve();
    await settle();
    expect(source.asked).toHaveLength(1);
    expect(source.return).toHaveBeenCalledTimes(1);
    expect(sent).toEqual([]);
  });

  test.each(["pulled", "pushed"])("an item that could not be delivered ends a %s stream", async (kind) => {
    const { sender, target, sent, forget } = setUp();
    const error = new Error("lost");
    target.sendItem = () => Promise.reject(error);
    const pulled = new HandFed();
    const pushed = new Subject<unknown>();
    sender.start(kind === "pulled" ? pulled : pushed);
    pulled.asked[0]?.resolve({ done: false, value: 1 });
    pushed.next(1);
    await settle();
    expect(sent).toEqual([["7", "end", { thrown: error }]]);
    expect(forget).toHaveBeenCalledTimes(1);
    expect(pulled.return).toHaveBeenCalledTimes(kind === "pulled" ? 1 : 0);
  });
});

describe("an item that cannot be encoded", () => {
  test("ends a pulled stream and releases the source", async () => {
    const { sender, target, sent } = setUp();
    target.sendItem = throwing;
    const source = new HandFed();
    sender.start(source);
    source.asked[0]?.resolve({ done: false, value: 1n });
    await settle();
    expect(sent).toEqual([["7", "end", { thrown: new Error("mine") }]]);
    expect(source.return).toHaveBeenCalledTimes(1);
  });

  test("ends a pushed stream and releases the source, even while it is being subscribed to", () => {
    const { sender, target, sent } = setUp();
    target.sendItem = throwing;
    const dispose = jest.fn();
    sender.start({
      subscribe(subscriber) {
        subscriber.next(1n);
        subscriber.next(2);
        subscriber.complete();
        return { dispose };
      },
    });
    expect(sent).toEqual([["7", "end", { thrown: new Error("mine") }]]);
    expect(dispose).toHaveBeenCalledTimes(1);
  });
});

describe("stop", () => {
  test("releases a pulled source and tells the peer nothing", async () => {
    const { sender, sent, forget } = setUp();
    const source = new HandFed();
    sender.start(source);
    sender.stop();
    sender.stop();
    expect(source.return).toHaveBeenCalledTimes(1);
    expect(forget).toHaveBeenCalledTimes(1);
    source.asked[0]?.resolve({ done: false, value: 1 });
    await settle();
    expect(sent).toEqual([]);
    expect(source.asked).toHaveLength(1);
  });

  test("whatever the source answers after it means nothing", async () => {
    for (const answer of [
      (source: HandFed) => source.asked[0]?.resolve({ done: true, value: undefined }),
      (source: HandFed) => source.asked[0]?.reject(new Error("late")),
    ]) {
      const { sender, sent, forget } = setUp();
      const source = new HandFed();
      sender.start(source);
      sender.stop();
      answer(source);
      await settle();
      expect(sent).toEqual([]);
      expect(forget).toHaveBeenCalledTimes(1);
    }
  });

  test("unsubscribes from a pushed source; what it still pushes is ignored", () => {
    const { sender, sent } = setUp();
    const unsubscribe = jest.fn();
    let subscriber: StreamSubscriber<unknown> | undefined;
    sender.start({
      subscribe(given) {
        subscriber = given;
        return { unsubscribe };
      },
    });
    sender.stop();
    expect(unsubscribe).toHaveBeenCalledTimes(1);
    subscriber?.next(1);
    subscriber?.error(new Error("late"));
    subscriber?.complete();
    expect(sent).toEqual([]);
  });

  test("runs a generator's finally", async () => {
    const { sender } = setUp();
    const released = jest.fn();
    const gate = new Deferred<void>();
    sender.start(
      (async function* () {
        try {
          await gate.promise;
          yield 1;
        } finally {
          released();
        }
      })(),
    );
    sender.stop();
    gate.resolve();
    await settle();
    expect(released).toHaveBeenCalledTimes(1);
  });

  test("cancels a ReadableStream", async () => {
    const { sender } = setUp();
    const cancel = jest.fn();
    sender.start(new ReadableStream({ cancel }));
    await settle();
    sender.stop();
    await settle();
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  test("inside the source's own subscribe still releases it", () => {
    const { sender, sent } = setUp();
    const dispose = jest.fn();
    sender.start({
      subscribe() {
        sender.stop();
        return { dispose };
      },
    });
    expect(dispose).toHaveBeenCalledTimes(1);
    expect(sent).toEqual([]);
  });
});

describe("a source that throws", () => {
  async function* failing() {
    yield await Promise.reject<number>(new Error("mine"));
  }
  const failure = [["7", "end", { thrown: new Error("mine") }]];

  test.each<[string, StreamSource<unknown>]>([
    ["in subscribe", { subscribe: throwing }],
    ["when it is iterated over", { [Symbol.asyncIterator]: throwing }],
    ["in next", { [Symbol.asyncIterator]: () => ({ next: throwing }) }],
    ["in next, as a rejection", { [Symbol.asyncIterator]: () => ({ next: async () => throwing() }) }],
    ["in a generator", failing()],
    ["as a failed ReadableStream", new ReadableStream({ start: (c) => c.error(new Error("mine")) })],
  ])("%s ends its stream with the error", async (_what, source) => {
    const { sender, sent, forget } = setUp();
    expect(() => sender.start(source)).not.toThrow();
    await settle();
    expect(sent).toEqual(failure);
    expect(forget).toHaveBeenCalledTimes(1);
  });

  test("no iterator at all, no result at all", async () => {
    const odd = [
      { [Symbol.asyncIterator]: () => undefined },
      { [Symbol.asyncIterator]: () => ({ next: () => undefined }) },
      { [Symbol.asyncIterator]: () => ({}) },
    ];
    for (const source of odd) {
      const { sender, sent } = setUp();
      sender.start(source as unknown as AsyncIterable<unknown>);
      await settle();
      expect(sent).toEqual([["7", "end", { thrown: expect.any(TypeError) }]]);
    }
  });

  test.each<[string, () => unknown]>([
    ["throws", throwing],
    ["rejects", () => Promise.reject(new Error("mine"))],
    ["gives no promise", () => undefined],
  ])("a return that %s harms nobody", async (_what, giveUp) => {
    const { sender, sent } = setUp();
    const source = new HandFed();
    source.return.mockImplementation(giveUp as () => Promise<{ done: true; value: undefined }>);
    sender.start(source);
    expect(() => sender.stop()).not.toThrow();
    await settle();
    expect(sent).toEqual([]);
  });

  test("a dispose that throws harms nobody", () => {
    const { sender } = setUp();
    sender.start({ subscribe: () => ({ dispose: throwing }) });
    expect(() => sender.stop()).not.toThrow();
  });

  test("an iterator without return is fine", () => {
    const { sender } = setUp();
    sender.start({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) });
    expect(() => sender.stop()).not.toThrow();
  });
});

/** Every way in which a stream to the peer ends. */
import { Deferred } from "../../../src/common/deferred.js";
import type { StreamSource, StreamSubscriber } from "../../../src/session/stream-source.js";
import { setUp, settle, HandFed, throwing } from "./sent-stream.js";

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

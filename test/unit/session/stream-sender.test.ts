/** One stream on its way to the peer: every kind of source, and back-pressure. */
import { Deferred } from "../../../src/common/deferred.js";
import type { StreamSource, StreamSubscriber } from "../../../src/session/stream-source.js";
import { Subject } from "../../../src/session/subject.js";
import { setUp, settle, HandFed, throwing } from "./sent-stream.js";

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

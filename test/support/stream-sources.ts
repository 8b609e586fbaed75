/** Sources of every kind that an application may stream to a hub; the tests of uploads hand them over. */
import { Subject } from "../../src/index.js";
import { nextTurn } from "./witness.js";

/** The shape of an RxJS observable: `subscribe` gives an object with `unsubscribe`. */
interface ObservableLike<T> {
  subscribe(observer: { next(item: T): void; complete(): void }): { unsubscribe(): void };
}

/** An async generator that gives these items. */
export async function* generate<T>(...items: T[]): AsyncGenerator<T> {
  for (const item of items) {
    await Promise.resolve();
    yield item;
  }
}

/** A `ReadableStream` with these items. */
export function readable<T>(...items: T[]): ReadableStream<T> {
  return new ReadableStream({
    start(controller) {
      for (const item of items) controller.enqueue(item);
      controller.close();
    },
  });
}

/** An observable that emits these items unless nobody listens any more. */
export function observable<T>(...items: T[]): ObservableLike<T> {
  return {
    subscribe(observer) {
      let isOver = false;
      void (async () => {
        for (const item of items) {
          await Promise.resolve();
          if (isOver) return;
          observer.next(item);
        }
        observer.complete();
      })();
      return { unsubscribe: () => void (isOver = true) };
    },
  };
}

/** A `Subject` that holds these items and is complete. */
export function filled<T>(...items: T[]): Subject<T> {
  const subject = new Subject<T>();
  for (const item of items) subject.next(item);
  subject.complete();
  return subject;
}

/** An async generator that never ends. @param whenReleased Called when nobody reads it any more. */
export async function* endless(whenReleased: () => void = () => undefined): AsyncGenerator<number> {
  try {
    for (;;) {
      yield 1;
      await nextTurn();
    }
  } finally {
    whenReleased();
  }
}

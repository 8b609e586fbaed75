/** The official push source, and what it adds: a buffer for early items and an end that stays (GAPS 15). */
import { LimitError } from "../../../src/errors/call-errors.js";
import type { StreamSubscriber } from "../../../src/session/stream-source.js";
import { Subject } from "../../../src/session/subject.js";

function recorder() {
  const events: unknown[] = [];
  return {
    events,
    next: (item: unknown) => void events.push(item),
    error: (error: unknown) => void events.push(["error", error]),
    complete: () => void events.push("complete"),
  };
}

test("every subscriber gets every item and the end", () => {
  const subject = new Subject<number>();
  const subscribers = [recorder(), recorder()];
  for (const subscriber of subscribers) subject.subscribe(subscriber);
  subject.next(1);
  subject.next(2);
  subject.complete();
  for (const { events } of subscribers) expect(events).toEqual([1, 2, "complete"]);
});

test("an error is passed on as it is, even undefined", () => {
  for (const error of [new Error("bad"), "text", undefined]) {
    const subject = new Subject<number>();
    const subscriber = recorder();
    subject.subscribe(subscriber);
    subject.error(error);
    expect(subscriber.events).toEqual([["error", error]]);
  }
});

test("after the end nothing follows", () => {
  const subject = new Subject<number>();
  const subscriber = recorder();
  subject.subscribe(subscriber);
  subject.complete();
  subject.next(1);
  subject.error(new Error("late"));
  subject.complete();
  expect(subscriber.events).toEqual(["complete"]);
});

describe("what comes before the first subscriber", () => {
  test("is kept for it, the end included", () => {
    const subject = new Subject<number>();
    subject.next(1);
    subject.next(2);
    subject.complete();
    subject.next(3);
    const first = recorder();
    subject.subscribe(first);
    expect(first.events).toEqual([1, 2, "complete"]);
    const second = recorder();
    subject.subscribe(second);
    expect(second.events).toEqual(["complete"]);
  });

  test("has a limit", () => {
    const subject = new Subject<number>();
    for (let i = 0; i < 10_000; i++) subject.next(i);
    expect(() => subject.next(10_000)).toThrow(LimitError);
    const subscriber = recorder();
    subject.subscribe(subscriber);
    subject.next(1);
    expect(subscriber.events).toHaveLength(10_001);
  });

  test("stays in front of what is pushed while it is handed over", () => {
    const subject = new Subject<number>();
    subject.next(1);
    subject.next(2);
    const subscriber = recorder();
    subject.subscribe({
      ...subscriber,
      next: (item) => {
        subscriber.next(item);
        if (item === 1) {
          subject.next(3);
          subject.complete();
        }
      },
    });
    expect(subscriber.events).toEqual([1, 2, 3, "complete"]);
  });
});

test("a later subscriber gets what comes from then on", () => {
  const subject = new Subject<number>();
  subject.subscribe(recorder());
  subject.next(1);
  const late = recorder();
  subject.subscribe(late);
  subject.next(2);
  expect(late.events).toEqual([2]);
});

test("a disposed subscription gets nothing more; disposing again does nothing", () => {
  const subject = new Subject<number>();
  const [one, two] = [recorder(), recorder()];
  const subscription = subject.subscribe(one);
  subject.subscribe(two);
  subject.next(1);
  subscription.dispose();
  subscription.dispose();
  subject.next(2);
  subject.complete();
  expect(one.events).toEqual([1]);
  expect(two.events).toEqual([1, 2, "complete"]);
});

test("subscribing and disposing while an item is passed on takes effect from the next", () => {
  const subject = new Subject<number>();
  const added = recorder();
  const one = recorder();
  const subscription = subject.subscribe({
    ...one,
    next: (item) => {
      one.next(item);
      subscription.dispose();
      subject.subscribe(added);
    },
  });
  subject.next(1);
  subject.next(2);
  expect(one.events).toEqual([1]);
  expect(added.events).toEqual([2]);
});

test("a throwing subscriber does not keep the item from the others; whoever pushes learns of it", () => {
  const subject = new Subject<number>();
  const error = new Error("mine");
  const throwing = () => {
    throw error;
  };
  subject.subscribe({ next: throwing, error: throwing, complete: throwing });
  const other = recorder();
  subject.subscribe(other);
  expect(() => subject.next(1)).toThrow(error);
  expect(() => subject.complete()).toThrow(error);
  expect(other.events).toEqual([1, "complete"]);
});

test("a subscriber may lack error and complete, as with the official client", () => {
  const next = jest.fn();
  const partial = { next } as unknown as StreamSubscriber<number>;
  const completed = new Subject<number>();
  completed.subscribe(partial);
  completed.next(1);
  expect(() => completed.complete()).not.toThrow();
  const failed = new Subject<number>();
  failed.subscribe(partial);
  expect(() => failed.error(new Error("bad"))).not.toThrow();
  expect(next).toHaveBeenCalledTimes(1);
});

test.each([undefined, null, {}, { next: 1 }, () => undefined])("%p is no subscriber", (value) => {
  expect(() => new Subject().subscribe(value as unknown as StreamSubscriber<unknown>)).toThrow(
    expect.objectContaining({ code: "invalid-argument" }),
  );
});

/** Which arguments are streams, and how each kind is read and released. */
import { isStreamSource, iterate, unsubscribe, type StreamSource } from "../../../src/session/stream-source.js";
import { Subject } from "../../../src/session/subject.js";

async function* generate(): AsyncGenerator<number> {
  yield 1;
}

function readable(items: readonly unknown[], cancel = jest.fn()): ReadableStream<unknown> {
  return new ReadableStream({
    start(controller) {
      for (const item of items) controller.enqueue(item);
      controller.close();
    },
    cancel,
  });
}

/** A stream as browsers have it that cannot iterate over streams. */
function getReaderOnly(stream: ReadableStream<unknown>): Pick<ReadableStream<unknown>, "getReader"> {
  return { getReader: stream.getReader.bind(stream) };
}

describe("isStreamSource", () => {
  test.each([
    ["a Subject", new Subject()],
    ["anything with subscribe", { subscribe() {} }],
    ["an async generator", generate()],
    ["an async iterable", { [Symbol.asyncIterator]: generate }],
    ["a ReadableStream", readable([])],
    ["a ReadableStream that cannot be iterated over", getReaderOnly(readable([]))],
  ])("%s is", (_what, value) => {
    expect(isStreamSource(value)).toBe(true);
  });

  test.each([
    ["undefined", undefined],
    ["null", null],
    ["a string", "text"],
    ["an array", [1]],
    ["a Map", new Map()],
    ["bytes", new Uint8Array(1)],
    ["a generator", (function* () {})()],
    ["an async function", generate],
    ["data that is named so", { subscribe: true, getReader: "me", [Symbol.asyncIterator]: 1 }],
    ["a promise", Promise.resolve()],
  ])("%s is not", (_what, value) => {
    expect(isStreamSource(value)).toBe(false);
  });
});

describe("iterate", () => {
  async function drain(source: Parameters<typeof iterate>[0]): Promise<unknown[]> {
    const iterator = iterate(source);
    const items: unknown[] = [];
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) items.push(next.value);
    return items;
  }

  test("reads all kinds", async () => {
    await expect(drain(generate())).resolves.toEqual([1]);
    await expect(drain(readable([1, undefined, null]))).resolves.toEqual([1, undefined, null]);
    await expect(drain(getReaderOnly(readable([1, undefined, null])))).resolves.toEqual([1, undefined, null]);
  });

  test("return cancels a stream that is read by hand", async () => {
    const cancel = jest.fn();
    const stream = new ReadableStream({ cancel });
    const iterator = iterate(getReaderOnly(stream));
    const next = iterator.next();
    await expect(iterator.return?.()).resolves.toEqual({ done: true, value: undefined });
    await expect(next).resolves.toEqual({ done: true, value: undefined });
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  test("a stream's error is thrown", async () => {
    const failing = new ReadableStream({ start: (controller) => controller.error(new Error("bad")) });
    await expect(drain(getReaderOnly(failing))).rejects.toThrow("bad");
  });

  test("a stream that somebody else reads cannot be read", () => {
    const stream = readable([]);
    stream.getReader();
    expect(() => iterate(getReaderOnly(stream))).toThrow(/locked/);
  });
});

describe("unsubscribe", () => {
  test("calls what the library calls it, as a method", () => {
    const calls: unknown[] = [];
    const subscription = (name: string) => ({
      [name](this: unknown) {
        calls.push(this);
      },
    });
    const [official, rx] = [subscription("dispose"), subscription("unsubscribe")];
    unsubscribe(official);
    unsubscribe(rx);
    expect(calls).toEqual([official, rx]);
    const teardown = jest.fn();
    unsubscribe(teardown);
    expect(teardown).toHaveBeenCalledTimes(1);
  });

  test("prefers dispose, and calls one only", () => {
    const both = { dispose: jest.fn(), unsubscribe: jest.fn() };
    unsubscribe(both);
    expect(both.dispose).toHaveBeenCalledTimes(1);
    expect(both.unsubscribe).not.toHaveBeenCalled();
  });

  test.each([undefined, null, 1, "text", {}, { dispose: 1, unsubscribe: "x" }])("%p has nothing to call", (value) => {
    expect(() => unsubscribe(value)).not.toThrow();
  });
});

test("the types allow what can be uploaded", () => {
  const sources: StreamSource<number>[] = [new Subject<number>(), generate()];
  expect(sources.every(isStreamSource)).toBe(true);
});

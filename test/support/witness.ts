/** What tests hold on to: calls that arrive, streams as lists, failures, and things that happen in due course. */
import { types } from "node:util";

/** Anything that `on` can be called on; typed connections too. */
interface Listening {
  on(method: string, handler: (...args: unknown[]) => void): unknown;
}

/** The calls of a client method, in the order in which they come. */
export class Calls {
  /** All so far; each is a list of arguments. */
  readonly all: unknown[][] = [];
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  /** Listens from now on. */
  constructor(connection: Listening, method: string) {
    connection.on(method, (...args) => {
      this.all.push(args);
      for (const { count, resolve } of this.#waiting) if (this.all.length >= count) resolve();
      this.#waiting = this.#waiting.filter(({ count }) => this.all.length < count);
    });
  }

  /** The first arguments of all calls. */
  get firsts(): unknown[] {
    return this.all.map(([first]) => first);
  }

  /** Waits until there were so many. */
  async until(count: number): Promise<unknown[][]> {
    if (this.all.length < count) await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
    return this.all;
  }
}

/** All items of a stream. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** What a promise rejects with; fails the test when it fulfils. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  let value: unknown;
  try {
    value = await promise;
  } catch (thrown) {
    // Not by its class: errors of Node's own fetch come from another realm than the tests.
    expect(types.isNativeError(thrown)).toBe(true);
    return thrown as Error & { readonly code?: string };
  }
  throw new Error(`expected a failure, but got ${JSON.stringify(value)}`);
}

/** What a promise rejects with; `{ value }`, which is no error, when it fulfils. Never rejects, so a test may wait for it late. */
export function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => ({ value }),
    (thrown: unknown) => thrown,
  );
}

/** The next argument that a callback is called with; register before it can happen. */
export function nextCall<T>(register: (callback: (argument?: T) => void) => unknown): Promise<T | undefined> {
  return new Promise((resolve) => register((argument) => resolve(argument)));
}

/** Lets the event loop go round once. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits for something that nobody announces, turn by turn of the event loop; the test's own timeout ends it. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

/** The numbers from 0 up. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Waits until a number that grew has stopped growing: the same for 200 turns of the event loop and 100 ms. */
export async function settled(read: () => number): Promise<void> {
  let value = read();
  for (let turns = 0, since = performance.now(); turns < 200 || performance.now() - since < 100; turns++) {
    await nextTurn();
    if (value === read() && value > 0) continue;
    value = read();
    turns = 0;
    since = performance.now();
  }
}
